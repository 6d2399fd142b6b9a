import { eventHeaders } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { describe, expect, it } from 'vitest'
import { encodeReplyTo } from '../../src/messages/reply-to.ts'
import { edit, problemOf } from './check.ts'
import { type Letter, messageOf } from './letter.ts'

const { orderId } = exampleOrder
const headersOf = (type: string, id = 'e-1') =>
  eventHeaders({ id, source: '/shop', type, time: '2026-11-20T10:00:00Z', subject: orderId })

const letter = (changes: Partial<Letter> = {}): Letter => ({
  id: 'orders.placed.v1:0:12',
  topic: 'orders.placed.v1',
  partition: 0,
  key: orderId,
  headers: headersOf('order.placed.v1'),
  value: Buffer.from('{'),
  publishedAt: '2026-11-20T10:00:00.000Z',
  failures: [{ service: 'order', reason: 'unreadable-json', error: '', attempts: 1, failedAt: '' }],
  ...changes,
})
const json = (value: object): Buffer => Buffer.from(JSON.stringify(value))

describe('a message', () => {
  it('is read as its reader reads it', () => {
    expect(problemOf(messageOf(letter()))).toMatch(/^unreadable-json: /)
    expect(problemOf(messageOf(letter({ value: json(exampleOrder) })))).toBeUndefined()
    expect(problemOf(messageOf(letter({ value: json(exampleOrder), key: 'ord-2' })))).toMatch(/^key-mismatch: /)
  })

  it('of a service’s commands is a command of that service', () => {
    const data = { orderId, requestId: 'r-1', round: 1 }
    const command = letter({ topic: 'payment.commands.v1', headers: headersOf('ForbidRefund'), value: json(data) })
    expect(problemOf(messageOf(command))).toBeUndefined()
    expect(problemOf(messageOf({ ...command, topic: 'order.commands.v1' }))).toMatch(/^unknown-type: /)
  })

  it.each(['saga.replies.v1', 'saga.fast-replies.v1'])('of %s is an answer to the command that was asked', (topic) => {
    const replyTo = encodeReplyTo({ workflowId: 'w', activityId: 'a', command: 'ForbidRefund', final: false })
    const headers = { ...headersOf('NothingMoved'), 'reply-to': replyTo }
    const answer = letter({ topic, headers, value: json({}) })
    expect(problemOf(messageOf(answer))).toBeUndefined()
    const other = { ...answer, headers: { ...headers, ce_type: 'OrderCancelled' } }
    expect(problemOf(messageOf(other))).toBe(
      'unknown-type: expected an answer to ForbidRefund, got type OrderCancelled',
    )
  })
})

describe('an edited message', () => {
  it('keeps its key and headers, and has an event id of its own', () => {
    const { message, eventId } = edit(letter(), json(exampleOrder))
    expect(eventId).toBe('dead-letter/orders.placed.v1:0:12')
    expect(message).toEqual({
      topic: 'orders.placed.v1',
      partition: 0,
      key: orderId,
      headers: { ...letter().headers, ce_id: eventId },
      value: json(exampleOrder),
    })
  })

  it('has it in its value when its attributes are there', () => {
    const headers = { 'content-type': 'application/cloudevents+json; charset=utf-8' }
    const event = { specversion: '1.0', id: 'e-1', source: '/shop', type: 'order.placed.v1', data: exampleOrder }
    const { message } = edit(letter({ headers }), json(event))
    expect(message.headers).toEqual(headers)
    expect(JSON.parse(`${message.value}`)).toEqual({ ...event, id: 'dead-letter/orders.placed.v1:0:12' })
  })

  it('of a command keeps the id that says which command it is', () => {
    const headers = headersOf('ForbidRefund', 'whatever')
    const command = letter({ topic: 'payment.commands.v1', headers })
    const { message, eventId } = edit(command, json({ orderId, requestId: 'r-1', round: 2 }))
    expect(eventId).toBe(`${orderId}/r-1/refund/undo/2`)
    expect(message.headers.ce_id).toBe(eventId)
  })

  it('is refused when its reader could not read it, with what is wrong', () => {
    expect(() => edit(letter(), json({ ...exampleOrder, customerId: 7 }))).toThrow(
      'expected a value that orders.placed.v1 can take for orders.placed.v1:0:12, got invalid-data: customerId: expected a text, got 7',
    )
  })
})
