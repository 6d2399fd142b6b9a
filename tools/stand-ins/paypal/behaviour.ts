/**
 * How a payment of the stand-in behaves is in its id, which has capital letters and digits alone, as the vendor's have: `LATE300X1`. An id
 * that says nothing is unknown.
 */
export interface Behaviour {
  /** An authorization, not taken. */
  readonly held?: true
  /** What each refund says until `after` ms have passed, and from then on; absent: it stays so. */
  readonly first: RefundStatus
  readonly later?: { readonly after: number; readonly status: RefundStatus }
  /** The issue that is the answer to every refund. */
  readonly issue?: string
  /** So many requests are turned away before anything, or are done and lose their answer. */
  readonly flaky?: number
  readonly lost?: number
}

export const refundStatuses = ['PENDING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const
export type RefundStatus = (typeof refundStatuses)[number]

const behaviours: readonly (readonly [RegExp, (ms: number) => Behaviour])[] = [
  [/^OK/, () => ({ first: 'COMPLETED' })],
  [/^HELD/, () => ({ held: true, first: 'COMPLETED' })],
  [/^LATE(\d+)X/, (after) => ({ first: 'PENDING', later: { after, status: 'COMPLETED' } })],
  [/^LATEFAIL(\d+)X/, (after) => ({ first: 'PENDING', later: { after, status: 'FAILED' } })],
  [/^REVERSE(\d+)X/, (after) => ({ first: 'COMPLETED', later: { after, status: 'CANCELLED' } })],
  [/^FAIL/, () => ({ first: 'FAILED' })],
  [/^DISPUTED/, () => ({ first: 'COMPLETED', issue: 'TRANSACTION_DISPUTED' })],
  [/^UNREFUNDABLE/, () => ({ first: 'COMPLETED', issue: 'REFUND_NOT_ALLOWED' })],
  [/^POOR/, () => ({ first: 'COMPLETED', issue: 'REFUND_FAILED_INSUFFICIENT_FUNDS' })],
  [/^ECHECK/, () => ({ first: 'COMPLETED', issue: 'PENDING_CAPTURE' })],
  [/^FLAKY(\d+)X/, (flaky) => ({ first: 'COMPLETED', flaky })],
  [/^LOST(\d+)X/, (lost) => ({ first: 'COMPLETED', lost })],
]

/** What is asked for of a payment; absent: there is no such payment. */
export const behaviourOf = (id: string): Behaviour | undefined => {
  for (const [pattern, behave] of behaviours) {
    const found = pattern.exec(id)
    if (found !== null) return behave(Number(found[1] ?? 0))
  }
  return undefined
}
