import type { Answer, AnswerTo, CommandData } from '@countermand/contracts'
import { type Decision, type Moment, type NotYet, notYet } from '@countermand/messaging/decision.ts'
import {
  type AskedRequest,
  currentRefunds,
  isSettledByHand,
  type Payment,
  type Refund,
  refundsOfRound,
  requestOf,
  tenderOf,
  toldTenders,
} from '../state.ts'
import { nextRefund } from './next-refund.ts'
import { planShares } from './plan.ts'
import { destinationOf } from './routing.ts'
import { advance, conclude, underWay } from './settle.ts'
import {
  begin,
  type Context,
  fail,
  type Policy,
  poll,
  replace,
  startDeadline,
  submit,
  type Work,
  withRefund,
  withRequest,
} from './transition.ts'

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
    const usual = destinationOf(routing, tenderOf(state, tenderId).channel, command.refundTo)
    // A gift card's money stays with the gift card, and nobody decided about it: no channel of it has failed.
    const destination = usual === 'original' ? (elsewhereOf(command, 0) ?? usual) : usual
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
  if (request.closed !== undefined && isOver) return { answer: { type: 'Undone' } }
  // Before anything was accepted nothing was reversed, and the pivot is all tenders' to cross back.
  const only = request.accepted || request.closed !== undefined ? tenderId : undefined
  const opened: AskedRequest = { ...request, round, fallback, elsewhere, tenderId: only, openRound: round }
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

/** Why nothing may be sent to another destination now: it could be paid twice. */
const obstacleElsewhere = (refunds: readonly Refund[]): string | undefined => {
  const unsure = refunds.find(
    ({ progress }) => progress.state === 'submitted' && (progress.calling || progress.inDoubt),
  )
  if (unsure !== undefined) return `expected no attempt in doubt, got one of tender ${unsure.tenderId}: retry it first`
  const open = refunds.some(({ progress }) => progress.state !== 'pending' && progress.state !== 'succeeded')
  const pending = refunds.find(({ progress }) => progress.state === 'pending')
  if (open || pending === undefined) return undefined
  return `expected a refused tender to send elsewhere, got tender ${pending.tenderId} pending with its channel`
}

/** What a new round means for one refund. It keeps its key, unless the operation is over or a person chose another way. */
const resume = (work: Work, refund: Refund, request: AskedRequest, context: Context): Work => {
  const { round, elsewhere } = request
  const renewed = { ...refund, round }
  switch (refund.progress.state) {
    case 'planned':
      return withRefund(work, renewed)
    case 'submitted':
      if (refund.progress.calling) return work
      if (elsewhere === undefined) return submit(work, renewed, context)
      return fail(work, renewed, `given up for ${elsewhere}: ${refund.progress.failure ?? 'no answer'}`, context)
    case 'pending':
      return poll(startDeadline(work, refund, context), refund, context.now, context)
    case 'failed':
      return elsewhere === undefined ? withRefund(work, { ...renewed, progress: { state: 'planned' } }) : work
    case 'reversed':
      return replace(work, refund, elsewhere ?? refund.destination, round)
    case 'succeeded':
      return work
  }
}

const goOn = (work: Work, requestId: string, context: Context): Reply => {
  const concluded = conclude(advance(work, requestId, context), requestId, context)
  const { state, ...effects } = concluded.work
  const pending = currentRefunds(state, requestId).some(({ progress }) => progress.state === 'pending')
  const answer = concluded.answer ?? (pending ? underWay(state, requestId) : undefined)
  return { state, ...effects, ...(answer !== undefined && { answer }) }
}
