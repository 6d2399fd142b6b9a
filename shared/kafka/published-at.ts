import type { IncomingMessage } from './message.ts'

/** Of a message that was sent again: when it was published first, ISO 8601. Its own time in Kafka only says when it was sent again. */
export const firstPublishedAt = 'first-published-at'

/** When a message was published for the first time, ISO 8601; `undefined`: nobody can tell. */
export const publishedAt = ({ arrivedAt, headers }: Pick<IncomingMessage, 'arrivedAt' | 'headers'>) => {
  const first = Date.parse(headers[firstPublishedAt] ?? '')
  const isFirst = Number.isFinite(first) && first > 0 && (arrivedAt === undefined || first < Date.parse(arrivedAt))
  return isFirst ? new Date(first).toISOString() : arrivedAt
}
