import { createHash } from 'node:crypto'
import type { CancelRequested } from './cancel-requests.ts'

/**
 * Tells apart two requests with the same id: for the saga, which keeps it in a memo, and for the order service. The order of lines says
 * nothing, and `retryOf` and `via` only where the request came from. Runs that are open have theirs: what it is made of never changes.
 */
export const digestOf = ({ orderId, requestedAt, initiator, reason, lines, refundTo }: CancelRequested): string => {
  const sorted = lines
    ?.toSorted((a, b) => (a.lineId < b.lineId ? -1 : 1))
    .map(({ lineId, quantity }) => [lineId, quantity])
  const { kind, id } = initiator
  const { code, note } = reason
  const content = [orderId, requestedAt, kind, id, code, note, sorted, refundTo]
  return createHash('sha256').update(JSON.stringify(content)).digest('hex')
}
