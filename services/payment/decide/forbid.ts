import type { AnswerTo, CommandData } from '@countermand/contracts'
import type { Decision, Moment } from '@countermand/service/decision.ts'
import { type Payment, requestOf, toldTenders, unheard } from '../state.ts'

/**
 * `ForbidRefund`: who commits first wins. Before the pivot nothing is ever refunded for this request; after it there is
 * no way back, and the answer says where the money is. It may come before the order, and before the refund.
 */
export const forbidRefund = (
  known: Payment | undefined,
  command: CommandData<'ForbidRefund'>,
  at: Moment,
): Decision<Payment, AnswerTo<'ForbidRefund'>> => {
  const { orderId, requestId } = command
  const state = known ?? unheard(orderId)
  const request = requestOf(state, requestId)
  if (request?.status === 'forbidden') return { answer: { type: 'NothingMoved' } }
  if (request?.crossedAt !== undefined)
    return { answer: { type: 'MoneyMoved', tenders: toldTenders(state, requestId) }, noTombstone: true }
  const others = state.requests.filter((each) => each.requestId !== requestId)
  const forbidden = { requestId, status: 'forbidden', forbiddenAt: at.now } as const
  return { state: { ...state, requests: [...others, forbidden] }, answer: { type: 'NothingMoved' } }
}
