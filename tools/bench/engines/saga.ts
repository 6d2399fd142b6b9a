import type { Answer, CancelRequested } from '@countermand/contracts'
import { type Call, call } from './contract.ts'

/** Sends commands side by side and resolves with their final answers, in their order. */
export type Ask = (...calls: readonly Call[]) => Promise<Answer[]>

/**
 * The saga as the other engines run it: the straight road, and the road back from a refund that is refused. The commands, their order
 * and what goes side by side are those of `workflows/src/saga/cancel-order.ts`; the engine's part is how a command is asked durably.
 */
export const cancelOrder = async (request: CancelRequested, ask: Ask): Promise<void> => {
  const [begun] = await ask(call('BeginCancellation', request, request))
  // A "no" to the hold ends the request in the order service.
  if (begun?.type !== 'CancellationBegun') return
  const { whole, lines, amount, currency, refundFallback: fallback } = begun
  await ask(call('StopShipment', request, { whole, lines }), call('SetStockAside', request, { lines }))
  const { refundTo } = request
  const [refunded] = await ask(call('RefundOrder', request, { amount, currency, refundTo, fallback }))
  if (refunded?.type !== 'RefundSettled') return goBack(request, ask)
  await ask(call('ReturnStockToSale', request))
  await ask(call('ConfirmCancellation', request, { refunds: refunded.tenders }))
}

const goBack = async (request: CancelRequested, ask: Ask): Promise<void> => {
  const [forbidden] = await ask(call('ForbidRefund', request))
  if (forbidden?.type !== 'NothingMoved' && forbidden?.type !== 'NothingToUndo')
    throw new Error(`expected that no money of ${request.requestId} moved, got ${forbidden?.type}`)
  await ask(call('ReserveAgain', request), call('ResumeShipment', request))
  const turn = { outcome: 'compensated', code: 'refund-refused', stage: 'refunding' }
  await ask(call('AbandonCancellation', request, { ...turn, request }))
}
