import type { Answer, AnswerTo, CommandData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/service/decision.ts'
import { isBehind } from '@countermand/service/versions.ts'
import type { Refusal } from '../channels/channel.ts'
import {
  type AskedRequest,
  currentRefunds,
  isSettledByHand,
  isTakenOn,
  type OtherDestination,
  type Payment,
  type Refund,
  refundsOfRound,
  requestOf,
  tenderOf,
  toldTenders,
} from '../state.ts'
import { poll, startDeadline } from './asking.ts'
import { askedAgain } from './by-hand.ts'
import { nextRefund } from './next-refund.ts'
import { planShares } from './plan.ts'
import { destinationOf, destinationOfHeld } from './routing.ts'
import { advance, conclude, underWay } from './settle.ts'
import { fail, replace, submit } from './transition.ts'
import { begin, type Context, type Policy, type Work, withRefund, withRequest } from './work.ts'

type Command = CommandData<'RefundOrder'>
type Reply = Decision<Payment, AnswerTo<'RefundOrder'>>

const failed = (error: string, moneyInDoubt = false): Answer<'StepFailed'> => ({
  type: 'StepFailed',
  error,
  attempts: 1,
  moneyInDoubt,
})

/** `RefundOrder`: gives an amount back over the order's tenders, or goes on with it in another round. */
export const refundOrder = (
  state: Payment | undefined,
  command: Command,
  at: Moment,
  policy: Policy,
): Reply | NotYet => {
  const request = requestOf(state, command.requestId)
  if (request?.status === 'forbidden') return { answer: { type: 'Undone' } }
  if (state?.currency === undefined)
    return at.patienceOver
      ? { answer: failed(`expected order ${command.orderId} to be accepted, it was not heard of`) }
      : notYet
  const behind = request === undefined ? isBehind(state.version, command, at) : undefined
  if (behind !== undefined) return behind
  const context = { now: at.now, policy }
  return request === undefined ? first(state, command, context) : again(state, request, command, context)
}

/** Where a person wants the money: by this round's decision, or by that of a round which was never heard of. */
const elsewhereOf = ({ elsewhere, chosen }: Command, heardOf: number): Command['elsewhere'] =>
  elsewhere ?? (chosen !== undefined && chosen.round > heardOf ? chosen.to : undefined)

const asAsked = (command: Command): AskedRequest => ({
  requestId: command.requestId,
  status: 'asked',
  crossedAt: undefined,
  accepted: false,
  amount: command.amount,
  reason: command.reason,
  round: command.round,
  openRound: command.round,
  fallback: command.fallback,
  elsewhere: elsewhereOf(command, 0),
  tenderId: undefined,
  closed: undefined,
})

const first = (state: Payment, command: Command, context: Context): Reply => {
  if (command.currency !== state.currency)
    return { answer: failed(`expected ${state.currency} for order ${state.orderId}, got ${command.currency}`) }
  const { routing } = context.policy
  const plan = planShares(state, command.amount, routing)
  if (!plan.ok) return { answer: failed(plan.error) }
  const { requestId, currency, round } = command
  const refunds = plan.shares.map(({ tenderId, amount }): Refund => {
    const held = destinationOfHeld(state, tenderId, amount, routing)
    const usual = held ?? destinationOf(routing, tenderOf(state, tenderId), command.refundTo, command.fallback)
    // A gift card's money stays with the gift card, and nobody decided about it: no channel of it has failed.
    const destination = held === undefined && usual === 'original' ? (elsewhereOf(command, 0) ?? usual) : usual
    return nextRefund(state, { requestId, tenderId, amount, currency, destination, round })
  })
  return goOn(
    withRequest(begin({ ...state, refunds: [...state.refunds, ...refunds] }), asAsked(command)),
    requestId,
    context,
  )
}

const again = (state: Payment, request: AskedRequest, command: Command, context: Context): Reply => {
  const { requestId, amount, round, fallback, tenderId } = command
  const elsewhere = elsewhereOf(command, request.round)
  if (amount !== request.amount)
    return {
      deadLetter: {
        reason: 'request-id-reused',
        error: `expected ${request.amount} for request ${requestId}, got ${amount}`,
      },
    }
  const isOver = tenderId === undefined ? request.closed?.tenderIds === undefined : isSettledByHand(request, tenderId)
  if (request.closed !== undefined && isOver)
    return { ...superseded(state, request, round), answer: { type: 'Undone' } }
  // Before anything was accepted nothing was reversed, and the pivot is all tenders' to cross back.
  const only = request.accepted || request.closed !== undefined ? tenderId : undefined
  const opened: AskedRequest = {
    ...askedAgain(state, request, tenderId),
    round,
    fallback,
    elsewhere,
    tenderId: only,
    openRound: round,
  }
  const concerned = refundsOfRound(state, opened)
  const obstacle = elsewhere && obstacleElsewhere(concerned)
  if (obstacle !== undefined)
    return {
      state: withRequest(begin(state), { ...request, round, openRound: undefined }).state,
      answer: { ...failed(obstacle, true), tenders: toldTenders(state, requestId) },
    }
  const work = concerned.reduce(
    (next, refund) => resume(next, refund, opened, context),
    withRequest(begin(state), opened),
  )
  return goOn(work, requestId, context)
}

/** The answer of an earlier round that still waits would reach nobody: what it comes to is told in public. */
const superseded = (state: Payment, request: AskedRequest, round: number): Pick<Reply, 'state'> =>
  request.openRound === undefined || request.openRound >= round
    ? {}
    : { state: withRequest(begin(state), { ...request, round, openRound: undefined }).state }

/** Why nothing may be sent to another destination now: it could be paid twice. */
const obstacleElsewhere = (refunds: readonly Refund[]): string | undefined => {
  const unsure = refunds.find(
    ({ progress }) => progress.state === 'submitted' && (progress.calling || progress.inDoubt || progress.received),
  )
  if (unsure !== undefined) return `expected no attempt in doubt, got one of tender ${unsure.tenderId}: retry it first`
  const open = refunds.some(({ progress }) => progress.state !== 'pending' && progress.state !== 'succeeded')
  const pending = refunds.find(({ progress }) => progress.state === 'pending')
  if (open || pending === undefined) return undefined
  return `expected a refused tender to send elsewhere, got tender ${pending.tenderId} pending with its channel`
}

/** What was held and not to be taken was taken after all: from then on it is given back like any other. */
const destinationAgain = (
  state: Payment,
  { tenderId, destination }: Refund,
  { fallback }: AskedRequest,
  { policy }: Context,
): Refund['destination'] =>
  destination === 'none' ? destinationOf(policy.routing, tenderOf(state, tenderId), 'original', fallback) : destination

/** No call of it may have reached its channel. */
const givenUp = (to: OtherDestination, failure = 'no answer'): Refusal => ({
  ...{ reason: `given up for ${to}: ${failure}`, key: 'alive', cure: 'elsewhere' },
})

/** What a new round means for one refund. It keeps its key, unless the operation is over or a person chose another way. */
const resume = (work: Work, refund: Refund, request: AskedRequest, context: Context): Work => {
  const { round, elsewhere } = request
  const renewed = { ...refund, round }
  switch (refund.progress.state) {
    case 'planned':
      return withRefund(work, renewed)
    case 'submitted':
      if (refund.progress.calling) return work
      if (refund.progress.received) return poll(work, refund, context.now, context)
      if (elsewhere === undefined) return submit(work, renewed, context)
      return fail(work, renewed, givenUp(elsewhere, refund.progress.failure), context)
    case 'pending':
      return poll(startDeadline(work, refund, context), refund, context.now, context)
    case 'failed':
      if (elsewhere !== undefined) return work
      // Its key would only say no again.
      if (refund.progress.key === 'dead') return replace(work, refund, refund.destination, round)
      return withRefund(work, { ...renewed, progress: { state: 'planned' } })
    case 'reversed':
      return replace(work, refund, elsewhere ?? destinationAgain(work.state, refund, request, context), round)
    case 'succeeded':
      return work
  }
}

const goOn = (work: Work, requestId: string, context: Context): Reply => {
  const concluded = conclude(advance(work, requestId, context), requestId, context)
  const { state, ...effects } = concluded.work
  const pending = currentRefunds(state, requestId).some(isTakenOn)
  const answer = concluded.answer ?? (pending ? underWay(state, requestId) : undefined)
  return { state, ...effects, ...(answer !== undefined && { answer }) }
}
