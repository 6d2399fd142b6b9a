import { createHmac } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { RunningService } from '@countermand/service'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { consoleService } from '../handlers.ts'
import { type Case, heardTypes } from '../state.ts'
import {
  changeEndpoint,
  claimDue,
  createEndpoint,
  endpointOf,
  listDeliveries,
  type NewEndpoint,
  redeliver,
  rotateSecret,
} from '../store/webhooks.ts'
import { orderId, requestId, wholeLife } from '../test/given.ts'
import { type Deliverer, startDeliverer } from './deliver.ts'
import { allowing } from './public-address.ts'

const { kafkaBrokers, databaseUrls } = inject('stack')
let db: TestDatabase
let bus: Bus
let service: RunningService<Case>
let deliverer: Deliverer

const told = z.object({
  type: z.string(),
  timestamp: z.string(),
  data: z.looseObject({ orderId: z.string().optional() }),
})
interface Came {
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
  readonly type: string
  readonly orderId: string | undefined
}
const came: Came[] = []
/** By path: what it answers with; by default 204. */
const answers = new Map<string, number | 'never'>()
const hanging = new Set<ServerResponse>()
const shop = createServer(async (request, response) => {
  let body = ''
  for await (const chunk of request) body += String(chunk)
  const { type, data } = told.parse(JSON.parse(body))
  const path = request.url ?? ''
  came.push({ path, headers: request.headers, body, type, orderId: data.orderId })
  const status = answers.get(path) ?? 204
  if (status === 'never') hanging.add(response)
  else response.writeHead(status).end()
})
let base: string

const start = () =>
  startDeliverer({
    ...{ database: db.database, allowed: allowing(['127.0.0.1']), metrics: createMetrics() },
    log: createLogger({ name: 'webhooks-test', level: 'silent' }),
  })

