import type { ShipmentStatus } from './vocabulary.ts'

/** Times that others tell, as far as their clocks are believed; and which word of a parcel is the newest. */

/** How far ahead of ours the clock of others may be, in ms. */
export const clockSkewMs = 5 * 60_000

const isAhead = (at: string, now: string): boolean => Date.parse(at) > Date.parse(now) + clockSkewMs

/** When others say that something happened: from further in the future than clocks differ, it counts as of now. ISO 8601. */
export const believed = (at: string, now: string): string => (isAhead(at, now) ? now : at)

/** A parcel's whereabouts, since when. `at`: ISO 8601; none: as its order was placed with it, older than any news. */
export interface ParcelWord {
  readonly status: ShipmentStatus
  readonly at?: string | null
}

/** The way of a parcel, there and back. At one moment it is where it has come farthest. */
const way: readonly ShipmentStatus[] = [
  ...(['label-created', 'handed-over', 'in-transit', 'out-for-delivery', 'delivered'] as const),
  ...(['returning', 'lost', 'returned'] as const),
]

/**
 * Whether a word of a parcel is news: not older than what is known of it. So what is known in the end is the same in whichever order
 * words arrive, and however often. A date in the future that was kept before it was bounded (`now` tells) holds up nothing.
 */
export const isNews = (known: ParcelWord, word: ParcelWord & { readonly at: string }, now: string): boolean => {
  if (known.at === undefined || known.at === null || isAhead(known.at, now)) return true
  const later = Date.parse(word.at) - Date.parse(known.at)
  return later === 0 ? way.indexOf(word.status) >= way.indexOf(known.status) : later > 0
}

/** The moment of a change that is known to come after what is known, whosever clock told that. ISO 8601. */
export const atLeastAfter = (known: ParcelWord, at: string): string => {
  const earliest = typeof known.at === 'string' ? Date.parse(known.at) + 1 : Number.NEGATIVE_INFINITY
  return Date.parse(at) >= earliest ? at : new Date(earliest).toISOString()
}
