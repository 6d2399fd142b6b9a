import { randomUUID } from 'node:crypto'
import { eventually } from '@countermand/testing'
import type { Heard } from '@countermand/tools/shop/outside.ts'
import { play } from '@countermand/tools/shop/play.ts'
import { orderOf, requestOf, type Scenario, scenarios } from '@countermand/tools/shop/scenarios.ts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { badInputs } from '../bad-input.ts'
import { patienceMs, world } from './system.ts'

const rowOfWaiting = z.object({ order_id: z.string() })

const scenario = (name: string): Scenario =>
  scenarios.find((each) => each.name === name) ?? expect.fail(`no scenario ${name}`)

/** The public events of an order, as they come. */
const follow = (orderId: string): Heard[] => {
  const heard: Heard[] = []
  world.outside.listen((event) => {
    if (event.data.orderId === orderId) heard.push(event)
  })
  return heard
}

const endOf = (heard: readonly Heard[]) => heard.find((event) => 'outcome' in event.data)

describe('a cancel event that overtakes its order', () => {
  it('waits for it, and is not refused', async () => {
    const orderId = `ord-early-${randomUUID().slice(0, 8)}`
    const heard = follow(orderId)
    const request = requestOf(orderId, randomUUID(), new Date().toISOString())
    await world.outside.publish('order.cancel.requested.v1', orderId, request)
    await eventually('the order service to let it wait', async () => {
      const waiting = await world.databases.order.rows(
        rowOfWaiting,
        'select order_id from waiting where order_id = $1',
        [orderId],
      )
      return waiting.length === 1
    })
    expect(await world.story(request.requestId)).toMatchObject({
      orderId,
      outcome: null,
      next: expect.stringContaining('waits for order to answer BeginCancellation'),
    })
    await world.outside.publish(
      'order.placed.v1',
      orderId,
      orderOf(scenario('unshipped'), orderId, request.requestedAt),
    )
    const end = await eventually('its end', () => endOf(heard))
    expect(end).toMatchObject({ type: 'order.cancellation.completed.v1', data: { outcome: 'cancelled' } })
    expect((await world.story(orderId)).order).toMatchObject({ status: 'cancelled' })
  })
})

describe('a cancel event for an order that nobody placed', () => {
  it('is refused once ORDER_PATIENCE has passed', async () => {
    const orderId = `ord-nobody-${randomUUID().slice(0, 8)}`
    const heard = follow(orderId)
    const published = performance.now()
    await world.outside.publish(
      'order.cancel.requested.v1',
      orderId,
      requestOf(orderId, randomUUID(), new Date().toISOString()),
    )
    const end = await eventually('its end', () => endOf(heard), patienceMs + 20_000)
    expect(performance.now() - published).toBeGreaterThan(patienceMs)
    expect(end).toMatchObject({
      type: 'order.cancellation.refused.v1',
      data: { outcome: 'refused', code: 'order-not-found', stage: 'verifying' },
    })
    expect(heard.map(({ type }) => type)).toEqual(['order.cancellation.refused.v1'])
    expect(await world.story(orderId)).toMatchObject({ outcome: 'refused', order: null, stock: [], shipments: [] })
  })
})

describe('input that cannot be used', () => {
  it.for(badInputs)('$name is a dead letter ($reason), and what is behind it goes on', async (input) => {
    const { message, reason, says } = input
    const behind = { message, deadLetter: reason }
    const name = `bad-${badInputs.indexOf(input)}`
    const { orderId, end } = await play({ ...scenario('unshipped'), name, behind }, world.outside, { withinMs: 20_000 })
    expect(end.data).toMatchObject({ outcome: 'cancelled' })
    const { deadLetters } = await world.story(orderId)
    expect(deadLetters).toMatchObject([{ reason, topic: message(orderId).topic, key: orderId }])
    expect(deadLetters[0]?.error).toContain(says)
  })

  it('leaves every invariant true', async () => {
    expect((await world.verify()).violations).toEqual([])
  })
})

describe('an order that is placed again', () => {
  it('with other content is a dead letter, with the same content nothing happens', async () => {
    const orderId = `ord-again-${randomUUID().slice(0, 8)}`
    const order = orderOf(scenario('unshipped'), orderId, '2026-11-20T09:00:00Z')
    await world.outside.publish('order.placed.v1', orderId, order)
    await world.outside.publish('order.placed.v1', orderId, order)
    await world.outside.publish('order.placed.v1', orderId, { ...order, customerId: 'cus-8' })
    const mine = async () => (await world.deadLetters()).filter(({ key }) => key === orderId)
    await eventually('a dead letter', async () => (await mine()).length > 0)
    expect(await mine()).toMatchObject([{ reason: 'order-changed' }])
    expect((await world.story(orderId)).order).toMatchObject({ customerId: 'cus-7', status: 'paid' })
  })
})

describe('a request id that was used before', () => {
  it('is a dead letter, and the first request goes on', async () => {
    const { orderId, requestId } = await play(scenario('unshipped'), world.outside, { withinMs: 20_000 })
    const other = { ...requestOf(orderId, requestId, new Date().toISOString()), reason: { code: 'too-slow' } } as const
    await world.outside.publish('order.cancel.requested.v1', orderId, other)
    const letter = await eventually('its dead letter', async () =>
      (await world.deadLetters()).find(({ key }) => key === orderId),
    )
    expect(letter).toMatchObject({ reason: 'request-id-reused' })
    expect(await world.story(requestId)).toMatchObject({ outcome: 'cancelled', order: { status: 'cancelled' } })
  })
})
