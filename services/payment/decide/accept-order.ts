import type { PlacedOrder } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import { postTender } from '../ledger/post.ts'
import { type Payment, type Tender, unheard } from '../state.ts'
import type { Assigning } from './work.ts'

/** A tender of which nothing was given back yet. */
export const tenderAsPlaced = (
  placed: PlacedOrder['tenders'][number],
  merchantId: string | undefined,
  { routing, accountFor }: Assigning,
): Tender => {
  const own = routing.own(placed.channel)
  const { account, isNamed } = own === undefined ? unnamed : accountFor(own, merchantId)
  return {
    tenderId: placed.tenderId,
    channel: placed.channel,
    paymentRef: placed.paymentRef,
    account: isNamed ? account : undefined,
    captured: placed.amount,
    authorized: placed.state === 'authorized',
    paidAt: placed.paidAt,
    paidTotal: placed.paidTotal,
    refunded: 0,
    claims: [],
    released: [],
  }
}

const unnamed = { account: undefined, isNamed: false }

/** `order.accepted.v1`: what each tender captured. The order service has checked it, so the same order again is ignored. */
export const acceptOrder = (
  known: Payment | undefined,
  order: PlacedOrder,
  at: Moment,
  policy: Assigning,
): Decision<Payment> => {
  if (known?.currency !== undefined) return {}
  const state = known ?? unheard(order.orderId)
  const { currency, merchantId, customerId } = order
  const tenders = order.tenders.map((each) => tenderAsPlaced(each, merchantId, policy))
  const accepted = { ...state, currency, merchantId, customerId, tenders }
  const posted = tenders.flatMap((each) =>
    postTender(accepted, each, 'captured', { amount: each.captured, at: at.now }),
  )
  return { state: { ...accepted, newPostings: [...state.newPostings, ...posted] } }
}
