import { once } from 'node:events'
import { connect } from 'node:net'
import { acceptedOrder, topics } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import type { RunningService } from '@countermand/service'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { breakableWay } from '@countermand/testing/breakable-way.ts'
import { startService } from '@countermand/testing/service.ts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { z } from 'zod'
import { consoleService } from '../handlers.ts'
import { type Endpoint, endpoints } from '../http/endpoints.ts'
import type { ApiServer, Limits } from '../http/server.ts'
import { limitsOf, startShop } from '../http/shop.ts'
import type { Case } from '../state.ts'
import { createKey, listKeys, revokeKey, type Scope, scope } from '../store/keys.ts'
import { createEndpoint, queueTest } from '../store/webhooks.ts'
import { allowing } from '../webhooks/public-address.ts'
import { undeclared } from './document.ts'
import { customers, orderId, requestId, wholeLife } from './given.ts'
import { hostileCall } from './hostile-calls.ts'

const { kafkaBrokers, databaseUrls } = inject('stack')
let db: TestDatabase
/** By which the API goes to the database; it can be cut. */
let way: Awaited<ReturnType<typeof breakableWay>>
let bus: Bus
let service: RunningService<Case>
let shop: ApiServer
let keys: Readonly<Record<Scope | 'foreign' | 'nobodys', string>>

const keyOf = (name: string, scopes: readonly Scope[], merchants: readonly string[] | null) =>
  createKey(db.database, { name, scopes, merchants, expiresAt: null })

const startOne = (limits: Limits, proxies: readonly string[] = []) =>
  startShop({
    ...{ service, databaseUrl: way.url, port: 0, host: '127.0.0.1', limits, proxies, customers },
    allowed: allowing([]),
    ...{ log: createLogger({ name: 'console-test', level: 'silent' }), metrics: createMetrics() },
  })
const begin = async () => {
  shop = await startOne(limitsOf(100_000))
}

