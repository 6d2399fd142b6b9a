import { requestsTold } from '@countermand/order/store/facts.ts'
import { type Told, toldOf } from '@countermand/service/facts.ts'
import { type Databases, inEach } from '../reach/databases.ts'

/** One thing that happened, by its contract's name. */
export interface TimelineEntry extends Omit<Told, 'kind'> {
  readonly service: string
  readonly kind: Told['kind'] | 'run' | 'activity' | 'signal' | 'update'
}

const rank = {
  request: 0,
  run: 1,
  signal: 1,
  update: 1,
  activity: 2,
  command: 3,
  event: 4,
  'dead-letter': 4,
  answer: 5,
} as const

/** Oldest first; of one moment, what asks before what answers. */
export const inOrder = (entries: readonly TimelineEntry[]): TimelineEntry[] =>
  entries.toSorted((a, b) => a.at.localeCompare(b.at) || rank[a.kind] - rank[b.kind])

const isAbout = (entry: TimelineEntry, requestIds: readonly string[]): boolean =>
  entry.requestId === null || requestIds.includes(entry.requestId)

/** Joins what the four services keep of these requests of an order, oldest first. Their clocks are taken as they are. */
export const timelineOf = async (
  databases: Databases,
  orderId: string,
  requestIds: readonly string[],
): Promise<TimelineEntry[]> => {
  const [asked, told] = await Promise.all([
    requestsTold(databases.order, requestIds),
    inEach(databases, async (database, service) => {
      const entries = await toldOf(database, orderId, requestIds)
      return entries.map((each): TimelineEntry => ({ ...each, service }))
    }),
  ])
  const entries = [...told, ...asked.map((each): TimelineEntry => ({ ...each, service: 'order' }))]
  return inOrder(entries.filter((entry) => isAbout(entry, requestIds)))
}
