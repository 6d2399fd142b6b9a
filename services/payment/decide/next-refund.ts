import { createHash } from 'node:crypto'
import type { Payment, Refund } from '../state.ts'

/**
 * A refund that follows those of the same request and tender. Its key is `<requestId>/<tenderId>`; another destination or
 * a key that died makes it a new operation, and says so in the key.
 */
export const nextRefund = (
  state: Payment,
  refund: Pick<Refund, 'requestId' | 'tenderId' | 'amount' | 'currency' | 'destination' | 'round'>,
): Refund => {
  const earlier = state.refunds.filter(
    (each) => each.requestId === refund.requestId && each.tenderId === refund.tenderId,
  )
  const same = earlier.filter((each) => each.destination === refund.destination).length
  const elsewhere = (earlier[0]?.destination ?? refund.destination) !== refund.destination
  const parts = [refund.requestId, refund.tenderId, ...(elsewhere ? [refund.destination] : [])]
  const idempotencyKey = [...parts, ...(same > 0 ? [String(same + 1)] : [])].map(encodeURIComponent).join('/')
  return {
    ...refund,
    idempotencyKey,
    // A key may be longer than an id of the contracts.
    refundId: `ref_${createHash('sha256').update(`${state.orderId}/${idempotencyKey}`).digest('hex').slice(0, 24)}`,
    replaced: false,
    expectedBy: undefined,
    progress: { state: 'planned' },
  }
}
