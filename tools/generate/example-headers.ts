import { commandId, type Direction, isCommandName, stepOf, topics } from '@countermand/contracts'
import { z } from 'zod'
import type { MessageDocument } from './messages.ts'

/** The headers that an example travels with. */

const about = z.object({
  orderId: z.string().optional(),
  sku: z.string().optional(),
  requestId: z.string().optional(),
  round: z.number().optional(),
  key: z.string().optional(),
  commandId: z.string().optional(),
})

const writers: Readonly<Record<string, string>> = {
  order: '/countermand/order',
  payment: '/countermand/payment',
  logistics: '/countermand/logistics',
}

/** Who may be the source of an event: upstream services choose theirs. */
const sourceOf = (name: string): string => {
  if (name.startsWith('order.cancellation.') || name === 'order.accepted.v1') return writers.order ?? ''
  if (name.startsWith('refund.')) return writers.payment ?? ''
  return name === 'shipment.changed.v1' ? (writers.logistics ?? '') : '/shop/checkout'
}

const replyTo = 'eyJ3b3JrZmxvd0lkIjoiY2FuY2VsLW9yZC0xMDAxIn0'

const commandHeaders = (name: string, example: object, direction: Direction) => {
  const { orderId = '', requestId = '', round = 1, key } = about.parse(example)
  const step = isCommandName(name) ? stepOf(name, key === undefined ? {} : { key }) : name
  return {
    ce_id: commandId({ orderId, requestId, step, direction, round }),
    ce_source: 'countermand/orchestrator',
    ce_subject: requestId,
    'reply-topic': topics.sagaReplies,
    'reply-to': replyTo,
  }
}

const own = ({ kind, name, example }: MessageDocument, direction: Direction) => {
  const { orderId = '', sku, requestId = '', commandId: answered = '' } = about.parse(example)
  if (kind === 'command') return commandHeaders(name, example, direction)
  if (kind === 'answer')
    return {
      ...{ ce_id: `${answered}/${name}`, ce_source: '/countermand/logistics', ce_subject: requestId },
      'reply-to': replyTo,
    }
  return { ce_id: '0d6f9b1e-7c1e-4f6f-9f3e-2f3b6f1c8a55', ce_source: sourceOf(name), ce_subject: sku ?? orderId }
}

export const exampleHeaders = (message: MessageDocument, direction: Direction = 'do') => ({
  'content-type': 'application/json',
  ce_specversion: '1.0',
  ce_type: message.name,
  ce_time: '2026-11-20T10:00:03Z',
  ...own(message, direction),
})
