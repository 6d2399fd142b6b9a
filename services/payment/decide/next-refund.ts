import { createHash } from 'node:crypto'
import { type Payment, type Refund, tenderOf } from '../state.ts'

/** The id of the refund of this name, and the key that a channel knows it by: providers take few characters, and not many of them. */
export const refundIdOf = (orderId: string, name: string): string =>
  `ref_${createHash('sha256').update(`${orderId}/${name}`).digest('hex').slice(0, 24)}`

/**
 * A refund that follows those of the same request and tender. Its name is `<requestId>/<tenderId>`; another destination or
 * a key that died makes it a new operation, and says so in the name.
 */
export const nextRefund = (
  state: Payment,
  planned: Pick<Refund, 'requestId' | 'tenderId' | 'amount' | 'currency' | 'destination' | 'round'>,
): Refund => {
  // Of a refund that it replaces no more than this is taken over.
  const { requestId, tenderId, amount, currency, destination, round } = planned
  const refund = { requestId, tenderId, amount, currency, destination, round }
  const earlier = state.refunds.filter(
    (each) => each.requestId === refund.requestId && each.tenderId === refund.tenderId,
  )
  const same = earlier.filter((each) => each.destination === refund.destination).length
  const elsewhere = (earlier[0]?.destination ?? refund.destination) !== refund.destination
  const parts = [refund.requestId, refund.tenderId, ...(elsewhere ? [refund.destination] : [])]
  const idOf = (place: number): string => {
    const name = [...parts, ...(place > 0 ? [String(place + 1)] : [])].map(encodeURIComponent).join('/')
    const id = refundIdOf(state.orderId, name)
    // A void that is over was named for another destination than it has now.
    return earlier.some(({ refundId }) => refundId === id) ? idOf(place + 1) : id
  }
  const refundId = idOf(same)
  return {
    ...refund,
    refundId,
    idempotencyKey: refundId,
    operation: refund.destination === 'original' && tenderOf(state, refund.tenderId).authorized ? 'void' : 'refund',
    replaced: false,
    expectedBy: undefined,
    firstAskedAt: undefined,
    providerRef: undefined,
    progress: { state: 'planned' },
  }
}
