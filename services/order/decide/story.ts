import { type CancellationStory, sagaId } from '@countermand/contracts'
import type { Publication } from '@countermand/service/decision.ts'
import { claimOf } from './claim.ts'
import type { Order } from './order.ts'
import type { CancellationRequest, End } from './request.ts'

const claimFacts = (order: Order, request: CancellationRequest): Pick<CancellationStory, 'amount' | 'lines'> => {
  const claim = claimOf(order, request.request.lines)
  return 'exceeded' in claim || claim.lines.length === 0 ? {} : { amount: claim.amount, lines: claim.lines }
}

/** Facts of the order: as they were promised, else as they are; none of an order that is unknown. */
const orderFacts = (order: Order | undefined, request: CancellationRequest): Partial<CancellationStory> => {
  if ('begun' in request && request.begun !== undefined) {
    const { merchantId, customerId, currency, amount, lines } = request.begun
    return { merchantId, customerId, currency, amount, lines }
  }
  if (order === undefined) return {}
  const { merchantId, customerId, currency } = order.placed
  return { merchantId, customerId, currency, ...claimFacts(order, request) }
}

/** What every event of the public story says of a request. `at` is ISO 8601. */
export const storyOf = (order: Order | undefined, request: CancellationRequest, at: string): CancellationStory => {
  const { requestId, orderId, initiator, reason } = request.request
  const workflowId = sagaId(orderId, requestId)
  return { requestId, orderId, ...orderFacts(order, request), initiator, reason, workflowId, at }
}

export const startedEvent = (story: CancellationStory): Publication => ({
  type: 'order.cancellation.started.v1',
  data: story,
  id: [story.requestId],
})

/** The one public end of a request. */
export const endEvent = (story: CancellationStory, { at: _, ...end }: End): Publication => {
  const id = [story.requestId]
  switch (end.outcome) {
    case 'cancelled':
    case 'lines-cancelled':
      return { type: 'order.cancellation.completed.v1', data: { ...story, ...end, outcome: end.outcome }, id }
    case 'refused':
      return { type: 'order.cancellation.refused.v1', data: { ...story, ...end }, id }
    case 'withdrawn':
      return { type: 'order.cancellation.withdrawn.v1', data: { ...story, ...end, outcome: end.outcome }, id }
    case 'compensated':
      return { type: 'order.cancellation.compensated.v1', data: { ...story, ...end, outcome: end.outcome }, id }
  }
}
