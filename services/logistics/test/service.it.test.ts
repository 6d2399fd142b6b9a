import { randomUUID } from 'node:crypto'
import { topics } from '@countermand/contracts'
import type { RunningService } from '@countermand/service'
import { type Bus, createBus, createTestDatabase, eventually, longestId, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { carriers } from '../carriers/index.ts'
import { openSandboxBook } from '../carriers/sandbox-book.ts'
import { logistics } from '../handlers.ts'
import { acceptedOrder, parcel } from './given.ts'

let testDatabase: TestDatabase
let bus: Bus
let service: RunningService
let sandbox: ReturnType<typeof openSandboxBook>

beforeAll(async () => {
  const stack = inject('stack')
  testDatabase = await createTestDatabase(stack.databaseUrls.logistics, 'service')
  bus = await createBus({
    brokers: stack.kafkaBrokers,
    topics: [topics.sagaReplies, topics.shipmentsChanged, `${topics.shipmentsTracking}.dlq`],
  })
  sandbox = openSandboxBook(testDatabase.url, () => {})
  const definition = logistics(
    {
      orderPatienceMs: 1_000,
      interceptPatienceMs: 1_500,
      holdPatienceMs: 1_500,
      labelPatienceMs: 1_500,
      stepAttempts: 3,
      undoAttempts: 3,
      stepBackoffMs: 50,
    },
    carriers({ sandbox: sandbox.book }),
  )
  service = await startService(definition, { bus, db: testDatabase }, { orderPatience: 1_000 })
})
afterAll(async () => {
  await service?.stop()
  await sandbox?.close()
  await bus?.stop()
  await testDatabase?.drop()
})

const placed = async (
  trackingNumber: string,
  status: Parameters<typeof parcel>[2],
  [orderId, requestId, shipmentId]: readonly [string, string, string] = [`ord-${randomUUID()}`, randomUUID(), 'shp-1'],
) => {
  const order = { ...acceptedOrder([parcel(shipmentId, trackingNumber, status)]), orderId }
  await bus.send([bus.event('order.accepted.v1', orderId, order)])
  return { orderId, requestId }
}
type Ids = Awaited<ReturnType<typeof placed>>
const ask = async (name: 'StopShipment' | 'ResumeShipment', ids: Ids, round = 1) => {
  const replyTo = randomUUID()
  const command =
    name === 'StopShipment'
      ? bus.command(name, { ...ids, round, whole: true, lines: [] }, replyTo)
      : bus.command(name, { ...ids, round }, replyTo)
  await bus.send([command])
  return replyTo
}
const finalAnswer = (replyTo: string) =>
  eventually('a final answer', () => bus.answers(replyTo).find((type) => type !== 'StepPending'))
const bookOf = async ({ orderId }: Ids) => {
  const { rows } = await sql<{ state: string }>`
    select state from sandbox.carrier_book where order_id = ${orderId}`.execute(testDatabase.database)
  return rows[0]?.state
}

it('intercepts a parcel after a while, and lets it go on when that is undone', async () => {
  const ids = await placed('SLOW-400', 'in-transit')
  const stop = await ask('StopShipment', ids)
  expect(await finalAnswer(stop)).toBe('ShipmentIntercepted')
  expect(bus.answers(stop)).toEqual(['StepPending', 'ShipmentIntercepted'])
  expect(await bookOf(ids)).toBe('intercepted')
  expect(await finalAnswer(await ask('ResumeShipment', ids))).toBe('ShipmentResumed')
  expect(await bookOf(ids)).toBe('as-sent')
  const told = bus.seen.filter(({ topic, key }) => topic === topics.shipmentsChanged && key === ids.orderId)
  expect(told.map(({ value }) => JSON.parse(String(value)).status)).toEqual(['returning', 'in-transit'])
  expect(await finalAnswer(await ask('StopShipment', ids))).toBe('Undone')
})

it('stops a parcel and lets it go on, all of whose ids are as long as ids may be', async () => {
  const ids = [longestId('order'), longestId('request'), longestId('parcel')] as const
  const slow = await placed(longestId('number', 'SLOW-300-'), 'in-transit', ids)
  const stop = await ask('StopShipment', slow)
  expect(await finalAnswer(stop)).toBe('ShipmentIntercepted')
  expect(bus.answers(stop)).toEqual(['StepPending', 'ShipmentIntercepted'])
  expect(await finalAnswer(await ask('ResumeShipment', slow))).toBe('ShipmentResumed')
  const { rows } = await sql`select 1 from tasks where order_id = ${slow.orderId}`.execute(testDatabase.database)
  expect(rows).toEqual([])
})

it('gives up a silent carrier, and takes its intercept back all the same', async () => {
  const ids = await placed('SILENT-1', 'in-transit')
  expect(await finalAnswer(await ask('StopShipment', ids))).toBe('InterceptFailed')
  expect(await finalAnswer(await ask('ResumeShipment', ids))).toBe('ShipmentResumed')
  expect(await bookOf(ids)).toBe('as-sent')
})

it('fails technically and goes on in the next round, forth and back', async () => {
  const ids = await placed('DOWN-1', 'label-created')
  expect(await finalAnswer(await ask('StopShipment', ids))).toBe('StepFailed')
  expect(await finalAnswer(await ask('StopShipment', ids, 2))).toBe('LabelVoided')
  expect(await finalAnswer(await ask('ResumeShipment', ids, 2))).toBe('ShipmentResumed')

  const stubborn = await placed('NORESUME-1', 'in-transit')
  expect(await finalAnswer(await ask('StopShipment', stubborn))).toBe('ShipmentIntercepted')
  expect(await finalAnswer(await ask('ResumeShipment', stubborn))).toBe('StepFailed')
  expect(await finalAnswer(await ask('ResumeShipment', stubborn, 2))).toBe('ShipmentResumed')
})

it('leaves no parcel stopped when stop and undo come in one breath', async () => {
  const all = await Promise.all(Array.from({ length: 10 }, () => placed('FLAKY-1', 'in-transit')))
  const undos = await Promise.all(
    all.map(async (ids) => {
      await ask('StopShipment', ids)
      return ask('ResumeShipment', ids)
    }),
  )
  for (const undo of undos) expect(['ShipmentResumed', 'NothingToUndo']).toContain(await finalAnswer(undo))
  for (const ids of all) expect([undefined, 'as-sent']).toContain(await bookOf(ids))
})

it('makes news of an order that nobody has heard of a dead letter', async () => {
  const orderId = `ord-${randomUUID()}`
  const news = { ...parcel('shp-1', 'OK-1', 'in-transit'), orderId, at: new Date().toISOString() }
  await bus.send([bus.event('shipment.updated.v1', orderId, news)])
  const letter = await eventually(
    'the dead letter',
    () => bus.seen.find(({ topic, key }) => topic.endsWith('.dlq') && key === orderId),
    15_000,
  )
  expect(letter.headers['dlq-reason']).toBe('unknown-order')
})
