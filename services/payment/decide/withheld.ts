import { goneOf, type Payment, type Refund, type Tender, tenderOf } from '../state.ts'

/** What is kept back of a refund because others gave money of its payment back, or claim it. */

const isCommitted = ({ replaced, progress }: Refund): boolean =>
  !replaced && (progress.state === 'submitted' || progress.state === 'pending')

const tooMuch = (state: Payment, tender: Tender, refund: Refund): string | undefined => {
  const gone = goneOf(tender)
  const others = state.refunds
    .filter((each) => each.tenderId === refund.tenderId && each.refundId !== refund.refundId && isCommitted(each))
    .reduce((sum, { amount }) => sum + amount, 0)
  const left = Math.max(tender.captured - tender.refunded - gone - others, 0)
  return gone > 0 && refund.amount > left
    ? `${gone} of its payment went back, and not by us: ${left} is left, and ${refund.amount} would be too much`
    : undefined
}

/**
 * Why nobody may be asked for a refund, until a person has seen to it: its payment is disputed, and its bank may give the money back; or less
 * is left of it.
 */
export const withheld = (state: Payment, refund: Refund): string | undefined => {
  const tender = tenderOf(state, refund.tenderId)
  const dispute = tender.claims.find((each) => each.kind === 'dispute' && each.state === 'open')
  if (dispute !== undefined && refund.destination === 'original')
    return `its payment is disputed (${dispute.ref}): the payer's bank may give the money back, and so would we`
  return tooMuch(state, tender, refund)
}
