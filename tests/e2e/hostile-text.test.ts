import { randomInt, randomUUID } from 'node:crypto'
import { eventHeaders, topics } from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/kafka'
import { eventually, hostileBytes, hostileTexts, printableTexts, unprintableTexts } from '@countermand/testing'
import type { Heard } from '@countermand/tools/shop/outside.ts'
import { isEnd } from '@countermand/tools/shop/play.ts'
import { orderOf, requestOf, scenarios } from '@countermand/tools/shop/scenarios.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { startWorld, type World } from './world.ts'

/**
 * Hostile text on every topic that strangers write to, all in one go: nothing is held up, each reason is told, and what an id may hold is
 * an id like any other, from the event to the command line.
 */

const [plain] = scenarios
if (plain === undefined) throw new Error('expected a scenario')
const unshipped = plain
const onItsWay = {
  ...plain,
  parcel: { trackingNumber: 'OK-1', status: 'in-transit' },
} as const

/** An id as long as one may be, of characters of three bytes, none of which a database could compress. */
const endless = (beginning = ''): string =>
  `${beginning}${Array.from({ length: 128 - beginning.length }, () => String.fromCodePoint(randomInt(0x4e00, 0x9fff))).join('')}`

let world: World
const heard: Heard[] = []
beforeAll(async () => {
  world = await startWorld(inject('stack'))
  world.outside.listen((event) => heard.push(event))
})
afterAll(async () => {
  await world?.stop()
})

const placedAt = '2026-11-20T09:00:00Z'
const now = () => new Date().toISOString()
const endOf = (requestId: string) => heard.filter(isEnd).find(({ data }) => data.requestId === requestId)?.data

const message = (topic: string, type: string, key: OutgoingMessage['key'], data: object): OutgoingMessage => ({
  ...{ topic, key },
  headers: eventHeaders({ id: randomUUID(), source: '/test', type, time: placedAt, subject: 'someone' }),
  value: JSON.stringify(data),
})
const placed = (key: OutgoingMessage['key'], data: object) => message(topics.ordersPlaced, 'order.placed.v1', key, data)
const asked = (key: OutgoingMessage['key'], data: object) =>
  message(topics.cancelRequests, 'order.cancel.requested.v1', key, data)

/** Messages that nobody can use, with an id of their own in their value. */
const unusable = (): OutgoingMessage[] => {
  const order = (changes: object) => ({ ...orderOf(plain, `ord-${randomUUID()}`, placedAt), ...changes })
  const request = (changes: object) => ({ ...requestOf(`ord-${randomUUID()}`, randomUUID(), now()), ...changes })
  const inEach = Object.values(unprintableTexts).flatMap((text) => [
    placed('k', order({ orderId: text })),
    placed(text, order({})),
    asked('k', request({ requestId: text })),
    asked(text, request({ orderId: text })),
    { ...asked('k', request({})), headers: { [text]: text, ce_id: text } },
    message(topics.shipmentsTracking, 'shipment.updated.v1', text, { shipmentId: text, orderId: text }),
    message(topics.inventoryStock, 'stock.received.v1', text, { sku: text, quantity: 1, at: placedAt }),
    message('payment.commands.v1', 'RefundOrder', text, { orderId: text, requestId: text, round: 1 }),
    { ...message('saga.replies.v1', 'StockOnSale', text, {}), headers: { 'reply-to': text, ce_type: text } },
  ])
  const bytes = Object.values(hostileBytes).flatMap((each) => [
    placed(each, order({})),
    asked(each, request({})),
    { ...placed('k', order({})), value: Buffer.concat([each, Buffer.from('{"orderId": 😀')]) },
    { ...asked('k', request({})), value: Buffer.concat([each, Buffer.from(`{"note": "`)]) },
  ])
  const notes = ['\0', '\ud83d', '\ude00'].map((note) => asked('k', request({ reason: { code: 'other', note } })))
  return [...inEach, ...bytes, ...notes]
}

