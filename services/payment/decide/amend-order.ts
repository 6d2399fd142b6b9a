import type { AmendedOrder } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, unknownOrder } from '@countermand/service/decision.ts'
import { postTender } from '../ledger/post.ts'
import type { Posting } from '../ledger/posting.ts'
import type { Payment, Tender } from '../state.ts'
import { tenderAsPlaced } from './accept-order.ts'
import { explained } from './same-money.ts'
import { type Assigning, begin } from './work.ts'

/** What is held on a tender beside what was known, less than nothing where the shop gave it back itself. */
const posted = (known: Payment, tender: Tender, version: number, more: number, at: string): readonly Posting[] =>
  postTender(known, tender, more > 0 ? 'captured' : 'released', { amount: Math.abs(more), name: String(version), at })

/**
 * `order.amended.v1`: what each tender holds from now on. The order service has checked it; a tender never holds less than what was given
 * back of it, whatever a shop says that it gave back itself.
 */
export const amendOrder = (
  known: Payment | undefined,
  order: AmendedOrder,
  at: Moment,
  policy: Assigning,
): Decision<Payment> | NotYet => {
  if (known?.currency === undefined) {
    const error = `expected order ${order.orderId} to be accepted before its version ${order.version}, it was not heard of`
    return unknownOrder(at, error)
  }
  if (order.version <= known.version) return {}
  const said = new Map(order.tenders.map((each) => [each.tenderId, each]))
  const kept = known.tenders.map((tender): Tender => {
    const captured = Math.max(said.get(tender.tenderId)?.amount ?? tender.captured, tender.refunded)
    if (captured === tender.captured) return tender
    const back = tender.captured - captured
    return { ...tender, captured, ...(back > 0 && { released: [...tender.released, back] }) }
  })
  const knownIds = new Set(known.tenders.map(({ tenderId }) => tenderId))
  const added = order.tenders
    .filter(({ tenderId }) => !knownIds.has(tenderId))
    .map((each) => tenderAsPlaced(each, known.merchantId, policy))
  const tenders = [...kept, ...added]
  const postings = tenders.flatMap((tender, place) =>
    posted(known, tender, order.version, tender.captured - (known.tenders[place]?.captured ?? 0), at.now),
  )
  const amended = { ...known, version: order.version, tenders, newPostings: [...known.newPostings, ...postings] }
  return { state: explained(begin(amended), at.now).state }
}
