/** What becomes of one try to deliver, and of its endpoint. Times are ms since the epoch. */

/** Of the tries after the first, as the guide of Standard Webhooks has them: three days and four hours in all. */
const [second, minute, hour] = [1_000, 60_000, 3_600_000]
export const waits: readonly number[] = [
  ...[5 * second, 5 * minute, 30 * minute, 2 * hour, 5 * hour, 10 * hour, 14 * hour, 20 * hour, 24 * hour],
]

/** An endpoint at which nothing arrives for so long is called no more. */
export const disabledAfterMs = 5 * 24 * hour

export type Try =
  | { readonly status: number }
  /** Nobody answered. In words that may be shown to whose endpoint it is. */
  | { readonly status?: undefined; readonly error: string }

export type Outcome =
  | { readonly state: 'delivered' }
  | { readonly state: 'given-up' }
  | { readonly state: 'waiting'; readonly dueAt: number }

export const hasArrived = ({ status }: Try): boolean => status !== undefined && status >= 200 && status < 300

/** `attempts`: this one counted. `chance`: from 0 to 1, so that what failed together does not come back together. */
export const outcomeOf = (tried: Try, attempts: number, now: number, chance: number): Outcome => {
  if (hasArrived(tried)) return { state: 'delivered' }
  const wait = waits[attempts - 1]
  return wait === undefined ? { state: 'given-up' } : { state: 'waiting', dueAt: now + wait * (0.9 + 0.2 * chance) }
}

/** Why an endpoint is called no more; `undefined`: it goes on. */
export const disabledBecause = (tried: Try, failingSince: number | undefined, now: number): string | undefined => {
  if (hasArrived(tried)) return undefined
  if (tried.status === 410) return 'it answered 410: it is gone'
  if (failingSince === undefined || now - failingSince < disabledAfterMs) return undefined
  return `nothing has arrived since ${new Date(failingSince).toISOString()}`
}
