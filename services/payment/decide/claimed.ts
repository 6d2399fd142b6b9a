import type { EventData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet, unknownOrder } from '@countermand/service/decision.ts'
import { postTender } from '../ledger/post.ts'
import type { PostingEvent } from '../ledger/posting.ts'
import { type Claim, goneOf, type Payment, type Tender, tenderOf } from '../state.ts'
import { assigned, holdBack } from './asking.ts'
import { explained } from './same-money.ts'
import { begin, type Context, type Policy, posted, type Work, withTender } from './work.ts'

type Notified = EventData<'channel.notified.v1'>
type Told = Notified & { readonly kind: Claim['kind'] }

const invalid = ({ orderId, kind }: Told, expected: string, got: string): Decision<Payment> => ({
  deadLetter: { reason: 'invalid-data', error: `expected ${expected} of the ${kind} of order ${orderId}, got ${got}` },
})

const tenderMeant = ({ tenders }: Payment, { tenderId, paymentRef }: Told): Tender | undefined =>
  tenders.find((each) => (tenderId === undefined ? each.paymentRef === paymentRef : each.tenderId === tenderId))

/** Whether it is the account that the tender was paid with, or where nobody knows that, the one that its merchant works with, if any is known. */
const maySpeak = ({ merchantId }: Payment, tender: Tender, { account, provider }: Told, policy: Policy): boolean => {
  const route = policy.routing.own(tender.channel)
  if (route !== provider) return false
  if (tender.account !== undefined) return tender.account === account
  const known = policy.accountFor(route, merchantId)
  return !known.isNamed || known.account === account
}

/** A refund of ours may be meant, or be among those that are, whose answer has not come: its answer will say so. */
const mayBeOurs = (state: Payment, tender: Tender, { amount, inAll, kind }: Told): boolean =>
  kind === 'foreign-refund' &&
  state.refunds.some(
    ({ progress, ...refund }) =>
      refund.tenderId === tender.tenderId &&
      refund.providerRef === undefined &&
      (amount === undefined || inAll || refund.amount === amount) &&
      progress.state === 'submitted',
  )

const isOurs = ({ refunds }: Payment, { refundId, providerRef }: Told): boolean =>
  refunds.some((each) => each.refundId === refundId || (providerRef !== undefined && each.providerRef === providerRef))

const stateOf = ({ kind, dispute = 'opened', fact }: Told): Claim['state'] => {
  if (kind === 'foreign-refund') return fact?.outcome === 'reversed' ? 'won' : 'done'
  return dispute === 'opened' ? 'open' : dispute
}

const sumOf = (all: readonly { readonly amount: number }[]): number => all.reduce((sum, { amount }) => sum + amount, 0)

/**
 * What was told, less what is known: of a total the refunds of ours that are in it, and those of others, whoever told of them too. One of
 * ours that was asked for later is not in it, for it may be told late. Of one whose answer is still out nothing is taken off.
 */
const unknownOf = (state: Payment, tender: Tender, told: Told, known: Claim | undefined): number => {
  const { amount = 0, inAll, occurredAt } = told
  if (inAll === undefined) return amount
  const ours = state.refunds.filter(
    ({ tenderId, destination, progress, firstAskedAt = occurredAt }) =>
      tenderId === tender.tenderId &&
      destination === 'original' &&
      progress.state === 'succeeded' &&
      Date.parse(firstAskedAt) <= Date.parse(occurredAt),
  )
  const others = tender.claims.filter(
    (each) => each !== known && each.kind === 'foreign-refund' && each.state === 'done',
  )
  return Math.max(0, amount - sumOf(ours) - sumOf(others))
}

/** What a claim is by what is told now: a dispute that is over does not open again, nor does a refund stand that came to nothing. */
const claimOf = (news: Told, known: Claim | undefined, amount: number): Claim => {
  const { kind, providerRef, notificationId } = news
  const said = stateOf(news)
  const isNews = known === undefined || known.state === 'open' || (known.state === 'done' && said === 'won')
  const state = isNews ? said : known.state
  const told = { kind, ref: known?.ref ?? providerRef ?? notificationId, state, amount: known?.amount || amount }
  return known?.toldAs === undefined ? told : { ...told, toldAs: known.toldAs }
}

/** Who tells of a tender's money has it: that account is the tender's, where none was known. A channel without accounts has its own name. */
const withTold = (work: Work, tender: Tender, { account, provider }: Told, { now, policy }: Context): Work =>
  tender.account === undefined && account !== provider && policy.routing.own(tender.channel) === provider
    ? assigned(work, { ...tender, account }, { now })
    : work

const undone = { 'foreign-refund': 'foreign-refund-undone', dispute: 'dispute-won' } as const

/** What the ledger says of it: what is gone now and was not before, or came back. */
const postClaim = (work: Work, before: Tender, after: Tender, claim: Claim, { now }: Context): Work => {
  // Its money has come back, and what the shop said of it does not stand any more: that is for a person to find out.
  if (claim.toldAs !== undefined)
    return claim.state === 'won'
      ? posted(
          work,
          postTender(work.state, after, undone[claim.kind], {
            amount: claim.amount,
            name: `${claim.ref}/back`,
            at: now,
          }),
        )
      : work
  const change = goneOf(after) - goneOf(before)
  const event: PostingEvent = change > 0 ? claim.kind : undone[claim.kind]
  return posted(work, postTender(work.state, after, event, { amount: Math.abs(change), name: claim.ref, at: now }))
}

/**
 * `channel.notified.v1` of money that goes back and not by us. So much less is left of the tender, and the ledger has it in suspense; what was
 * promised and cannot be given any more waits for a person. It is told with the provider's name of it, so that it counts once.
 */
export const claimed = (
  state: Payment | undefined,
  told: Told,
  moment: Moment,
  policy: Policy,
): Decision<Payment> | NotYet => {
  if (state?.currency === undefined) {
    const error = `expected order ${told.orderId} to be accepted before its ${told.kind}, it was not heard of`
    return unknownOrder(moment, error)
  }
  const meant = tenderMeant(state, told)
  if (meant === undefined) return invalid(told, 'a tender', told.tenderId ?? told.paymentRef ?? 'none')
  if (!maySpeak(state, meant, told, policy))
    return invalid(told, 'an account that may speak of its tender', `${told.account} at ${told.provider}`)
  if (told.currency !== undefined && told.currency !== state.currency)
    return invalid(told, state.currency, told.currency)
  if (told.kind === 'foreign-refund' && told.amount === undefined) return invalid(told, 'an amount', 'none')
  if (isOurs(state, told)) return {}
  if (mayBeOurs(state, meant, told) && !moment.patienceOver) return notYet
  const context = { now: moment.now, policy }
  const begun = withTold(begin(state), meant, told, context)
  const tender = tenderOf(begun.state, meant.tenderId)
  const known = tender.claims.find(({ ref }) => ref === (told.providerRef ?? told.notificationId))
  const amount = unknownOf(state, tender, told, known)
  if (told.inAll && known === undefined && amount === 0) return {}
  const claim = claimOf(told, known, amount)
  const after = { ...tender, claims: [...tender.claims.filter((each) => each !== known), claim] }
  const isOver = known?.toldAs !== undefined && known.state === claim.state
  if (isOver) return {}
  const work = explained(postClaim(withTender(begun, after), tender, after, claim, context), moment.now)
  return state.refunds
    .filter(({ tenderId }) => tenderId === tender.tenderId)
    .reduce((next, refund) => holdBack(next, refund, context), work)
}
