import { randomUUID } from 'node:crypto'
import { type EventData, type EventType, events, readEnvelope, topics } from '@countermand/contracts'
import {
  connectKafka,
  createPublisher,
  type IncomingMessage,
  type OutgoingMessage,
  startConsumer,
} from '@countermand/kafka'
import { createLogger } from '@countermand/telemetry'
import { upstreamMessage } from '@countermand/workflows/operations/reach/upstream.ts'
import { z } from 'zod'

export { upstreamHeaders } from '@countermand/workflows/operations/reach/upstream.ts'

const told = <Type extends EventType, Data extends z.ZodType>(type: Type, event: { readonly data: Data }) =>
  z.object({ type: z.literal(type), id: z.string(), data: event.data })

const heardEvent = z.discriminatedUnion('type', [
  told('order.cancellation.started.v1', events['order.cancellation.started.v1']),
  told('order.cancellation.awaiting-merchant.v1', events['order.cancellation.awaiting-merchant.v1']),
  told('order.cancellation.decided.v1', events['order.cancellation.decided.v1']),
  told('order.cancellation.needs-attention.v1', events['order.cancellation.needs-attention.v1']),
  told('order.cancellation.resumed.v1', events['order.cancellation.resumed.v1']),
  told('order.cancellation.input-rejected.v1', events['order.cancellation.input-rejected.v1']),
  told('order.cancellation.completed.v1', events['order.cancellation.completed.v1']),
  told('order.cancellation.refused.v1', events['order.cancellation.refused.v1']),
  told('order.cancellation.withdrawn.v1', events['order.cancellation.withdrawn.v1']),
  told('order.cancellation.compensated.v1', events['order.cancellation.compensated.v1']),
  told('refund.submitted.v1', events['refund.submitted.v1']),
  told('refund.pending.v1', events['refund.pending.v1']),
  told('refund.action-required.v1', events['refund.action-required.v1']),
  told('refund.succeeded.v1', events['refund.succeeded.v1']),
  told('refund.failed.v1', events['refund.failed.v1']),
  told('refund.reversed.v1', events['refund.reversed.v1']),
  told('shipment.changed.v1', events['shipment.changed.v1']),
])

/** What the public hears of a cancellation, its refunds and its parcels. */
export type Heard = z.infer<typeof heardEvent>

/** A public event, read; `undefined`: of a type that is not followed here. */
export const readHeard = (event: { readonly type: string; readonly id: string; readonly data: unknown }) =>
  heardEvent.safeParse(event).data

/** The world around the system: upstream services that publish, and anyone who listens to the public topics. */
export interface Outside {
  publish<Type extends EventType>(type: Type, key: string, data: EventData<Type>, id?: string): Promise<void>
  /** Publishes a message as it is. */
  publishRaw(message: OutgoingMessage): Promise<void>
  /** Calls back for each public event, once by its event id, until the returned function is called. */
  listen(listener: (heard: Heard) => void): () => void
  stop(): Promise<void>
}

const followed = [topics.cancellations, topics.refunds, topics.shipmentsChanged]

/** Connects to Kafka as a neighbour would, and follows the public topics from their beginning. */
export const connectOutside = async (where: {
  readonly kafkaBrokers: string
  readonly topicPrefix: string
}): Promise<Outside> => {
  const kafka = connectKafka({
    brokers: where.kafkaBrokers.split(','),
    clientId: 'countermand-outside',
    prefix: where.topicPrefix,
  })
  const publisher = createPublisher({ kafka })
  const listeners = new Set<(heard: Heard) => void>()
  const known = new Set<string>()

  const hear = (message: IncomingMessage) => {
    const { type, id, data } = readEnvelope(message)
    // A consumer of the public story drops duplicates by event id.
    if (known.has(id)) return
    known.add(id)
    const heard = heardEvent.parse({ type, id, data })
    for (const listener of listeners) listener(heard)
  }
  const consumer = await startConsumer({
    kafka,
    groupId: `outside-${randomUUID()}`,
    topics: followed,
    log: createLogger({ name: 'outside', level: 'silent' }),
    onBatch: async (messages) => messages.forEach(hear),
  })

  return {
    publish: (type, key, data, id) => publisher.publish([upstreamMessage(type, key, data, id)]),
    publishRaw: (message) => publisher.publish([message]),
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: async () => {
      await consumer.stop()
      await publisher.stop()
    },
  }
}
