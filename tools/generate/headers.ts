import { sourceOf } from '@countermand/contracts'

/** The headers of messages, as JSON Schemas of the AsyncAPI document. */

const text = (description: string) => ({ type: 'string', description })

const cloudEventHeaders = {
  type: 'object',
  required: ['ce_specversion', 'ce_id', 'ce_source', 'ce_type'],
  properties: {
    'content-type': { const: 'application/json' },
    ce_specversion: { const: '1.0' },
    ce_id: text('The same id again is a duplicate.'),
    ce_source: text(`Who says it, e.g. ${sourceOf('order')}.`),
    ce_type: text('The name of the message.'),
    ce_time: { type: 'string', format: 'date-time' },
    ce_subject: text(
      'What it is about: the order (of stock, the SKU) in events, the request in commands and answers. Nothing is read from it.',
    ),
    traceparent: text('W3C trace context; carried along.'),
  },
}

const commandHeaders = {
  type: 'object',
  required: ['reply-topic', 'reply-to'],
  properties: {
    'reply-topic': text(
      'The topic to answer on: saga.replies.v1, saga.fast-replies.v1, or one of the setting REPLY_TOPICS.',
    ),
    'reply-partition': { ...text('The partition of it to answer on; absent: chosen by the key.'), pattern: '^[0-9]+$' },
    'reply-to': text('Opaque: give it back.'),
  },
}

const answerHeaders = {
  type: 'object',
  required: ['reply-to'],
  properties: { 'reply-to': text('As the command, or its latest duplicate, gave it.') },
}

const deadLetterHeaders = {
  type: 'object',
  description: 'The headers of the message as it was, and:',
  required: ['dlq-reason', 'dlq-error', 'dlq-original-topic', 'dlq-service'],
  properties: {
    'dlq-reason': text('The kind of trouble, e.g. invalid-data.'),
    'dlq-error': text('What was expected and what came, in at most 2 KB.'),
    'dlq-original-topic': text('Where it was read,'),
    'dlq-original-partition': text('its partition'),
    'dlq-original-offset': text('and offset.'),
    'dlq-original-arrived-at': { type: 'string', format: 'date-time', description: 'When Kafka had it.' },
    'dlq-attempts': text('How often it was tried.'),
    'dlq-failed-at': { type: 'string', format: 'date-time' },
    'dlq-service': text('Who could not use it.'),
  },
}

/** By the name that the document gives them. */
export const headerSchemas = {
  CloudEventHeaders: cloudEventHeaders,
  CommandHeaders: commandHeaders,
  AnswerHeaders: answerHeaders,
  DeadLetterHeaders: deadLetterHeaders,
}
export type HeaderSchema = keyof typeof headerSchemas