describe('hostile text on every topic', () => {
  it('holds up nobody, and each message is a dead letter with its reason', async () => {
    const all = unusable()
    await Promise.all(all.map((each) => world.outside.publishRaw(each)))
    const ids = Object.values(printableTexts).map((text) => ({
      orderId: text,
      requestId: `r${[...text].slice(0, 40).join('')}`,
    }))
    for (const { orderId } of ids)
      await world.outside.publishRaw(placed(orderId, { ...orderOf(plain, orderId, placedAt), customerId: orderId }))
    for (const { orderId, requestId } of ids) {
      const reason = { code: 'other', note: Object.values(printableTexts).join('\n') }
      await world.outside.publishRaw(asked(orderId, { ...requestOf(orderId, requestId, now()), reason }))
    }
    for (const { orderId, requestId } of ids) {
      const end = await eventually(`the end of ${orderId}`, () => endOf(requestId), 60_000)
      expect(end, orderId).toMatchObject({ outcome: 'cancelled', orderId })
    }
    // A key that is null or empty may be one partition's only; every other message is told of.
    const letters = await eventually(
      'every dead letter',
      async () => {
        const found = await world.deadLetters()
        return found.length >= all.length && found
      },
      30_000,
    )
    expect(letters).toHaveLength(all.length)
    for (const letter of letters) expect(letter.error.isWellFormed() && !letter.error.includes('\0')).toBe(true)
  })

  it('carries ids and notes at their limits to the end, though nothing of them repeats', async () => {
    for (const scenario of [unshipped, onItsWay]) {
      const order = orderOf(scenario, endless(), placedAt)
      const [line] = order.lines
      const placedWith = {
        ...order,
        ...{ customerId: endless(), merchantId: endless(), market: endless() },
        lines: [{ ...line, lineId: endless(), sku: endless() }],
        tenders: order.tenders.map((each) => ({ ...each, tenderId: endless(), paymentRef: endless('pay_ok_') })),
        shipments: order.shipments.map((each) => ({ ...each, shipmentId: endless(), trackingNumber: endless('OK-') })),
      }
      const requestId = endless()
      const reason = { code: 'other', note: '\u0001'.repeat(2_000) }
      const initiator = { kind: 'merchant', id: endless() }
      const request = { ...requestOf(order.orderId, requestId, now()), initiator, reason, retryOf: endless() }
      await world.outside.publishRaw(placed(order.orderId, placedWith))
      await world.outside.publishRaw(asked(order.orderId, request))
      const end = await eventually('its end', () => endOf(requestId), 60_000)
      expect(end).toMatchObject({ outcome: 'cancelled', orderId: order.orderId })
    }
  })

  it('does once what comes on a partition that its key is not for, as other partitioners choose it, and on both', async () => {
    for (const partition of [0, 1]) {
      const orderId = `ord-elsewhere-${partition}`
      const requestId = `req-elsewhere-${partition}`
      const request = asked(orderId, requestOf(orderId, requestId, now()))
      await world.outside.publishRaw({ ...placed(orderId, orderOf(plain, orderId, placedAt)), partition })
      for (const each of [0, 1]) await world.outside.publishRaw({ ...request, partition: each })
      const end = await eventually('its end', () => endOf(requestId), 60_000)
      expect(end).toMatchObject({ outcome: 'cancelled', orderId })
      const ends = () => heard.filter(isEnd).filter(({ data }) => data.requestId === requestId)
      expect(new Set(ends().map(({ data }) => data.outcome)).size).toBe(1)
    }
  })

  it('leaves every invariant true, and no process with a reason not to be ready', async () => {
    expect((await world.verify()).violations).toEqual([])
    for (const address of Object.values(world.system.http)) expect((await fetch(`${address}/readyz`)).status).toBe(200)
  })

  it.each(Object.entries(printableTexts))('leaves an order whose id is %s to be found', async (_, orderId) => {
    expect((await listRuns(world.temporal, { order: orderId })).map((run) => run.orderId)).toEqual([orderId])
    expect((await world.story(orderId)).order).toMatchObject({ status: 'cancelled' })
  })

  it('is shown to operators, and obeyed by no terminal', async () => {
    const [letter] = await world.deadLetters()
    for (const args of [
      ['list'],
      ['dlq', 'list'],
      ['dlq', 'show', letter?.id ?? ''],
      ['show', printableTexts.HTML ?? ''],
    ]) {
      const { code, stdout, stderr } = await world.saga(...args)
      expect([args, code, stderr]).toEqual([args, 0, expect.any(String)])
      expect(stdout).not.toMatch(/(?!\n)[\p{Cc}\u2028-\u202e\u2066-\u2069]/u)
    }
    expect(Object.keys(hostileTexts).length).toBeGreaterThan(20)
  })
})
