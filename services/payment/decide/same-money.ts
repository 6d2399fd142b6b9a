import { postTender } from '../ledger/post.ts'
import type { Claim, Payment, Tender } from '../state.ts'
import { posted, type Work, withTender } from './work.ts'

/**
 * A refund in the provider's own pages is told by the provider, and the shop may say of it too: by a change of its order, or as what a person
 * paid by hand. It is the same money, by its tender and its amount, whoever tells of it first; each word stands for one of the other's.
 */

const amountsByHand = ({ requests }: Payment, tenderId: string): readonly number[] =>
  requests
    .flatMap((request) => (request.status === 'asked' ? (request.closed?.settled ?? []) : []))
    .flatMap((each) => (each.tenderId === tenderId ? [each.amount] : []))

const isOpen = ({ kind, state, toldAs }: Claim): boolean =>
  kind === 'foreign-refund' && state === 'done' && toldAs === undefined

/** As what the shop has said of it; `undefined`: nobody has, or it was of another one. */
const otherWordOf = (state: Payment, tender: Tender, { amount }: Claim): Claim['toldAs'] => {
  const left = (as: NonNullable<Claim['toldAs']>, amounts: readonly number[]): boolean =>
    amounts.filter((each) => each === amount).length >
    tender.claims.filter((each) => each.toldAs === as && each.amount === amount).length
  if (amount === 0) return undefined
  if (left('amended', tender.released)) return 'amended'
  return left('by-hand', amountsByHand(state, tender.tenderId)) ? 'by-hand' : undefined
}

const explainedOf = (work: Work, tenderId: string, ref: string, now: string): Work => {
  const tender = work.state.tenders.find((each) => each.tenderId === tenderId)
  const claim = tender?.claims.find((each) => each.ref === ref)
  if (tender === undefined || claim === undefined) return work
  const toldAs = otherWordOf(work.state, tender, claim)
  if (toldAs === undefined) return work
  const claims = tender.claims.map((each) => (each === claim ? { ...claim, toldAs } : each))
  const of = { amount: claim.amount, name: ref, at: now }
  const known = withTender(work, { ...tender, claims })
  // What the shop released was posted when it said so; what a person paid by hand was not.
  const event = toldAs === 'amended' ? 'foreign-refund-undone' : 'explained'
  return posted(known, postTender(work.state, tender, event, of))
}

/** Takes every claim out of suspense that the shop has said of, as what it said. */
export const explained = (work: Work, now: string): Work =>
  work.state.tenders.reduce(
    (next, { tenderId, claims }) =>
      claims.filter(isOpen).reduce((after, { ref }) => explainedOf(after, tenderId, ref, now), next),
    work,
  )