beforeAll(async () => {
  db = await createTestDatabase(databaseUrls.console, 'console_api')
  bus = await createBus({ brokers: kafkaBrokers, topics: [topics.cancelRequests, topics.ordersPlaced] })
  way = await breakableWay(new URL(db.url))
  service = await startService(consoleService, { bus, db }, { orderPatience: 1_000 })
  keys = {
    merchant: await keyOf('acme shop', ['merchant'], ['mer-3']),
    support: await keyOf('ann', ['support'], null),
    operations: await keyOf('on call', ['operations'], null),
    checkout: await keyOf('acme checkout', ['checkout'], ['mer-3']),
    foreign: await keyOf('other shop', scope.options, ['mer-9']),
    nobodys: await keyOf('no shop', scope.options, []),
  }
  await begin()
  await bus.send(wholeLife.map(({ type, data }) => bus.event(type, orderId, data)))
  await eventually('all of it to be heard', async () => (await call(`/v1/cancellations/${requestId}`)).body.outcome)
})
afterAll(async () => {
  await shop?.close()
  way?.close()
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

/** What of all answers tests look into. */
const answered = z.looseObject({
  code: z.string().optional(),
  outcome: z.string().optional(),
  version: z.int().optional(),
  requestId: z.string().default(''),
  orders: z.array(z.looseObject({ orderId: z.string() })).default([]),
  cancellations: z.array(z.looseObject({ requestId: z.string().default('') })).default([]),
  results: z.array(z.looseObject({ status: z.int() })).default([]),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).default([]),
})

interface Sent {
  /** By default the API that all tests share. */
  readonly at?: ApiServer
  readonly key?: string | undefined
  readonly method?: string
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const call = async (path: string, { at = shop, key = keys.support, method = 'GET', json, headers = {} }: Sent = {}) => {
  const response = await fetch(`http://127.0.0.1:${at.port}${path}`, {
    method,
    headers: {
      ...(key !== '' && { authorization: `Bearer ${key}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  })
  const text = await response.text()
  const type = response.headers.get('content-type')
  expect(undeclared({ method, path, status: response.status, type, text })).toBeUndefined()
  const isJson = type?.includes('json') === true
  const body = answered.parse(isJson ? JSON.parse(text) : {})
  return { status: response.status, headers: response.headers, body, text }
}
const post = (path: string, json: unknown, more: Sent = {}) => call(path, { method: 'POST', json, ...more })

const place = async (name: string) => {
  await bus.send([bus.event('order.accepted.v1', name, acceptedOrder.parse({ ...exampleOrder, orderId: name }))])
  await eventually('the order to be heard of', async () => (await call(`/v1/orders/${name}`)).status === 200)
}
const wish = { reason: { code: 'changed-mind' } }
const ask = (name: string, idempotency: string, json: unknown = wish, more: Sent = {}) =>
  post(`/v1/orders/${name}/cancellations`, json, { headers: { 'idempotency-key': idempotency }, ...more })
const sentTo = (topic: string, key: string) => bus.seen.filter((each) => each.topic === topic && each.key === key)
const storyOf = (name: string, of: string, type: string) => {
  const found = wholeLife.find((each) => each.type === type) ?? expect.fail(type)
  return bus.event(found.type, name, { ...found.data, orderId: name, requestId: of })
}

describe('who may ask', () => {
  const paths = (path: string) =>
    path
      .replace('{orderId}', orderId)
      .replace('{requestId}', requestId)
      .replace('{endpointId}', 'whe_1')
      .replace('{deliveryId}', '1')
      .replace('{report}', 'reasons')
  /** With a webhook of mer-3 in it, of which something waits, where one belongs. */
  const pathOf = async (path: string) => {
    if (!path.includes('{endpointId}')) return paths(path)
    const { database } = db
    const made = { url: 'https://shop.example/', description: '', types: null, merchants: ['mer-3'] }
    const { id } = await createEndpoint(database, made)
    const delivery = await queueTest(database, id)
    return path.replace('{endpointId}', id).replace('{deliveryId}', delivery)
  }
  const all = Object.entries<Endpoint>(endpoints).filter(([, { who }]) => who !== 'anybody')

  it.each(all)('%s answers nobody without a key that counts', async (_, { method, path }) => {
    const changed = keys.support.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
    for (const key of ['', 'cmk_1_2_3', changed]) {
      const { status, body, headers } = await call(paths(path), { method, key })
      expect([status, body.code, headers.get('www-authenticate')]).toEqual([401, 'not-signed-in', 'Bearer'])
    }
  })

  /** What may be said in a body to whatever takes one. */
  const any = {
    ...wish,
    ...exampleOrder,
    decision: 'approve',
    decisions: [{ requestId, decision: 'approve' }],
    url: 'https://a.example/',
  }
  const callOf = async ({ method, path }: Endpoint, key: string) => {
    const json = { ...any, lines: path.includes('{') ? [{ lineId: '1', quantity: 2 }] : exampleOrder.lines }
    const headers = { 'idempotency-key': 'k', 'last-event-id': '1000' }
    return call(await pathOf(path), { method, key, headers, ...(method !== 'GET' && { json }) })
  }
  const ofAnother = (text: string) => /mer-3|shop[.]example/.test(text)
  const ofOne = ({ path }: Endpoint) => path.includes('Id}')

  it.each(all)('%s answers those whose work it is, about what is theirs, and no others', async (_, endpoint) => {
    for (const one of scope.options) {
      const { status, body } = await callOf(endpoint, keys[one])
      const may = endpoint.who.includes(one)
      expect([status === 403, body.code === 'not-allowed'], `${one}: ${status}`).toEqual([!may, !may])
      if (may) expect(status, one).not.toBe(404)
    }
  })

  it.each(all)('%s tells a key of another merchant, or of none, nothing', async (_, endpoint) => {
    const before = bus.seen.length
    for (const key of [keys.foreign, keys.nobodys]) {
      const { status, body, text } = await callOf(endpoint, key)
      if (ofOne(endpoint))
        expect([404, /^(order|request|webhook)-not-found$/.test(body.code ?? '')]).toEqual([status, true])
      else if (body.results.length > 0) expect(body.results.map((each) => each.status)).toEqual([404])
      else if (status === 201) expect(body.merchants).toEqual(['mer-9'])
      else if (endpoint.method === 'POST') expect(body.code).toBe('not-allowed')
      else expect([body.orders, body.cancellations, ofAnother(text)]).toEqual([[], [], false])
      expect(text).not.toContain('cus-7')
    }
    expect(bus.seen.length).toBe(before)
  })

  it('counts for a key what is of its merchants alone', async () => {
    const path = '/v1/reports/outcomes?from=2026-11-01&to=2026-11-30'
    const wanted = { from: '2026-11-01', to: '2026-11-30', rows: [{ name: 'lines-cancelled', count: 1, share: 1 }] }
    expect(JSON.parse((await call(path, { key: keys.merchant })).text)).toMatchObject(wanted)
    for (const key of [keys.foreign, keys.nobodys])
      expect(JSON.parse((await call(path, { key })).text)).toMatchObject({ count: 0, rows: [] })
    expect((await call('/v1/reports/outcomes?from=yesterday')).status).toBe(422)
  })

  it('lists for a key what is of its merchants alone', async () => {
    expect((await call('/v1/orders', { key: keys.foreign })).body.orders).toEqual([])
    expect((await call('/v1/cancellations', { key: keys.foreign })).body.cancellations).toEqual([])
    expect((await call('/v1/orders', { key: keys.merchant })).body.orders.length).toBeGreaterThan(0)
  })

  it('takes a key back at once, and keeps no secret', async () => {
    const key = await keyOf('gone soon', ['merchant'], null)
    expect((await call('/v1/orders', { key })).status).toBe(200)
    const [, id = '', secret = ''] = key.split('_')
    expect(JSON.stringify(await listKeys(db.database))).not.toContain(secret)
    expect([await revokeKey(db.database, id), await revokeKey(db.database, id)]).toEqual([true, false])
    expect((await call('/v1/orders', { key })).status).toBe(401)
  })
})

describe('what is read', () => {
  it('is the order with what was cancelled of it, and no reference of a payment', async () => {
    const { body } = await call(`/v1/orders/${orderId}`)
    expect(body).toMatchObject({
      ...{ orderId, total: 3351, status: 'partially-cancelled', market: 'AT' },
      lines: [{ lineId: '1', quantity: 2, cancelled: 1 }],
      parcels: [{ shipmentId: 'shp-1', status: 'handed-over' }],
      cancellations: [{ requestId, outcome: 'lines-cancelled' }],
    })
    expect(JSON.stringify(body)).not.toContain('pay_ok')
  })

  it('is the request with its money, in words too', async () => {
    const { body, headers } = await call(`/v1/cancellations/${requestId}`)
    expect(body).toMatchObject({
      ...{ orderId, outcome: 'lines-cancelled', stage: 'closed', next: [] },
      refunds: [{ tenderId: 't1', amount: 1391, state: 'succeeded', destination: 'store-credit' }],
      summary: 'The items are cancelled. €13.91 in all. €13.91 as store credit: there since Fri 20 Nov.',
    })
    expect(headers.get('etag')).toBe(`"v${body.version}"`)
  })

  it.each([`/v1/orders/${orderId}`, `/v1/cancellations/${requestId}`])('%s is not sent to who has it', async (path) => {
    const { headers } = await call(path)
    const etag = headers.get('etag') ?? ''
    const again = await call(path, { headers: { 'if-none-match': `"other", W/${etag}` } })
    expect([again.status, again.text]).toEqual([304, ''])
    expect((await call(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200)
  })

  it('is what a cancellation would come to', async () => {
    const path = `/v1/orders/${orderId}/cancellation-preview`
    expect((await call(path)).body).toMatchObject({
      ...{ possible: true, amount: 1960, currency: 'EUR', next: [{ action: 'ask' }] },
    })
    const some = async (json: string) => (await call(`${path}?lines=${encodeURIComponent(json)}`)).body
    expect(await some('[{"lineId":"1","quantity":2}]')).toMatchObject({ possible: false, code: 'quantity-exceeded' })
    expect((await some('1:1')).errors).toMatchObject([{ pointer: '/lines' }])
  })

  it('is listed page by page, each once', async () => {
    for (const number of [1, 2, 3, 4, 5]) await place(`ord-page-${number}`)
    const seen: string[] = []
    let path: string | undefined = '/v1/orders?limit=2&merchantId=mer-3'
    while (path !== undefined) {
      const { body }: Awaited<ReturnType<typeof call>> = await call(path)
      seen.push(...body.orders.map((each) => each.orderId))
      path = body.next === undefined ? undefined : `/v1/orders?limit=2&merchantId=mer-3&cursor=${body.next}`
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen).toEqual(expect.arrayContaining([1, 2, 3, 4, 5].map((number) => `ord-page-${number}`)))
    expect((await call('/v1/orders?cursor=nonsense')).body).toMatchObject({ code: 'invalid', status: 422 })
  })

  it('is what it was asked for: requests that wait, that need somebody, that ended so', async () => {
    const listed = async (query: string) =>
      (await call(`/v1/cancellations?${query}`)).body.cancellations.map((each) => each.requestId)
    expect(await listed('outcome=lines-cancelled')).toEqual([requestId])
    expect(await listed('awaiting=true')).toEqual([])
    expect(await listed('attention=false&awaiting=false')).toContain(requestId)
    expect((await call('/v1/cancellations?outcome=maybe')).body.errors).toMatchObject([{ pointer: '/outcome' }])
  })
})

describe('what is asked for', () => {
  it('goes to the topic that everybody asks on, once for a key, however often it is sent', async () => {
    await place('ord-ask')
    const all = await Promise.all(
      Array.from({ length: 10 }, () => ask('ord-ask', 'k-1', { ...wish, lines: [{ lineId: '1', quantity: 1 }] })),
    )
    expect(new Set(all.map(({ status }) => status))).toEqual(new Set([202]))
    const { body, headers } = all[0] ?? expect.fail()
    expect(new Set(all.map((each) => each.body.requestId)).size).toBe(1)
    expect(headers.get('location')).toBe(`/v1/cancellations/${body.requestId}`)
    await eventually('it to be sent', () => sentTo(topics.cancelRequests, 'ord-ask').length > 0)
    const [message] = sentTo(topics.cancelRequests, 'ord-ask')
    expect(message?.headers.ce_type).toBe('order.cancel.requested.v1')
    expect(JSON.parse(message?.value?.toString() ?? '')).toMatchObject({
      ...{ requestId: body.requestId, orderId: 'ord-ask', refundTo: 'original', lines: [{ lineId: '1', quantity: 1 }] },
      ...{ initiator: { kind: 'customer', id: 'cus-7' }, reason: { code: 'changed-mind' } },
    })
    expect(sentTo(topics.cancelRequests, 'ord-ask')).toHaveLength(1)
    expect((await call(`/v1/cancellations/${body.requestId}`)).body).toMatchObject({
      ...{ stage: 'requested', summary: expect.stringMatching(/^We have your request of \d\d:\d\d UTC[.]$/) },
      next: [{ action: 'follow' }, { action: 'withdraw' }],
    })
    const other = await ask('ord-ask', 'k-1')
    expect([other.status, other.body.code]).toEqual([422, 'key-reused'])
  })

  it('has receipts by mail where the customer’s address comes with it, which goes nowhere else', async () => {
    await place('ord-contact')
    const { body } = await ask('ord-contact', 'key-1', { ...wish, contact: 'ada@example.org' })
    const { rows } = await sql`select recipient, body like ${`%${body.requestId}%`} as is from mails`.execute(
      db.database,
    )
    expect(rows).toEqual([{ recipient: 'ada@example.org', is: true }])
    await eventually('it to be sent', () => sentTo(topics.cancelRequests, 'ord-contact').length === 1)
    expect(String(sentTo(topics.cancelRequests, 'ord-contact')[0]?.value)).not.toContain('ada@')
    expect((await ask('ord-contact', 'key-2', { ...wish, contact: 'no address' })).status).toBe(422)
  })

  it('is turned down with the reason, and with what can be done instead', async () => {
    const open = await ask('ord-ask', 'k-2')
    expect(open).toMatchObject({
      ...{ status: 409, body: { code: 'cancellation-in-progress', next: [{ action: 'follow' }] } },
    })
    const unknown = await ask('ord-never', 'k')
    expect(unknown).toMatchObject({ status: 404, body: { code: 'order-not-found', next: [{ action: 'ask-again' }] } })
    const tooMany = await ask(orderId, 'k', { ...wish, lines: [{ lineId: '1', quantity: 2 }] })
    expect(tooMany).toMatchObject({
      status: 409,
      body: { code: 'quantity-exceeded', next: [{ action: 'read-order' }] },
    })
    expect(tooMany.headers.get('content-type')).toMatch(/^application\/problem\+json/)
  })

  it('is checked whatever it is called, and what is wrong is said field by field', async () => {
    const invalid = await ask('ord-ask', 'k-3', { reason: { code: 'bored' }, lines: [{ lineId: '1', quantity: 0 }] })
    expect(invalid.status).toBe(422)
    expect(invalid.body.errors.map((each) => each.pointer)).toEqual(['/reason/code', '/lines/0/quantity'])
    expect((await post('/v1/orders/ord-ask/cancellations', wish)).body.code).toBe('key-missing')
    const typed = (type: string) =>
      ask('ord-ask', 'k', wish, { headers: { 'idempotency-key': 'k', 'content-type': type } })
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', 'application/json\t'])
      expect([415, 400, 409], type).toContain((await typed(type)).status)
    expect((await typed('text/plain')).body.code).toBe('media-type')
    const large = await ask('ord-ask', 'k-4', { ...wish, more: 'x'.repeat(70_000) })
    expect([large.status, large.body.code]).toEqual([413, 'too-large'])
    expect((await call('/v1/nowhere')).body).toMatchObject({ code: 'not-found', instance: '/v1/nowhere' })
    expect((await call('/v1/orders/%E0%A4%A')).status).toBe(400)
  })

  it('is decided once: who comes second learns whose word counted', async () => {
    await place('ord-decide')
    const { body } = await ask('ord-decide', 'k')
    const path = `/v1/cancellations/${body.requestId}/decision`
    expect((await post(path, { decision: 'approve' }, { key: keys.merchant })).status).toBe(202)
    expect((await post(path, { decision: 'approve' })).status).toBe(202)
    expect((await post(path, { decision: 'reject' })).body).toMatchObject({ code: 'already-decided', status: 409 })
    const many = await post('/v1/decisions', {
      decisions: [
        { requestId: body.requestId, decision: 'approve' },
        { requestId: body.requestId, decision: 'reject' },
        { requestId: 'nobody', decision: 'approve' },
        { requestId, decision: 'approve' },
      ],
    })
    expect(many.body.results.map((each) => each.status)).toEqual([202, 409, 404, 202])
    await eventually('both to be sent', () => sentTo(topics.cancelRequests, 'ord-decide').length === 2)
    expect(JSON.parse(sentTo(topics.cancelRequests, 'ord-decide')[1]?.value?.toString() ?? '')).toMatchObject({
      ...{ decision: 'approve', by: 'mer-3' },
    })
  })

  it('is taken back until it has ended', async () => {
    await place('ord-back')
    const { body } = await ask('ord-back', 'k')
    const path = `/v1/cancellations/${body.requestId}/withdrawal`
    expect((await call(path, { method: 'POST' })).status).toBe(202)
    expect((await call(path, { method: 'POST' })).status).toBe(202)
    await eventually('both to be sent', () => sentTo(topics.cancelRequests, 'ord-back').length === 2)
    const late = await call(`/v1/cancellations/${requestId}/withdrawal`, { method: 'POST' })
    expect(late).toMatchObject({ status: 409, body: { code: 'too-late' } })
  })

  it('may be an order too', async () => {
    const json = { ...exampleOrder, orderId: 'ord-placed' }
    expect((await post('/v1/orders', json, { key: keys.checkout })).status).toBe(202)
    expect((await post('/v1/orders', json, { key: keys.foreign })).body.code).toBe('not-allowed')
    const { body } = await post('/v1/orders', { ...json, tenders: [] }, { key: keys.checkout })
    expect(body.errors).toMatchObject([{ pointer: '/tenders' }])
    await eventually('it to be sent', () => sentTo(topics.ordersPlaced, 'ord-placed').length === 1)
    await place('ord-placed')
    expect((await post('/v1/orders', json, { key: keys.checkout })).status).toBe(202)
    const other = await post('/v1/orders', { ...json, market: 'AT' }, { key: keys.checkout })
    expect(other).toMatchObject({ status: 409, body: { code: 'order-exists', next: [{ action: 'read-order' }] } })
    const foreign = await post('/v1/orders', { ...json, merchantId: 'mer-9' }, { key: keys.foreign })
    expect([foreign.status, foreign.body.code]).toEqual([409, 'order-exists'])
    expect(sentTo(topics.ordersPlaced, 'ord-placed')).toHaveLength(1)
  })
})

it('waits with its answer, where it is asked to, until the request is over', async () => {
  await place('ord-wait')
  const waiting = ask('ord-wait', 'k', wish, { headers: { 'idempotency-key': 'k', prefer: 'respond-async, wait=20' } })
  const [asked] = await eventually('it to be sent', () => {
    const sent = sentTo(topics.cancelRequests, 'ord-wait')
    return sent.length > 0 && sent
  })
  const { requestId: of } = answered.parse(JSON.parse(asked?.value?.toString() ?? ''))
  const reading = call(`/v1/cancellations/${of}`, { headers: { prefer: 'wait=20' } })
  await bus.send([storyOf('ord-wait', of, 'order.cancellation.completed.v1')])
  for (const { status, body } of await Promise.all([waiting, reading]))
    expect([status, body.outcome, body.version]).toEqual([200, 'lines-cancelled', 2])
  await place('ord-wait-no')
  const short = { headers: { 'idempotency-key': 'k', prefer: 'wait=0' } }
  expect((await ask('ord-wait-no', 'k', wish, short)).status).toBe(202)
})

it('tells the whole story of an order, the oldest first', async () => {
  const { body, headers, text } = await call(`/v1/orders/${orderId}/story`)
  const story = z.array(z.object({ at: z.string(), type: z.string() })).parse(body.story)
  const kept = wholeLife.filter(({ data }) => !('status' in data && data.status === 'label-created')).slice(1)
  expect(story.map(({ type }) => type).toSorted()).toEqual(kept.map(({ type }) => type).toSorted())
  expect(story.map(({ at }) => Date.parse(at))).toEqual(story.map(({ at }) => Date.parse(at)).toSorted((a, b) => a - b))
  expect(text).not.toContain('pay_ok')
  const again = await call(`/v1/orders/${orderId}/story`, { headers: { 'if-none-match': headers.get('etag') ?? '' } })
  expect(again.status).toBe(304)
})

it('meets whatever is sent with what its document declares, and never with a fault of its own', async () => {
  await fc.assert(
    fc.asyncProperty(hostileCall, fc.constantFrom(...scope.options), async ({ method, path, headers, body }, who) => {
      const response = await fetch(`http://127.0.0.1:${shop.port}${path}`, {
        ...{ method, headers: { ...headers, authorization: `Bearer ${keys[who]}` } },
        ...(body !== undefined && { body }),
      })
      const [text, type] = [await response.text(), response.headers.get('content-type')]
      expect(response.status).toBeLessThan(500)
      expect(undeclared({ method, path, status: response.status, type, text })).toBeUndefined()
    }),
    { numRuns: 250 },
  )
})

describe('who calls too often', () => {
  const limits = {
    ...limitsOf(100),
    ofKey: { perSecond: 0.01, burst: 3 },
    ofNobody: { perSecond: 0.01, burst: 2 },
  }
  const statuses = async (at: ApiServer, times: number, sent: Sent) => {
    const all = []
    for (let each = 0; each < times; each++) all.push((await call('/v1/orders?limit=1', { at, ...sent })).status)
    return all
  }

  it('is told when to come again, key by key, and network by network where there is none', async () => {
    const at = await startOne(limits, ['127.0.0.1'])
    expect(await statuses(at, 4, { key: keys.merchant })).toEqual([200, 200, 200, 429])
    expect(await statuses(at, 1, { key: keys.support })).toEqual([200])
    const { headers, body } = await call('/v1/orders', { at, key: keys.merchant })
    expect([Number(headers.get('retry-after')), body.code]).toEqual([expect.any(Number), 'too-many-calls'])
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(90)
    const from = (address: string) => ({ key: 'cmk_1', headers: { 'x-forwarded-for': address } })
    expect(await statuses(at, 3, from('10.1.1.1'))).toEqual([401, 401, 429])
    expect(await statuses(at, 1, from('10.1.1.2'))).toEqual([401])
    expect(await statuses(at, 3, from('2001:db8::1'))).toEqual([401, 401, 429])
    expect(await statuses(at, 1, from('2001:db8::2'))).toEqual([429])
    await at.close()
  })

  it('cannot say that they are somebody else', async () => {
    const at = await startOne(limits)
    const from = (address: string) => ({ key: 'cmk_1', headers: { 'x-forwarded-for': address } })
    expect(await statuses(at, 2, from('10.1.1.1'))).toEqual([401, 401])
    expect(await statuses(at, 1, from('10.1.1.2'))).toEqual([429])
    await at.close()
  })
})

it('goes on hearing while readers wait for the database, and lets no statement run for those who were told', async () => {
  await place('ord-flood')
  await db.database.transaction().execute(async (tx) => {
    await sql`lock table api_keys in access exclusive mode`.execute(tx)
    const readers = Array.from({ length: 40 }, () => call('/v1/orders/ord-flood'))
    await bus.send([storyOf('ord-flood', requestId, 'order.cancellation.started.v1')])
    await eventually('the news to be kept', async () => {
      const { rows } = await sql`select 1 from cancellations where order_id = 'ord-flood'`.execute(tx)
      return rows.length === 1
    })
    for (const { status } of await Promise.all(readers)) expect(status).toBe(503)
    await eventually('their statements to be over', async () => {
      const { rows } = await sql`
        select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(tx)
      return rows.length === 0
    })
  })
})

it('ends though somebody does not come to the end of what they ask', async () => {
  const at = await startOne(limitsOf(100_000))
  const socket = connect(at.port, '127.0.0.1')
  socket.write('POST /v1/decisions HTTP/1.1\r\nhost: shop\r\ncontent-length: 9\r\nexpect: 100-continue\r\n\r\n{')
  expect(String((await once(socket, 'data'))[0])).toContain('100 Continue')
  await at.close()
  socket.destroy()
})

describe('a stream', () => {
  const follow = async (of: string, headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${shop.port}/v1/cancellations/${of}/events`, {
      headers: { authorization: `Bearer ${keys.support}`, ...headers },
    })
    let text = ''
    const done = (async () => {
      for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk)
    })().catch(() => {})
    const ids = () => [...text.matchAll(/^id: (\d+)$/gm)].map(([, number]) => Number(number))
    return { status: response.status, ids, text: () => text, done }
  }

  it('tells every version once and in order, to its end, and goes on where it was broken off', async () => {
    await place('ord-live')
    const { body } = await ask('ord-live', 'k')
    const one = await follow(body.requestId)
    const types = ['order.cancellation.started.v1', 'order.cancellation.awaiting-merchant.v1']
    await bus.send(types.map((type) => storyOf('ord-live', body.requestId, type)))
    await eventually('three versions', () => one.ids().length === 3)
    await shop.close()
    await one.done
    await begin()
    const two = await follow(body.requestId, { 'last-event-id': '3' })
    await bus.send(
      ['order.cancellation.decided.v1', 'order.cancellation.completed.v1'].map((type) =>
        storyOf('ord-live', body.requestId, type),
      ),
    )
    await two.done
    expect([one.ids(), two.ids()]).toEqual([
      [1, 2, 3],
      [4, 5],
    ])
    expect(two.text()).toMatch(/event: end\ndata: \{\}\n\n$/)
    expect((await follow(body.requestId, { 'last-event-id': '5' })).status).toBe(204)
  })

  it('is one of a few of a key', async () => {
    await place('ord-many')
    const { body } = await ask('ord-many', 'k')
    const open = await Promise.all([1, 2, 3, 4, 5].map(() => follow(body.requestId)))
    expect(open.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const sixth = await call(`/v1/cancellations/${body.requestId}/events`)
    expect([sixth.status, sixth.headers.get('retry-after')]).toEqual([429, '2'])
    await shop.close()
    await Promise.all(open.map(({ done }) => done))
    await begin()
  })

  const eventsOf = (of: string) => `/v1/cancellations/${of}/events`
  /** An open request, to be read by a key of its own. */
  const open = async (name: string) => {
    await place(name)
    const key = await keyOf(name, ['support'], null)
    return { of: (await ask(name, 'k')).body.requestId, key, headers: { authorization: `Bearer ${key}` } }
  }
  /** Asks for these one behind the other on one connection, without awaiting an answer. */
  const pipelined = (key: string, all: readonly string[]) => {
    const socket = connect(shop.port, '127.0.0.1')
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
    })
    const sent = all.map((of) => `GET ${eventsOf(of)} HTTP/1.1\r\nhost: shop\r\nauthorization: Bearer ${key}\r\n\r\n`)
    const written = new Promise<void>((resolve) => socket.write(sent.join(''), () => resolve()))
    return { socket, written, text: () => text }
  }

  it('is one of a few of a key, however many are asked for at once', async () => {
    const { of, headers } = await open('ord-at-once')
    const all = await Promise.all(Array.from({ length: 30 }, () => follow(of, headers)))
    expect(all.filter(({ status }) => status === 200)).toHaveLength(5)
    await shop.close()
    await Promise.all(all.map(({ done }) => done))
    await begin()
  })

  it('that has ended takes no place and is written to no more, also while nobody has read it', async () => {
    const { of, key, headers } = await open('ord-behind')
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { socket, text } = pipelined(key, [of, requestId])
    await eventually('the first to be told', () => text().includes('id: 1\n'))
    const others = []
    for (let each = 0; each < 4; each++) others.push(await follow(of, headers))
    expect(others.map(({ status }) => status)).toEqual([200, 200, 200, 200])
    vi.advanceTimersByTime(15_000)
    await eventually('a beat', () => text().includes(': still here'))
    vi.useRealTimers()
    const closed = shop.close()
    await eventually('the second to follow the first', () => text().includes('event: end\ndata: {}'))
    socket.destroy()
    await closed
    await begin()
  })

  it('takes no place when whoever asked for it is gone before it begins', async () => {
    const { of, key, headers } = await open('ord-gone')
    const { socket, written } = pipelined(key, [of, of, of, of, of])
    await written
    socket.destroy()
    const others: Awaited<ReturnType<typeof follow>>[] = []
    await eventually('all five places', async () => {
      const one = await follow(of, headers)
      if (one.status === 200) others.push(one)
      return others.length === 5
    })
    await shop.close()
    await Promise.all(others.map(({ done }) => done))
    await begin()
  })

  it('ends when its key is taken back', async () => {
    const { of, key, headers } = await open('ord-key')
    const [one, other] = [await follow(of, headers), await follow(of)]
    expect(await revokeKey(db.database, key.split('_')[1] ?? '')).toBe(true)
    await one.done
    await bus.send([storyOf('ord-key', of, 'order.cancellation.started.v1')])
    await eventually('the other to go on', () => other.ids().length === 2)
    expect(one.ids()).toEqual([1])
    await shop.close()
    await other.done
    await begin()
  })
})

it('says of a method that an address has not which ones it has, and of what is too long that it is', async () => {
  for (const [method, path, allow] of [
    ['PUT', '/v1/orders', 'GET, POST'],
    ['TRACE', '/v1/orders/x/story', 'GET'],
    ['QUERY', `/v1/cancellations/${requestId}`, 'GET'],
    ['DELETE', '/find', 'GET, POST'],
  ] as const) {
    const said = await new Promise<string>((resolve) => {
      const socket = connect(shop.port, '127.0.0.1', () =>
        socket.write(`${method} ${path} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\n\r\n`),
      )
      let text = ''
      socket.on('data', (chunk: Buffer) => {
        text += chunk.toString()
      })
      socket.on('close', () => resolve(text))
    })
    expect([said.split('\r\n')[0], said.includes(`\r\nallow: ${allow}\r\n`)], path).toEqual([
      'HTTP/1.1 405 Method Not Allowed',
      true,
    ])
    expect(said).toContain('"code":"method-not-allowed"')
  }
  const long = await call(`/v1/orders?merchantId=${'x'.repeat(70_000)}`)
  expect([long.status, long.body.code]).toEqual([400, 'unreadable'])
})

describe.each(['cut', 'hold'] as const)('while the database is away (%s)', (fault) => {
  beforeAll(() => way[fault]())
  afterAll(async () => {
    way.mend()
    await eventually('it to answer', async () => (await call(`/v1/orders/${orderId}`)).status === 200)
  })

  const all = Object.values<Endpoint>(endpoints).filter(({ who }) => who !== 'anybody')
  it('each endpoint says so, with when to try again, and leaves nobody waiting', async () => {
    const answers = await Promise.all(
      all.map(async ({ method, path }) => {
        const headers = { 'idempotency-key': 'away' }
        const json = method === 'GET' || method === 'DELETE' ? undefined : {}
        const bare = path
          .replace('{report}', 'reasons')
          .replace('{orderId}', orderId)
          .replace('{requestId}', requestId)
          .replaceAll(/\{\w+\}/g, '1')
        const { status, body, headers: told } = await call(bare, { method, json, headers })
        return [path, status, body.code, told.get('retry-after'), told.get('content-type')?.split(';')[0]]
      }),
    )
    expect(answers).toEqual(all.map(({ path }) => [path, 503, 'away', '2', 'application/problem+json']))
  })
})
