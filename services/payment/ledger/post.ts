import type { RefundDestination } from '@countermand/contracts'
import { isNotTaken, type Payment, type Refund, type Tender } from '../state.ts'
import { type Account, type CreditAccount, type CreditKind, creditIdOf } from './accounts.ts'
import { moves, type Posting, type PostingEvent, type Side } from './posting.ts'

const creditOf = (
  kind: CreditKind,
  { customerId, orderId }: Payment,
  tender: Tender,
  currency: string,
): CreditAccount => {
  const isOwn = tender.channel === kind
  const account = (owner: string, giftCardId?: string): CreditAccount => ({
    kind,
    owner,
    currency,
    customerId,
    giftCardId,
  })
  // A card's money is the card's, whoever holds it; store credit is its customer's, and a guest's is that of the payment or the order.
  if (kind === 'gift-card')
    return isOwn
      ? account(creditIdOf(kind, 'payment', tender.paymentRef), tender.paymentRef)
      : account(creditIdOf(kind, 'order', orderId))
  if (customerId !== undefined) return account(creditIdOf(kind, 'customer', customerId))
  return account(isOwn ? creditIdOf(kind, 'payment', tender.paymentRef) : creditIdOf(kind, 'order', orderId))
}

const accountOf = (
  side: Side,
  state: Payment,
  tender: Tender,
  currency: string,
  destination: RefundDestination | undefined,
): Account | CreditAccount => {
  switch (side) {
    case 'sales':
    case 'in-transit':
      return { kind: side, owner: state.merchantId ?? '', currency }
    case 'payment':
      return accountOf(isNotTaken(tender) ? 'held' : 'provider', state, tender, currency, destination)
    case 'unassigned':
      return accountOf('payment', state, { ...tender, account: undefined }, currency, destination)
    case 'destination':
      if (destination === 'bank-transfer') return { kind: 'bank', owner: state.merchantId ?? '', currency }
      return destination === 'store-credit' || destination === 'gift-card'
        ? creditOf(destination, state, tender, currency)
        : accountOf('payment', state, tender, currency, destination)
    default:
      return { kind: side, owner: tender.account ?? tender.channel, currency }
  }
}

type Of = Pick<Posting, 'postingId' | 'amount' | 'at'> &
  Partial<Pick<Posting, 'requestId' | 'refundId' | 'destination'>>

const post = (state: Payment, tender: Tender, event: PostingEvent, currency: string, of: Of): Posting => {
  const side = (name: Side) => accountOf(name, state, tender, currency, of.destination)
  return {
    ...{ requestId: undefined, refundId: undefined, destination: undefined },
    ...of,
    ...{ event, tenderId: tender.tenderId },
    ...{ debit: side(moves[event].debit), credit: side(moves[event].credit) },
  }
}

/** Which of a refund's moves can be made once in each of its rounds; the others once in its life. */
const oncePerRound: ReadonlySet<PostingEvent> = new Set(['accepted', 'late-no'])

/** What a refund moves. */
export const postRefund = (
  state: Payment,
  tender: Tender,
  refund: Refund,
  event: 'accepted' | 'succeeded' | 'late-no' | 'reversed',
  at: string,
): Posting => {
  const { refundId, requestId, destination, amount, currency, round } = refund
  const postingId = [refundId, event, ...(oncePerRound.has(event) ? [round] : [])].join('/')
  return post(state, tender, event, currency, { postingId, requestId, refundId, destination, amount, at })
}

/** What moves a tender's own money. `name` tells this move apart from others of its kind. Nothing is posted of nothing. */
export const postTender = (
  state: Payment,
  tender: Tender,
  event: Exclude<PostingEvent, Parameters<typeof postRefund>[3]>,
  of: { readonly amount: number; readonly at: string; readonly name?: string },
): readonly Posting[] => {
  const { amount, at, name } = of
  if (state.currency === undefined || amount === 0) return []
  const parts = [state.orderId, tender.tenderId, event, ...(name === undefined ? [] : [name])]
  const postingId = parts.map(encodeURIComponent).join('/')
  return [post(state, tender, event, state.currency, { postingId, amount, at })]
}
