import { createHash } from 'node:crypto'
import type { CancelRequested } from '@countermand/contracts'

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Tells apart two requests with the same id. The order of lines says nothing, and `retryOf` only where it came from. */
export const digestOf = ({ orderId, requestedAt, initiator, reason, lines, refundTo }: CancelRequested): string => {
  const sorted = lines
    ?.toSorted((a, b) => (a.lineId < b.lineId ? -1 : 1))
    .map(({ lineId, quantity }) => [lineId, quantity])
  const { kind, id } = initiator
  const { code, note } = reason
  return sha256(JSON.stringify([orderId, requestedAt, kind, id, code, note, sorted, refundTo]))
}

/** An event's identity, short whatever its publisher chose: what the input comes to is recorded under it. */
export const inputIdOf = (event: { readonly source: string; readonly id: string }): string =>
  `event:${sha256(JSON.stringify([event.source, event.id])).slice(0, 32)}`
