import type { AnswerTo, CommandData } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import {
  type AskedRequest,
  type Closed,
  currentRefunds,
  type Payment,
  requestOf,
  toldTenders,
  unheard,
} from '../state.ts'
import { stopCalling } from './asking.ts'
import { joined, named } from './by-hand.ts'
import { explained } from './same-money.ts'
import { publishAtClosing } from './telling.ts'
import { begin, type Context, type Policy, type Work, withRequest } from './work.ts'

type Command = CommandData<'CloseRound'>

/** Where the money of a closed refund is. */
export const refundClosed = (state: Payment | undefined, requestId: string): AnswerTo<'CloseRound'> => ({
  type: 'RoundClosed',
  ...(state !== undefined && { tenders: toldTenders(state, requestId) }),
})

/** A request that payment has not heard of, or had forbidden: a person has settled it all the same. */
const unasked = ({ requestId, closes, settled = [] }: Command): AskedRequest => ({
  requestId,
  status: 'asked',
  crossedAt: undefined,
  accepted: false,
  amount: settled.reduce((sum, { amount }) => sum + amount, 0),
  reason: undefined,
  round: closes.round,
  openRound: undefined,
  fallback: 'attention',
  elsewhere: undefined,
  tenderId: undefined,
  closed: undefined,
})

/** Which tenders are closed with this one; `undefined`: all, which stays so. */
const alsoClosed = (before: Closed | undefined, tenderId: string | undefined): Closed['tenderIds'] => {
  if (tenderId === undefined || (before !== undefined && before.tenderIds === undefined)) return undefined
  return [...new Set([...(before?.tenderIds ?? []), tenderId])]
}

/** From now on nothing is called for it; what may have reached a channel is watched. */
const closeAll = (work: Work, { requestId, tenderId, closes }: Command, context: Context): Work =>
  currentRefunds(work.state, requestId)
    .filter((refund) => (tenderId ?? refund.tenderId) === refund.tenderId && refund.round <= closes.round)
    .reduce((next, refund) => publishAtClosing(stopCalling(next, refund, context), refund, context.now), work)

/**
 * `CloseRound` of a refund: a person has decided about this round. With a `skip` they say what they gave back by hand, and there is
 * no way back: the pivot is crossed. It may come before the order, and before the refund, or after both were forbidden.
 */
export const closeRefund = (
  known: Payment | undefined,
  command: Command,
  at: Moment,
  policy: Policy,
): Decision<Payment, AnswerTo<'CloseRound'>> => {
  const { orderId, requestId, closes, decision, settled = [] } = command
  const found = requestOf(known, requestId)
  if (closes.direction === 'undo') return { answer: refundClosed(known, requestId) }
  if (decision === 'refund-elsewhere' && found?.status !== 'asked') return { answer: refundClosed(known, requestId) }
  const state = known ?? unheard(orderId)
  const request = found?.status === 'asked' ? found : unasked(command)
  // A later round goes on, and so does one of another tender.
  const isOther = command.tenderId !== undefined && request.tenderId !== command.tenderId
  const openRound = isOther || (request.openRound ?? 0) > closes.round ? request.openRound : undefined
  const told = named(
    currentRefunds(state, requestId),
    settled.map(({ tenderId, amount }) => ({ tenderId, amount })),
  )
  const closed = {
    at: at.now,
    tenderIds: alsoClosed(request.closed, command.tenderId),
    settled: joined(state, requestId, request.closed?.settled ?? [], told),
  }
  const skipped = { ...request, openRound, crossedAt: request.crossedAt ?? at.now, closed }
  const rerouted = { ...request, openRound }
  const work = withRequest(begin(state), decision === 'skip' ? skipped : rerouted)
  const { state: after, ...effects } =
    decision === 'skip' ? explained(closeAll(work, command, { now: at.now, policy }), at.now) : work
  return { state: after, ...effects, answer: refundClosed(after, requestId) }
}