beforeAll(async () => {
  db = await createTestDatabase(databaseUrls.console, 'console_webhooks')
  bus = await createBus({ brokers: kafkaBrokers, topics: [] })
  service = await startService(consoleService, { bus, db }, { orderPatience: 1_000 })
  await new Promise<void>((resolve) => shop.listen(0, '127.0.0.1', resolve))
  const address = shop.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  base = `http://127.0.0.1:${address.port}`
  deliverer = start()
})
afterAll(async () => {
  for (const response of hanging) response.end()
  await deliverer?.stop()
  shop.closeAllConnections()
  shop.close()
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

const open = async (path: string, wanted: Partial<NewEndpoint> = {}) =>
  createEndpoint(db.database, {
    ...{ url: `${base}${path}`, description: 'a test', types: null, merchants: null },
    ...wanted,
  })
const send = (of: string, types: readonly string[] = heardTypes) =>
  bus.send(
    wholeLife
      .filter(({ type }) => type === 'order.accepted.v1' || types.includes(type))
      .map(({ type, data }) => bus.event(type, of, { ...data, orderId: of })),
  )
const at = (path: string, of?: string) =>
  came.filter((each) => each.path === path && (of === undefined || each.orderId === of))
const stateOf = (id: string) => endpointOf(db.database, id, null)
const dueNow = () => sql`update webhook_deliveries set due_at = now() where state = 'waiting'`.execute(db.database)
const signatureOf = ({ headers, body }: Came, secret: string) => {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const text = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`
  return `v1,${createHmac('sha256', key).update(text).digest('base64')}`
}
const story = wholeLife.filter(({ type }) => heardTypes.some((each) => each === type))
const cancellations = heardTypes.filter((type) => type.startsWith('order.'))

it('tells all that is told, as it was told, once and signed, each to those who want it', async () => {
  const all = await open('/all')
  await open('/ends', { types: ['order.cancellation.completed.v1'], merchants: ['mer-3'] })
  await open('/others', { merchants: ['mer-9'] })
  await send(orderId)
  await send(orderId)
  await eventually('all of it', () => at('/all').length >= story.length && at('/ends').length === 1)
  expect(
    at('/all')
      .map(({ type }) => type)
      .toSorted(),
  ).toEqual(story.map(({ type }) => type).toSorted())
  expect(new Set(at('/all').map(({ headers }) => headers['webhook-id'])).size).toBe(story.length)
  for (const one of at('/all')) {
    expect(one.headers['webhook-signature']).toBe(signatureOf(one, all.secret))
    const { timestamp, data } = told.parse(JSON.parse(one.body))
    expect(data).toMatchObject({ at: timestamp, requestId })
  }
  const [end] = at('/ends')
  expect(end?.type).toBe('order.cancellation.completed.v1')
  expect(at('/others')).toEqual([])
  const ids = at('/all').flatMap(({ type, headers }) => (type === end?.type ? headers['webhook-id'] : []))
  expect(ids).toEqual([end?.headers['webhook-id']])
})

it('tells of one order in its order, and of others meanwhile', async () => {
  answers.set('/later', 500)
  const { id } = await open('/later', { types: cancellations })
  await send('ord-later', cancellations)
  await send('ord-other', ['order.cancellation.started.v1'])
  await eventually('both orders', () => at('/later', 'ord-later').length > 0 && at('/later', 'ord-other').length > 0)
  const inOrder = wholeLife.filter(({ type }) => type.startsWith('order.cancellation.')).map(({ type }) => type)
  const [first = ''] = inOrder
  expect(new Set(at('/later', 'ord-later').map(({ type }) => type))).toEqual(new Set([first]))
  await eventually('it to be known', async () => (await stateOf(id))?.failingSince !== undefined)
  answers.delete('/later')
  const tried = at('/later', 'ord-later').length
  await dueNow()
  await eventually('all of it', () => at('/later', 'ord-later').length === tried + inOrder.length)
  expect(
    at('/later', 'ord-later')
      .slice(tried)
      .map(({ type }) => type),
  ).toEqual(inOrder)
  await eventually('it to be known', async () => (await stateOf(id))?.failingSince === undefined)
})

it("tells a merchant's endpoints also of what came before anybody said whose order it is, and tells no others again", async () => {
  await open('/unknown-all', { types: ['refund.submitted.v1', 'order.cancellation.started.v1'] })
  await open('/unknown-theirs', {
    types: ['refund.submitted.v1', 'order.cancellation.started.v1'],
    merchants: ['mer-3'],
  })
  await open('/unknown-others', { types: ['refund.submitted.v1'], merchants: ['mer-9'] })
  const of = 'ord-unknown'
  const [refund] = wholeLife.filter(({ type }) => type === 'refund.submitted.v1')
  if (refund === undefined) throw new Error('expected a refund in a whole life')
  await bus.send([bus.event(refund.type, of, { ...refund.data, orderId: of })])
  await eventually('the refund', () => at('/unknown-all', of).length === 1)
  expect(at('/unknown-theirs', of)).toEqual([])
  await send(of, ['order.cancellation.started.v1'])
  await eventually('both', () => at('/unknown-theirs', of).length === 2 && at('/unknown-all', of).length === 2)
  const idsOf = (path: string) => at(path, of).map(({ headers }) => headers['webhook-id'])
  expect(idsOf('/unknown-theirs').toSorted()).toEqual(idsOf('/unknown-all').toSorted())
  expect(at('/unknown-others', of)).toEqual([])
})

it('waits no more than ten minutes for one that does not arrive', async () => {
  answers.set('/stuck', 500)
  await open('/stuck', { types: cancellations })
  await send('ord-stuck', cancellations)
  await eventually('the first', () => at('/stuck', 'ord-stuck').length > 0)
  await sql`
    update webhook_deliveries set created_at = now() - interval '11 minutes' where order_id = 'ord-stuck'`.execute(
    db.database,
  )
  await eventually('those behind it', () => new Set(at('/stuck', 'ord-stuck').map(({ type }) => type)).size > 2)
})

it('calls whoever is gone no more, and goes on when told to', async () => {
  answers.set('/gone', 410)
  const { id } = await open('/gone', { types: ['order.cancellation.started.v1'] })
  await send('ord-gone', ['order.cancellation.started.v1'])
  await eventually('it to be disabled', async () => (await stateOf(id))?.disabled?.because.includes('410'))
  answers.delete('/gone')
  await send('ord-gone-too', ['order.cancellation.started.v1'])
  await eventually('it to wait', async () => (await stateOf(id))?.waiting === 2)
  await dueNow()
  expect(at('/gone')).toHaveLength(1)
  await changeEndpoint(db.database, id, { enabled: true })
  await eventually('both', async () => (await stateOf(id))?.waiting === 0)
  expect(new Set(at('/gone').map((each) => each.orderId))).toEqual(new Set(['ord-gone', 'ord-gone-too']))
})

it('calls nobody more where nothing has arrived for five days', async () => {
  answers.set('/dead', 500)
  const { id } = await open('/dead', { types: ['order.cancellation.started.v1'] })
  await sql`update webhook_endpoints set failing_since = now() - interval '6 days' where id = ${id}`.execute(
    db.database,
  )
  await send('ord-dead', ['order.cancellation.started.v1'])
  await eventually('it to be disabled', async () =>
    (await stateOf(id))?.disabled?.because.includes('nothing has arrived'),
  )
})

it('signs by both secrets while one takes the place of the other, and tells again what it is asked to', async () => {
  const { id, secret } = await open('/both', { types: ['order.cancellation.started.v1'] })
  const next = await rotateSecret(db.database, id)
  await send('ord-both', ['order.cancellation.started.v1'])
  const [one] = await eventually('it', () => at('/both').length > 0 && at('/both'))
  if (one === undefined) return expect.fail('expected one')
  expect(one.headers['webhook-signature']).toBe(`${signatureOf(one, next.secret)} ${signatureOf(one, secret)}`)
  await sql`
    update webhook_endpoints set secrets = jsonb_set(secrets, '{1,until}', '"2026-01-01T00:00:00Z"') where id = ${id}`.execute(
    db.database,
  )
  const delivered = () => listDeliveries(db.database, id, { state: 'delivered', limit: 1 })
  const [delivery] = await eventually('it to be known', async () => (await delivered()).length > 0 && delivered())
  expect(await redeliver(db.database, id, delivery?.id ?? '')).toBe(true)
  const [, again] = await eventually('it again', () => at('/both').length > 1 && at('/both'))
  if (again === undefined) return expect.fail('expected another')
  expect(again.headers['webhook-id']).toBe(one.headers['webhook-id'])
  expect(again.headers['webhook-signature']).toBe(signatureOf(again, next.secret))
})

it('leaves room for others when one hangs', async () => {
  answers.set('/hangs', 'never')
  await open('/hangs', { types: ['order.cancellation.started.v1'] })
  await open('/quick', { types: ['order.cancellation.started.v1'] })
  const names = Array.from({ length: 10 }, (_, nth) => `ord-hang-${nth}`)
  for (const name of names) await send(name, ['order.cancellation.started.v1'])
  await eventually('the others', () => names.every((name) => at('/quick', name).length === 1))
  expect(at('/hangs').length).toBeLessThanOrEqual(4)
})

it('tells what another process had taken and did not come to tell', async () => {
  await deliverer.stop()
  await open('/taken', { types: ['order.cancellation.started.v1'] })
  await send('ord-taken', ['order.cancellation.started.v1'])
  const dead = await eventually('it to be taken', async () => {
    const due = await claimDue(db.database, 'a process that dies', {}, 32)
    return due.some(({ url }) => url.endsWith('/taken')) && due
  })
  expect(dead.length).toBeGreaterThan(0)
  expect(await claimDue(db.database, 'another', {}, 32)).toEqual([])
  deliverer = start()
  await sql`update webhook_deliveries set lease_until = now() where lease_token = 'a process that dies'`.execute(
    db.database,
  )
  await eventually('it', () => at('/taken').length === 1)
})
