import type { Answer, AnswerTo, CommandData, TenderRefund } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import { isReused, type OrderState, requestOf, withRequest } from '../state.ts'
import { makeWaiting } from './change.ts'
import { nothingLeft, type Order, released } from './order.ts'
import { type Begun, decidedAbout, type End, type EndedRequest } from './request.ts'
import { endEvent, storyOf } from './story.ts'

const abandoned = (end: End): Answer<'CancellationAbandoned'> => {
  const code = 'code' in end ? end.code : undefined
  return { type: 'CancellationAbandoned', outcome: end.outcome, stage: end.stage, ...(code && { code }) }
}

const endOf = (command: CommandData<'AbandonCancellation'>, at: Moment): End => {
  const { outcome, code, stage, by, message } = command
  const common = { stage, at: at.now, ...(message !== undefined && { message }), ...(by !== undefined && { by }) }
  if (outcome !== 'refused') return { outcome, ...common, ...(code && { code }) }
  if (code === undefined)
    throw new Error(
      `expected the code of the refusal of request ${command.requestId} of order ${command.orderId}, got none`,
    )
  return { outcome, code, ...common }
}

/**
 * Takes a request back: the order is released, as if the saga had not run. A request that never began is ended all the
 * same, for it was accepted; one that was confirmed cannot be taken back.
 */
export const abandon = (
  state: OrderState | undefined,
  command: CommandData<'AbandonCancellation'>,
  at: Moment,
): Decision<OrderState, AnswerTo<'AbandonCancellation'>> => {
  // No tombstone: it would stand against the request that has this id by right.
  if (isReused(state, command.request)) return { answer: { type: 'NothingToUndo' }, noTombstone: true }
  const known = requestOf(state, command.request)
  switch (known.status) {
    case 'confirmed':
      return { answer: { type: 'AbandonRefused', outcome: known.end.outcome }, noTombstone: true }
    case 'refused':
      // No tombstone: a duplicate of the refused `BeginCancellation` is to get its "no" again.
      return { answer: { type: 'NothingToUndo' }, noTombstone: true }
    case 'abandoned':
      return { answer: abandoned(known.end) }
    case 'asked':
    case 'holding': {
      const end = endOf(command, at)
      const free = known.status === 'holding' && state?.order && makeWaiting(released(state.order), at)
      const order = free ? free.order : state?.order
      return {
        state: withRequest(state && order ? { ...state, order } : state, { ...known, status: 'abandoned', end }),
        answer: abandoned(end),
        publish: [endEvent(storyOf(order, known, at.now), end), ...(free ? free.publish : [])],
      }
    }
  }
}

const withCancelled = (order: Order, lines: Begun['lines'], refunds: readonly TenderRefund[]): Order => {
  const cancelled = new Map(order.cancelled)
  for (const { lineId, quantity } of lines) cancelled.set(lineId, (cancelled.get(lineId) ?? 0) + quantity)
  const refunded = new Map(order.refunded)
  for (const { tenderId, amount } of refunds) refunded.set(tenderId, (refunded.get(tenderId) ?? 0) + amount)
  return { ...order, cancelled, refunded }
}

const closed = (request: EndedRequest): Answer<'OrderCancelled' | 'LinesCancelled'> => ({
  type: request.end.outcome === 'cancelled' ? 'OrderCancelled' : 'LinesCancelled',
  at: request.end.at,
  ...decidedAbout(request),
})

/**
 * Closes the order: what was claimed is cancelled, and the hold ends. Throws when the request does not hold the order:
 * the saga would be closing what it never began, or has taken back.
 */
export const confirm = (
  state: OrderState | undefined,
  command: CommandData<'ConfirmCancellation'>,
  at: Moment,
): Decision<OrderState, AnswerTo<'ConfirmCancellation'>> => {
  const { requestId, orderId, refunds } = command
  const known = state?.requests.get(requestId)
  if (known?.status === 'confirmed') return { answer: closed(known) }
  if (known?.status !== 'holding' || state?.order?.heldBy !== requestId)
    throw new Error(
      `expected request ${requestId} to hold order ${orderId}, got ${known?.status ?? 'an unknown request'}`,
    )
  const cancelled = withCancelled(released(state.order), known.begun.lines, refunds)
  const outcome = nothingLeft(cancelled) ? 'cancelled' : 'lines-cancelled'
  const { order, publish } = makeWaiting(cancelled, at)
  const end: End = { outcome, stage: 'closed', at: at.now, refunds }
  const confirmed = { ...known, status: 'confirmed', end } as const
  return {
    state: withRequest({ ...state, order }, confirmed),
    answer: closed(confirmed),
    publish: [endEvent(storyOf(order, known, at.now), end), ...publish],
  }
}

/** The answer to a duplicate: what was decided since is told with it. */
export const confirmAgain = (
  state: OrderState | undefined,
  { requestId }: CommandData<'ConfirmCancellation'>,
  stored: AnswerTo<'ConfirmCancellation'> | undefined,
): AnswerTo<'ConfirmCancellation'> => {
  const known = state?.requests.get(requestId)
  return known?.status === 'confirmed' ? closed(known) : (stored ?? { type: 'StepPending' })
}
