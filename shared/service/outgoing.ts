import { type Answer, eventHeaders, eventId, events } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { ReplyAddress } from '@countermand/kafka/reading.ts'
import type { Publication } from './decision.ts'

/** Who says it, and when (ISO 8601). */
export interface Sender {
  readonly source: string
  readonly now: string
}

/** A command, or a query, that is answered. */
export interface Asked {
  readonly orderId: string
  readonly requestId: string
  readonly commandId: string
  readonly traceparent: string | null
}

const traced = (traceparent: string | null) => (traceparent === null ? {} : { traceparent })

/** The same answer to the same command is a duplicate, by its id. */
export const answerMessage = (
  { source, now }: Sender,
  { orderId, requestId, commandId, traceparent }: Asked,
  reply: ReplyAddress,
  { type, ...fields }: Answer,
): OutgoingMessage => ({
  topic: reply.topic,
  key: orderId,
  ...(reply.partition === undefined ? {} : { partition: reply.partition }),
  headers: {
    ...eventHeaders({ id: `${commandId}/${type}`, source, type, time: now, subject: requestId }),
    'reply-to': reply.replyTo,
    ...traced(traceparent),
  },
  value: JSON.stringify({ orderId, requestId, commandId, ...fields }),
})

export const eventMessage = (
  { source, now }: Sender,
  orderId: string,
  { type, id, data }: Publication,
  traceparent: string | null,
): OutgoingMessage => ({
  topic: events[type].topic,
  key: orderId,
  headers: {
    ...eventHeaders({ id: eventId(orderId, type, ...id), source, type, time: now, subject: orderId }),
    ...traced(traceparent),
  },
  value: JSON.stringify(data),
})
