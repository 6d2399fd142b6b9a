/** How a payment of the stand-in behaves is in its id, as the vendor's test cards do it: `pi_late_300_x1`. An id that says nothing is unknown. */
export interface Behaviour {
  /** Held, and not taken; `part`: taken in part. */
  readonly held?: true
  /** What each refund says until `after` ms have passed, and from then on; absent: it stays so. */
  readonly first: RefundStatus
  readonly later?: { readonly after: number; readonly status: RefundStatus }
  /** The code of the error that is the answer to every refund. */
  readonly error?: string
  /** So many requests are turned away before anything, or are done and lose their answer. */
  readonly flaky?: number
  readonly lost?: number
}

export type RefundStatus = 'pending' | 'no-funds' | 'requires_action' | 'succeeded' | 'failed' | 'canceled'

const behaviours: readonly (readonly [RegExp, (ms: number) => Behaviour])[] = [
  [/^ok/, () => ({ first: 'succeeded' })],
  [/^held/, () => ({ held: true, first: 'succeeded' })],
  [/^late_(\d+)/, (after) => ({ first: 'pending', later: { after, status: 'succeeded' } })],
  [/^funds_(\d+)/, (after) => ({ first: 'no-funds', later: { after, status: 'succeeded' } })],
  [/^latefail_(\d+)/, (after) => ({ first: 'pending', later: { after, status: 'failed' } })],
  [/^reverse_(\d+)/, (after) => ({ first: 'succeeded', later: { after, status: 'failed' } })],
  [/^action/, () => ({ first: 'requires_action' })],
  [/^fail/, () => ({ first: 'failed' })],
  [/^disputed/, () => ({ first: 'succeeded', error: 'charge_disputed' })],
  [/^unrefundable/, () => ({ first: 'succeeded', error: 'charge_not_refundable' })],
  [/^poor/, () => ({ first: 'succeeded', error: 'balance_insufficient' })],
  [/^flaky_(\d+)/, (flaky) => ({ first: 'succeeded', flaky })],
  [/^lost_(\d+)/, (lost) => ({ first: 'succeeded', lost })],
]

/** What is asked for of `pi_…` and its charge `ch_…`; absent: there is no such payment. */
export const behaviourOf = (reference: string): Behaviour | undefined => {
  const name = /^(?:pi|ch)_(.+)$/.exec(reference)?.[1] ?? ''
  for (const [pattern, behave] of behaviours) {
    const found = pattern.exec(name)
    if (found !== null) return behave(Number(found[1] ?? 0))
  }
  return undefined
}
