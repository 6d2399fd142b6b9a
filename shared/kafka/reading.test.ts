import { eventHeaders, topics, UnreadableMessage } from '@countermand/contracts'
import { exampleOrder, exampleRequest } from '@countermand/contracts/examples.ts'
import { describe, expect, it } from 'vitest'
import type { IncomingMessage } from './message.ts'
import { readMessage } from './reading.ts'

const message = (
  topic: string,
  type: string,
  data: object,
  key: string | null = exampleOrder.orderId,
): IncomingMessage => ({
  topic,
  partition: 0,
  offset: '0',
  key,
  value: Buffer.from(JSON.stringify(data)),
  headers: eventHeaders({ id: 'm-1', source: '/test', type, time: '2026-11-20T09:00:00Z', subject: 'ord-1001' }),
})

const letterOf = (incoming: IncomingMessage) => {
  try {
    readMessage('order', incoming)
  } catch (error) {
    if (error instanceof UnreadableMessage) return { reason: error.reason, error: error.message }
    throw error
  }
  return undefined
}

const begin = { ...exampleRequest, round: 1 }
const { orderCommands, ordersPlaced, inventoryStock } = topics

describe('a message to the order service', () => {
  it('that keeps its contract is read', () => {
    expect(readMessage('order', message(ordersPlaced, 'order.placed.v1', exampleOrder))).toMatchObject({
      kind: 'event',
    })
    expect(readMessage('order', message(orderCommands, 'BeginCancellation', begin))).toMatchObject({
      kind: 'command',
      messageId: `ord-1001/${exampleRequest.requestId}/hold-order/do/1`,
    })
  })

  it.each([
    [
      message(ordersPlaced, 'order.burnt.v1', exampleOrder),
      'expected one of order.placed.v1, order.changed.v1 on orders.placed.v1, got type order.burnt.v1',
    ],
    [
      message(ordersPlaced, 'stock.received.v1', exampleOrder),
      'expected one of order.placed.v1, order.changed.v1 on orders.placed.v1, got type stock.received.v1',
    ],
    [message(orderCommands, 'MakeTea', begin), 'expected a command of the order service, got type MakeTea'],
    [message(orderCommands, 'RefundOrder', begin), 'expected a command of the order service, got type RefundOrder'],
    [message(orderCommands, 'constructor', begin), 'expected a command of the order service, got type constructor'],
  ])('of an unknown type is a dead letter (%#)', (incoming, error) => {
    expect(letterOf(incoming)).toEqual({ reason: 'unknown-type', error })
  })

  it.each([
    [
      message(ordersPlaced, 'order.placed.v1', exampleOrder, 'ord-9'),
      "expected the data's orderId ord-1001 as the message's key, got ord-9",
    ],
    [
      message(orderCommands, 'BeginCancellation', begin, null),
      expect.stringMatching(
        /^expected the data's orderId ord-1001 as the message's key, got none: give it to the record, not only to the event/,
      ),
    ],
    [
      message(inventoryStock, 'stock.received.v1', { sku: 'SKU-MUG', quantity: 1, at: '2026-11-20T09:00:00Z' }),
      "expected the data's sku SKU-MUG as the message's key, got ord-1001",
    ],
  ])('with another key than its data’s is a dead letter (%#)', (incoming, error) => {
    expect(letterOf(incoming)).toEqual({ reason: 'key-mismatch', error })
  })

  it.each([0, -1, 1.5, 2 ** 31, '1', undefined])('of round %j is a dead letter', (round) => {
    expect(letterOf(message(orderCommands, 'BeginCancellation', { ...begin, round }))).toMatchObject({
      reason: 'invalid-data',
      error: expect.stringMatching(/^round: /),
    })
  })
})
