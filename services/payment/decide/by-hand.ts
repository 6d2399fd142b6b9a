import { type AskedRequest, type Closed, currentRefunds, type Payment, type Refund } from '../state.ts'

/** What people say they gave back by hand: of which tenders, as far as they knew them. */

export type Settled = Closed['settled']

const goesOnByItself = ({ progress }: Refund): boolean => progress.state === 'pending' || progress.state === 'succeeded'

const unnamedIn = (settled: Settled): number =>
  settled.reduce((sum, { tenderId, amount }) => (tenderId === undefined ? sum + amount : sum), 0)

const ofTenders = (settled: Settled): Settled => settled.filter(({ tenderId }) => tenderId !== undefined)

const unnamed = (amount: number): Settled => (amount > 0 ? [{ tenderId: undefined, amount }] : [])

/** What was given back without saying of which tender: of those that are not on their way, as far as it goes. */
export const named = (refunds: readonly Refund[], told: Settled): Settled => {
  let rest = unnamedIn(told)
  const found = refunds.flatMap((refund) => {
    const { tenderId, amount } = refund
    if (goesOnByItself(refund) || amount > rest || told.some((each) => each.tenderId === tenderId)) return []
    rest -= amount
    return [{ tenderId, amount }]
  })
  return [...ofTenders(told), ...found, ...unnamed(rest)]
}

/** A later word about a tender takes the place of an earlier one, and of what had been said of no tender. */
export const joined = (state: Payment, requestId: string, before: Settled, now: Settled): Settled => {
  const isNew = ({ tenderId }: Refund): boolean =>
    now.some((each) => each.tenderId === tenderId) && !before.some((each) => each.tenderId === tenderId)
  const nowNamed = currentRefunds(state, requestId).filter(isNew)
  const rest = nowNamed.reduce((left, { amount }) => left - amount, unnamedIn(before))
  return [
    ...ofTenders(before).filter((each) => !now.some(({ tenderId }) => tenderId === each.tenderId)),
    ...ofTenders(now),
    ...unnamed(unnamedIn(now) || rest),
  ]
}

/** A channel is asked for this tender again: a person has found that it was not given by hand. */
export const askedAgain = (state: Payment, request: AskedRequest, tenderId: string | undefined): AskedRequest => {
  const { closed, requestId } = request
  if (closed === undefined || tenderId === undefined || unnamedIn(closed.settled) === 0) return request
  return {
    ...request,
    closed: { ...closed, settled: joined(state, requestId, closed.settled, [{ tenderId, amount: 0 }]) },
  }
}

/**
 * Whether a person may have given this tender by hand: they said so, or closed the refund without knowing its tenders, and nobody has said
 * anything of this one since. Then each end of it is told: what its channel pays is paid twice, what it refuses is owed.
 */
export const mayBeByHand = ({ closed }: AskedRequest, tenderId: string): boolean => {
  const settled = closed?.settled ?? []
  const said = settled.find((each) => each.tenderId === tenderId)
  return said === undefined ? unnamedIn(settled) > 0 : said.amount > 0
}
