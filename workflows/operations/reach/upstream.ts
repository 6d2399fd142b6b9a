import { randomUUID } from 'node:crypto'
import { type EventType, eventHeaders, events } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'

/** Headers of an event as an upstream service sends it. */
export const upstreamHeaders = (type: EventType, key: string, id: string = randomUUID()): Record<string, string> =>
  eventHeaders({ id, source: '/shop', type, time: new Date().toISOString(), subject: key })

/** An event as an upstream service sends it; the data need not be right. */
export const upstreamMessage = (type: EventType, key: string, data: unknown, id?: string): OutgoingMessage => ({
  ...{ topic: events[type].topic, key, headers: upstreamHeaders(type, key, id), value: JSON.stringify(data) },
})
