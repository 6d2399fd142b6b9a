import {
  answers,
  check,
  commandId,
  commands,
  isCommandName,
  most,
  stepOf,
  topicPlan,
  utf8Bytes,
} from '@countermand/contracts'
import { type Filling, fillings, largest } from '@countermand/testing'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { messages } from './messages.ts'

/**
 * Every message at its largest, by walking its schema: each text at its limit, in characters of one, three and four bytes and in those that
 * JSON escapes, each list at its limit.
 */

const everyFilling = Object.keys(fillings).filter((name): name is Filling => Object.hasOwn(fillings, name))

/** What comes with a value: the key, the headers and the batch around it. */
const besidesTheValue = 16_384

const brokerTakes = (topic: string): number =>
  Number(topicPlan().find(({ name }) => name === topic)?.config['max.message.bytes']) - besidesTheValue

const temporalTakes = 2 * 1024 * 1024

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))

/** What its parts at their limits would make larger than anybody takes. Their sum has a limit, which is tested where it is held to. */
const limitedInSum: Readonly<Record<string, string>> = {
  'order.placed.v1': 'by most.inputBytes: shared/contracts/limits.test.ts',
  'order.accepted.v1': 'as one that was placed: shared/contracts/limits.test.ts',
  'order.changed.v1': 'by most.inputBytes: shared/contracts/limits.test.ts',
  'order.amended.v1': 'as one that was placed: services/order/decide/change.test.ts',
  AlreadyEnded: 'by the room for decisions: services/order/test/largest-answers.test.ts',
  OrderCancelled: 'by the room for decisions: services/order/test/largest-answers.test.ts',
  LinesCancelled: 'by the room for decisions: services/order/test/largest-answers.test.ts',
  CancellationRecorded: 'by the room for decisions: services/order/test/largest-answers.test.ts',
  CancellationBegun: 'by its order and by the room for decisions: services/order/test/largest-answers.test.ts',
  CancellationRead: 'by the room for decisions: services/order/test/largest-answers.test.ts',
  HoldsListed: 'by the bytes of a page: services/order/store/queries.it.test.ts',
}

/**
 * These carry lines, also of an order that was taken before there were limits, whose ids may be of anything. It came in one message, and what is
 * made of it is smaller. They are tried with as many lines as are taken today, of ids as they are taken today.
 */
const carriesLines: ReadonlySet<string> = new Set([
  ...['shipment.changed.v1', 'label.wanted.v1', 'BeginCancellation', 'AbandonCancellation', 'RecordCancellation'],
  ...['StopShipment', 'SetStockAside', 'StockSetAside', 'StockReservedAgain', 'StockOnSale', 'AwaitingParcel'],
  ...[
    'started',
    'awaiting-merchant',
    'decided',
    'needs-attention',
    'resumed',
    'completed',
    'refused',
    'withdrawn',
    'compensated',
  ].map((what) => `order.cancellation.${what}.v1`),
])

const each = messages.map((message) => [`${message.kind} ${message.name}`, message] as const)
const limitedInParts = each.filter(([, { name }]) => !Object.hasOwn(limitedInSum, name))

describe('every message', () => {
  it.each(each)('has a limit for each text and each list: %s', (_, { schema }) => {
    expect(largest(schema, 'three', 2).boundless).toEqual([])
  })

  it.each(limitedInParts)('at its largest passes its contract and fits into Kafka and Temporal: %s', (_, message) => {
    const hasLines = carriesLines.has(message.name)
    for (const filling of everyFilling.filter((name) => !hasLines || name !== 'escaped')) {
      const { value } = largest(message.schema, filling, hasLines ? most.lines : undefined)
      const checked = check(message.schema, value)
      expect(checked.ok ? '' : checked.problems).toBe('')
      for (const topic of message.topics) expect(bytes(value)).toBeLessThanOrEqual(brokerTakes(topic))
      expect(bytes(value)).toBeLessThanOrEqual(temporalTakes)
    }
  })

  it('is one of these, and no other is said to have another limit', () => {
    const names = messages.map(({ name }) => name)
    expect(Object.keys(limitedInSum).filter((name) => !names.includes(name))).toEqual([])
    expect(limitedInParts).toHaveLength(names.length - Object.keys(limitedInSum).length)
  })
})

const identified = z.object({
  orderId: z.string(),
  requestId: z.string(),
  round: z.number(),
  key: z.string().optional(),
})

describe('the id of each command', () => {
  it.each(Object.keys(commands).filter(isCommandName))(
    'and of its answers is short enough at its largest: %s',
    (name) => {
      // What separates parts is escaped in them with three bytes.
      for (const part of ['/', fillings.three]) {
        const given = identified.parse(largest(commands[name].data, 'three', 1).value)
        const [orderId, requestId, key] = [given.orderId, given.requestId, given.key ?? ''].map((text) =>
          part.repeat(text.length),
        )
        const step = stepOf(name, { key: key ?? '' })
        const id = commandId({
          orderId: orderId ?? '',
          requestId: requestId ?? '',
          step,
          direction: 'undo',
          round: given.round,
        })
        const longestAnswer = Math.max(...Object.keys(answers).map((answer) => utf8Bytes(`/${answer}`)))
        expect(utf8Bytes(id) + longestAnswer).toBeLessThanOrEqual(most.messageIdBytes)
      }
    },
  )
})
