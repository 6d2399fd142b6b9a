import type { PlacedOrder } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/messaging/decision.ts'
import { type LedgerEntry, type Payment, unheard } from '../state.ts'

/** `order.accepted.v1`: what each tender captured. The order service has checked it, so the same order again is ignored. */
export const acceptOrder = (known: Payment | undefined, order: PlacedOrder, at: Moment): Decision<Payment> => {
  if (known?.currency !== undefined) return {}
  const state = known ?? unheard(order.orderId)
  const entries = order.tenders.map(
    ({ tenderId, amount }): LedgerEntry => ({
      entryId: `${tenderId}/capture`,
      tenderId,
      amount,
      kind: 'capture',
      requestId: undefined,
      refundId: undefined,
      destination: undefined,
      at: at.now,
    }),
  )
  const tenders = order.tenders.map(({ tenderId, channel, paymentRef, amount }) => ({
    tenderId,
    channel,
    paymentRef,
    captured: amount,
    refunded: 0,
  }))
  return { state: { ...state, currency: order.currency, tenders, newEntries: [...state.newEntries, ...entries] } }
}
