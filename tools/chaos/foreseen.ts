import type { AttentionReason, SagaOutcome } from '@countermand/contracts'
import { isAtProviders } from './at-providers.ts'
import type { RandomOrder } from './random-orders.ts'

/** How a request may end, whatever breaks meanwhile. */
export interface Foreseen {
  readonly outcomes: ReadonlySet<SagaOutcome>
  /** What may need a person, by what the sandbox was told to do. No fault of a machine is a reason. */
  readonly attention: ReadonlySet<AttentionReason>
}

const calmRefs = ['pay_ok', 'pay_slow_', 'pay_flaky_', 'pay_lost_', 'other', 'collected']
const startsWithOne = (text: string, starts: readonly string[]): boolean =>
  starts.some((start) => text.startsWith(start))

/** Nothing about it can lead anywhere but to its cancellation: a merchant who says nothing agrees. */
const isCalm = (order: RandomOrder): boolean => {
  const { wish, requests, news } = order
  const { tenders = [], parcels = [], customerId } = wish
  const placedAt = new Date(wish.placedAt ?? Date.now()).getTime()
  return (
    !isAtProviders(order) &&
    requests.length === 1 &&
    requests.every(({ input }) => input === undefined) &&
    news.length === 0 &&
    customerId !== blockedCustomer &&
    placedAt > Date.now() - 86_400_000 &&
    tenders.every(({ ref }) => startsWithOne(ref, calmRefs)) &&
    parcels.every(({ number, status }) => number.startsWith('OK') && (status ?? 'label-created') === 'label-created')
  )
}

/** The customer whom `BLOCKED_CUSTOMERS` names. */
export const blockedCustomer = 'cus-13'

// Who settles by hand what a channel has the last word of later: what is owed still, or was paid twice, is told.
export const settledByHand: readonly AttentionReason[] = ['refund-refused-after-pivot', 'refunded-twice']
// Another tender of the order may be refunded already.
const reasonsByRef: readonly (readonly [string, readonly AttentionReason[]])[] = [
  ['pay_down', ['step-failed', ...settledByHand]],
  ['pay_refuse', settledByHand],
  ['pay_late_refuse', settledByHand],
  // The bank has no such account.
  ['closed', settledByHand],
]
const reasonsByParcel: readonly (readonly [string, readonly AttentionReason[]])[] = [
  ['DOWN', ['step-failed', 'undo-failed']],
  ['NORESUME', ['undo-failed']],
]

/** Who is killed, or says nothing, uses up attempts; then a person decides, and has the last word neither of money nor of parcels. */
const reasonsAtProviders: readonly AttentionReason[] = [
  ...(['step-failed', 'undo-failed', 'refund-in-doubt', ...settledByHand] as const),
]

const reasonsOf = (texts: readonly string[], table: typeof reasonsByRef): AttentionReason[] =>
  texts.flatMap((text) => table.flatMap(([start, reasons]) => (text.startsWith(start) ? reasons : [])))

const anywhere: ReadonlySet<SagaOutcome> = new Set([
  'cancelled',
  'lines-cancelled',
  'refused',
  'withdrawn',
  'compensated',
])
const cancelled: ReadonlySet<SagaOutcome> = new Set(['cancelled', 'lines-cancelled'])

/** What a random order's requests may come to. */
export const foreseenOf = (order: RandomOrder): Foreseen => {
  const { tenders = [], parcels = [] } = order.wish
  // News that contradicts its carrier: a parcel goes out that was stopped.
  const goesOut: AttentionReason[] = order.news.length > 0 ? ['step-failed'] : []
  return {
    outcomes: isCalm(order) ? cancelled : anywhere,
    attention: new Set([
      ...goesOut,
      ...(isAtProviders(order) ? reasonsAtProviders : []),
      ...reasonsOf(
        tenders.map(({ ref }) => ref),
        reasonsByRef,
      ),
      ...reasonsOf(
        parcels.map(({ number }) => number),
        reasonsByParcel,
      ),
    ]),
  }
}
