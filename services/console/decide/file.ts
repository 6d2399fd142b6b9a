import type { DoneDeed } from '../state.ts'
import type { StoryEntry } from './story.ts'

/** All that is kept about one order, for those who look after it: what was told, and what was done and written here. */

/** What is kept here beside the story. */
export interface Beside {
  /** ISO 8601. */
  readonly at: string
  readonly type: 'statement' | 'confirmed' | 'closed' | 'mail' | 'webhook' | 'link' | 'feedback'
  readonly requestId?: string | undefined
  readonly data: Readonly<Record<string, unknown>>
}

export interface WrittenDeed extends DoneDeed {
  /** ISO 8601. */
  readonly at: string
}

export interface Kept {
  readonly deeds: readonly WrittenDeed[]
  readonly beside: readonly Beside[]
}

export type FileEntry = StoryEntry | Beside

export interface DeedEntry {
  readonly at: string
  readonly deed: WrittenDeed
}

const sentBy: Readonly<Record<string, readonly DoneDeed['deed'][]>> = {
  'order.cancel.requested.v1': ['cancel', 'match'],
  'order.cancel.decided.v1': ['approve', 'reject'],
  'order.cancel.withdrawn.v1': ['withdraw'],
}

/** By the time at which each happened, the oldest first. What a deed has sent is told by the deed, which says whose it was. */
export const fileOf = (story: readonly StoryEntry[], { deeds, beside }: Kept): (FileEntry | DeedEntry)[] => {
  const isTold = ({ type, requestId }: StoryEntry) =>
    deeds.some((each) => each.came === 'sent' && each.requestId === requestId && sentBy[type]?.includes(each.deed))
  const others = story.filter((entry) => !isTold(entry))
  return [...others, ...beside, ...deeds.map((deed): DeedEntry => ({ at: deed.at, deed }))].toSorted(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  )
}
