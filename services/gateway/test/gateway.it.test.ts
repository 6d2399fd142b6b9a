import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { acceptedOrder, channelNotified, deadLetterTopic, topics } from '@countermand/contracts'
import { exampleOrder, exampleShipment } from '@countermand/contracts/examples.ts'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { breakableWay } from '@countermand/testing/breakable-way.ts'
import { eventOf, signedBy } from '@countermand/tools/stand-ins/paypal/notices.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/paypal/started.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { signedByCarrier, signedByStripe, stripeEvent } from './given.ts'
import { filesOf, type GatewayProcess, startGatewayProcess } from './process.ts'

const { kafkaBrokers, databaseUrls } = inject('stack')
const planted = {
  webhook: `whsec_planted_${randomUUID()}`,
  before: `whsec_before_${randomUUID()}`,
  apiKey: `sk_planted_${randomUUID()}`,
  carrier: `whsec_${randomBytes(24).toString('base64')}`,
  ups: `credential_planted_${randomUUID()}`,
}

let db: TestDatabase
let way: Awaited<ReturnType<typeof breakableWay>>
let files: Awaited<ReturnType<typeof filesOf>>
let bus: Bus
let prefix = ''
let gateway: GatewayProcess
let paypal: StartedStandIn
const outputs: string[] = []

const begin = async () => {
  gateway = await startGatewayProcess({
    ...process.env,
    ...{ KAFKA_BROKERS: kafkaBrokers, KAFKA_TOPIC_PREFIX: prefix, GATEWAY_DATABASE_URL: way.url },
    ...{ ACCOUNTS_FILE: files.pathOf('accounts'), ORDER_PATIENCE: '2s', STRIPE_BEFORE: planted.before },
  })
}
const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
  const code = await gateway.kill(signal)
  outputs.push(gateway.output())
  return code
}

beforeAll(async () => {
  db = await createTestDatabase(databaseUrls.payment, 'gateway')
  way = await breakableWay(new URL(db.url))
  bus = await createBus({
    brokers: kafkaBrokers,
    topics: [
      ...[topics.paymentNotifications, topics.carrierNotifications, topics.shipmentsTracking],
      deadLetterTopic(topics.refunds),
    ],
  })
  prefix = bus.kafka.prefix
  const { webhook, apiKey, carrier, ups: credential } = planted
  files = await filesOf({ webhook, apiKey, carrier, credential })
  const secrets = {
    apiKey: { file: files.pathOf('apiKey') },
    webhook: [{ file: files.pathOf('webhook') }, { env: 'STRIPE_BEFORE' }],
  }
  paypal = await startStandIn({ clientId: 'client-1', clientSecret: 'nobody-asks' })
  const settings = { clientId: 'client-1', webhookId: 'WEBHOOK1' }
  const accounts = {
    'stripe-eu': { provider: 'stripe', secrets },
    'paypal-eu': { provider: 'paypal', baseUrl: paypal.url, settings },
    'adyen-eu': { provider: 'adyen' },
  }
  const acme = {
    provider: 'webhook-carrier',
    settings: { carriers: ['acme'] },
    secrets: { webhook: { file: files.pathOf('carrier') } },
  }
  const ups = {
    provider: 'ups',
    settings: { of: 'logistics' },
    secrets: { webhook: { file: files.pathOf('credential') } },
  }
  const merchants = { [exampleOrder.merchantId]: { 'webhook-carrier': 'acme', ups: 'ups-us' } }
  await files.write('accounts', JSON.stringify({ accounts: { ...accounts, acme, 'ups-us': ups }, merchants }))
  await begin()
})
afterAll(async () => {
  await gateway?.kill('SIGKILL')
  await bus?.stop()
  way?.close()
  paypal?.close()
  await db?.drop()
  await files?.remove()
})

const seconds = () => Math.floor(Date.now() / 1000)
const refund = (refundId: string) => ({
  id: `re_${refundId}`,
  amount: 1391,
  currency: 'eur',
  status: 'succeeded',
  metadata: { refundId },
})

/** Posts an event as Stripe does, unless it is told otherwise. */
const post = async (
  body: string | Buffer,
  more: {
    readonly at?: number
    readonly secret?: string
    readonly path?: string
    readonly headers?: Record<string, string>
  } = {},
): Promise<number> => {
  const { at = seconds(), secret = planted.webhook, path = '/notify/stripe-eu', headers = {} } = more
  const response = await fetch(`${gateway.notify}${path}`, {
    method: 'POST',
    headers: {
      ...{
        'content-type': 'application/json; charset=utf-8',
        'stripe-signature': signedByStripe(body.toString(), secret, at),
      },
      ...headers,
    },
    body,
  })
  await response.text()
  return response.status
}

/** Payment has begun this refund. */
const submit = async (orderId: string, refundId: string, account = 'stripe-eu') => {
  const at = new Date().toISOString()
  const tender = {
    tenderId: 't1',
    channel: 'sandbox-card',
    amount: 1391,
    currency: 'EUR',
    destination: 'original',
  } as const
  const about = { refundId, orderId, requestId: 'req-1', at, state: 'submitted', account } as const
  await bus.send([bus.event('refund.submitted.v1', orderId, { ...tender, ...about })])
}
const told = (orderId: string) =>
  bus.seen.flatMap((message) =>
    message.topic === topics.paymentNotifications && message.key === orderId
      ? [{ id: message.headers.ce_id, ...channelNotified.parse(JSON.parse(String(message.value))) }]
      : [],
  )
const rows = async () => {
  const { rows } = await sql<{ event_id: string; outcome: string | null }>`
    select event_id, outcome from notifications order by received_at`.execute(db.database)
  return new Map(rows.map((row) => [row.event_id, row.outcome]))
}
const metric = async (labels: string): Promise<number> => {
  const text = await (await fetch(`${gateway.http}/metrics`)).text()
  return Number(new RegExp(`^countermand_notifications_total{${labels}} (\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

describe('a notification', () => {
  it('of a refund that is known is told to payment, once, whatever is repeated', async () => {
    await submit('ord-1', 'ref_1')
    const body = stripeEvent('evt_known', 'refund.updated', refund('ref_1'))
    for (let times = 0; times < 3; times++) expect(await post(body, { at: seconds() + times })).toBe(200)
    await eventually('it to be told', () => told('ord-1').length > 0)
    expect(told('ord-1')).toMatchObject([
      {
        orderId: 'ord-1',
        tenderId: 't1',
        refundId: 'ref_1',
        kind: 'look',
        account: 'stripe-eu',
        notificationId: 'evt_known',
      },
    ])
    expect((await rows()).get('evt_known')).toBe('published')
    expect(await metric('account="stripe-eu",result="duplicate"')).toBe(2)
  })

  it('that is there before the refund is heard of waits for it', async () => {
    expect(await post(stripeEvent('evt_early', 'refund.created', refund('ref_2')))).toBe(200)
    await submit('ord-2', 'ref_2')
    await eventually('it to be told', () => told('ord-2').length > 0)
    expect(told('ord-2')).toHaveLength(1)
  })

  it('about nothing that is known is kept, told to nobody, and told once it is known', async () => {
    expect(await post(stripeEvent('evt_nobody', 'refund.created', refund('ref_nobody')))).toBe(200)
    await eventually('it to be given up', async () => (await rows()).get('evt_nobody') === 'unmatched')
    expect(told('ord-late')).toEqual([])
    // Payment was away for longer than anybody waits.
    await submit('ord-late', 'ref_nobody')
    await eventually('it to be told', () => told('ord-late').length > 0)
  })

  it('is taken with the secret of before, while that is there', async () => {
    await submit('ord-3', 'ref_3')
    const body = stripeEvent('evt_before', 'refund.updated', refund('ref_3'))
    expect(await post(body, { secret: planted.before })).toBe(200)
    await eventually('it to be told', () => told('ord-3').length > 0)
  })
})

describe('a notification of PayPal', () => {
  const certUrl = () => `${paypal.url}/v1/notifications/certs/CERT-1`
  const refundOf = (invoice_id: string) => ({
    ...{ id: 'R1', invoice_id, status: 'COMPLETED', amount: { currency_code: 'EUR', value: '13.91' }, links: [] },
  })
  const toPaypal = (body: string, from = certUrl(), webhookId = 'WEBHOOK1', at = Date.now()) =>
    post(body, { path: '/notify/paypal-eu', headers: signedBy(body, webhookId, from, at) })

  it('is checked by the certificate that it names, and told once, whatever is repeated', async () => {
    const refundId = 'ref_00000000000000000000000a'
    await submit('ord-paypal', refundId, 'paypal-eu')
    const body = eventOf('WH-known', 'PAYMENT.CAPTURE.REFUNDED', refundOf(refundId), Date.now())
    for (let times = 0; times < 3; times++) expect(await toPaypal(body)).toBe(200)
    await eventually('it to be told', () => told('ord-paypal').length > 0)
    expect(told('ord-paypal')).toMatchObject([
      ...[{ kind: 'look', account: 'paypal-eu', refundId, providerRef: 'R1', notificationId: 'WH-known' }],
    ])
    const fetched = (await paypal.requests()).filter(({ path }) => path.includes('/certs/'))
    expect(fetched).toHaveLength(1)
  })

  it('is not taken that names a certificate elsewhere, another webhook, or was signed four days ago', async () => {
    const body = eventOf('WH-turned', 'PAYMENT.CAPTURE.REFUNDED', refundOf('ref_x'), Date.now())
    for (const elsewhere of ['https://example.com/v1/notifications/certs/CERT-1', `${paypal.url}/v1/oauth2/token`])
      expect(await toPaypal(body, elsewhere)).toBe(401)
    expect(await toPaypal(body, certUrl(), 'ANOTHER')).toBe(401)
    expect(await toPaypal(body, certUrl(), 'WEBHOOK1', Date.now() - 4 * 86_400_000)).toBe(401)
    expect(await toPaypal(body, `${paypal.url}/v1/notifications/certs/CERT-2`)).toBe(401)
    expect((await rows()).has('WH-turned')).toBe(false)
  })

  it('is to be told again where its certificate cannot be had', async () => {
    const body = eventOf('WH-later', 'PAYMENT.CAPTURE.REFUNDED', refundOf('ref_x'), Date.now())
    await paypal.plan('500-before', { match: '/certs/CERT-3' })
    expect(await toPaypal(body, `${paypal.url}/v1/notifications/certs/CERT-3`)).toBe(503)
  })
})

it('a carrier tells where a parcel is, by its number alone', async () => {
  const shipment = { ...exampleShipment, carrier: 'acme', trackingNumber: 'AC-1', status: 'label-created' } as const
  const order = acceptedOrder.parse({ ...exampleOrder, orderId: 'ord-parcel', shipments: [shipment] })
  await bus.send([bus.event('order.accepted.v1', 'ord-parcel', order)])
  const data = { trackingNumber: 'AC-1', status: 'in-transit', at: new Date().toISOString() }
  const body = JSON.stringify({ type: 'shipment.updated', timestamp: data.at, data })
  const headers = signedByCarrier(body, 'msg_1', planted.carrier, seconds())
  expect(await post(body, { path: '/notify/acme', headers })).toBe(200)
  expect(await post(body, { path: '/notify/acme', headers: { ...headers, 'webhook-id': 'msg_2' } })).toBe(401)
  const found = await eventually('it to be told', () =>
    bus.seen.find(({ topic }) => topic === topics.shipmentsTracking),
  )
  expect([found.key, found.headers.ce_type]).toEqual(['ord-parcel', 'shipment.updated.v1'])
  const { shipmentId } = shipment
  expect(JSON.parse(String(found.value))).toEqual({ orderId: 'ord-parcel', shipmentId, carrier: 'acme', ...data })
})

it('UPS tells of a parcel by a credential alone: nothing of it but the number is passed on, as a reason to ask', async () => {
  const trackingNumber = '1Z204W4R0308071865'
  const shipment = { ...exampleShipment, carrier: 'ups', trackingNumber, status: 'in-transit' } as const
  const order = acceptedOrder.parse({ ...exampleOrder, orderId: 'ord-ups', shipments: [shipment] })
  await bus.send([bus.event('order.accepted.v1', 'ord-ups', order)])
  const body = JSON.stringify({ trackingNumber, activityStatus: { type: 'D', code: 'FS', description: 'Delivered' } })
  const path = '/notify/ups-us'
  expect(await post(body, { path, headers: { credential: 'credential_of_somebody' } })).toBe(401)
  for (const _ of ['once', 'twice']) expect(await post(body, { path, headers: { credential: planted.ups } })).toBe(200)
  await eventually('it to be told', () => bus.seen.some(({ topic }) => topic === topics.carrierNotifications))
  const found = bus.seen.filter(({ topic }) => topic === topics.carrierNotifications)
  expect(found.map(({ key, headers }) => [key, headers.ce_type])).toEqual([['ord-ups', 'carrier.notified.v1']])
  expect(JSON.parse(String(found[0]?.value))).toEqual({
    ...{ orderId: 'ord-ups', shipmentId: shipment.shipmentId, carrier: 'ups', trackingNumber, account: 'ups-us' },
    ...{
      provider: 'ups',
      notificationId: expect.stringMatching(/^[0-9a-f]{64}$/),
      kind: 'look',
      occurredAt: expect.any(String),
    },
  })
})

it('a parcel that is heard of before its order is told of once the order is', async () => {
  const shipment = { ...exampleShipment, carrier: 'acme', trackingNumber: 'AC-2', status: 'in-transit' } as const
  const at = new Date().toISOString()
  const parcel = { ...shipment, orderId: 'ord-late-order', at, lineIds: ['1'] }
  await bus.send([bus.event('shipment.changed.v1', 'ord-late-order', parcel)])
  const body = JSON.stringify({ type: 'shipment.updated', data: { trackingNumber: 'AC-2', status: 'delivered', at } })
  const headers = signedByCarrier(body, 'msg_late', planted.carrier, seconds())
  expect(await post(body, { path: '/notify/acme', headers })).toBe(200)
  await eventually('it to be given up', async () => (await rows()).get('msg_late') === 'unmatched')
  const order = acceptedOrder.parse({ ...exampleOrder, orderId: 'ord-late-order', shipments: [] })
  await bus.send([bus.event('order.accepted.v1', 'ord-late-order', order)])
  await eventually('it to be told', () =>
    bus.seen.some(({ key, topic }) => key === 'ord-late-order' && topic === topics.shipmentsTracking),
  )
})

describe('a post is turned away, and nothing is kept of it,', () => {
  const body = stripeEvent('evt_turned', 'refund.updated', refund('ref_1'))
  const nothingKept = async () => expect((await rows()).has('evt_turned')).toBe(false)

  it('when somebody else has signed it, or nobody', async () => {
    expect(await post(body, { secret: 'whsec_other' })).toBe(401)
    expect(await post(body, { headers: { 'stripe-signature': '' } })).toBe(401)
    expect(await metric('account="stripe-eu",result="signature"')).toBe(2)
    await nothingKept()
  })

  it('when it was signed more than five minutes ago, or ahead of our clock', async () => {
    expect(await post(body, { at: seconds() - 310 })).toBe(401)
    expect(await post(body, { at: seconds() + 320 })).toBe(401)
    await nothingKept()
  })

  it('when it is for an account that is not there, or is told of by nobody', async () => {
    for (const path of [
      '/notify/stripe-us',
      '/notify/adyen-eu',
      '/notify/',
      '/notify/stripe-eu/x',
      '/notify/..%2fetc',
      '/',
    ])
      expect(await post(body, { path }), path).toBe(404)
    await nothingKept()
  })

  it('when it is too large, with and without its length', async () => {
    const large = Buffer.alloc(262_145, 'x')
    expect(await post(large)).toBe(413)
    const stream = new ReadableStream({ start: (to) => to.enqueue(large), pull: (to) => to.close() })
    const response = await fetch(`${gateway.notify}/notify/stripe-eu`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' }, body: stream, duplex: 'half' },
    })
    expect(response.status).toBe(413)
    await nothingKept()
  })

  it('when it is no POST, or no JSON', async () => {
    const got = await fetch(`${gateway.notify}/notify/stripe-eu`)
    expect([got.status, got.headers.get('allow')]).toEqual([405, 'POST'])
    expect(await post(body, { headers: { 'content-type': 'text/plain' } })).toBe(415)
    expect(await post(body, { headers: { 'content-encoding': 'gzip' } })).toBe(415)
    await nothingKept()
  })

  it('when it is signed, and makes no sense', async () => {
    expect(await post('{')).toBe(400)
  })

  it('when it is cut, or never ends', async () => {
    const { port, hostname } = new URL(gateway.notify)
    const half = connect(Number(port), hostname)
    half.write(
      'POST /notify/stripe-eu HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{"id":"evt_turned"',
    )
    await once(half, 'connect')
    half.destroy()
    await eventually('it to be counted', async () => (await metric('account="stripe-eu",result="cut"')) > 0)
    const slow = connect(Number(port), hostname)
    slow.write('POST /notify/stripe-eu HTTP/1.1\r\nhost: x\r\nx-one: ')
    let answered = ''
    slow.on('data', (chunk) => (answered += chunk)).on('error', () => {})
    // It sends no more: nothing but the gateway ends this.
    await once(slow, 'close')
    expect(answered).toContain('408')
    await nothingKept()
  })
})

describe('what goes wrong around it', () => {
  it('a database that is away is answered with 503, and what is told again is taken', async () => {
    await submit('ord-away', 'ref_away')
    const body = stripeEvent('evt_away', 'refund.updated', refund('ref_away'))
    way.cut()
    expect(await post(body)).toBe(503)
    await eventually('it to say so', async () => (await fetch(`${gateway.http}/readyz`)).status === 503)
    way.mend()
    await eventually('it to be taken', async () => (await post(body)) === 200)
    await eventually('it to be told', () => told('ord-away').length > 0)
    expect(told('ord-away')).toHaveLength(1)
  })

  it('what another release has kept is left to it, and holds up no other', async () => {
    await sql`insert into notifications (account, event_id, provider, notice, names)
      values ('stripe-eu', 'evt_newer', 'stripe', '{"about": "moon"}', '{}')`.execute(db.database)
    await submit('ord-5', 'ref_5')
    expect(await post(stripeEvent('evt_beside', 'refund.updated', refund('ref_5')))).toBe(200)
    await eventually('it to be told', () => told('ord-5').length > 0)
    await eventually('it to say so', () => gateway.output().includes('kept by other code'))
    expect((await rows()).get('evt_newer')).toBeNull()
    await sql`delete from notifications where event_id = 'evt_newer'`.execute(db.database)
  })

  it('a message that cannot be read is a dead letter, and holds up no other', async () => {
    await bus.send([{ topic: topics.refunds, key: 'ord-x', headers: {}, value: 'no JSON' }])
    await eventually('its dead letter', () => bus.seen.some(({ topic }) => topic === deadLetterTopic(topics.refunds)))
    await submit('ord-4', 'ref_4')
    expect(await post(stripeEvent('evt_after', 'refund.updated', refund('ref_4')))).toBe(200)
    await eventually('it to be told', () => told('ord-4').length > 0)
  })

  it.each(['SIGTERM', 'SIGKILL'] as const)(
    '%s under load loses nothing that was answered with a yes',
    async (signal) => {
      const taken: string[] = []
      let running = true
      const load = async (nth: number) => {
        for (let turn = 0; running; turn++) {
          const name = `${signal}-${nth}-${turn}`
          await submit(name, `ref_${name}`)
          const status = await post(stripeEvent(`evt_${name}`, 'refund.updated', refund(`ref_${name}`))).catch(() => 0)
          if (status === 200) taken.push(name)
          else running = false
        }
      }
      const loads = Promise.all(Array.from({ length: 8 }, (_, nth) => load(nth)))
      await eventually('it to have work', () => taken.length >= 40)
      const code = await end(signal)
      running = false
      await loads
      expect(code).toEqual(signal === 'SIGTERM' ? [0, null] : [null, 'SIGKILL'])
      await begin()
      await eventually('all to be told', () => taken.every((name) => told(name).length > 0), 120_000)
      // Told twice, by one that died in between, it has the same id: a duplicate for whoever reads it.
      for (const name of taken) expect(new Set(told(name).map(({ id }) => id)).size).toBe(1)
      if (signal === 'SIGTERM') for (const name of taken) expect(told(name)).toHaveLength(1)
    },
    300_000,
  )
})

it('no secret is in a log, a message, a metric or a table', async () => {
  await end('SIGTERM')
  const tables = await Promise.all(
    ['notifications', 'references'].map(
      async (table) => (await sql`select t::text from ${sql.table(table)} t`.execute(db.database)).rows,
    ),
  )
  const all = [
    ...outputs,
    JSON.stringify(tables),
    ...bus.seen.map(({ value, headers }) => `${value} ${JSON.stringify(headers)}`),
  ].join('\n')
  expect(all).toContain('evt_known')
  for (const secret of Object.values(planted)) expect(all).not.toContain(secret)
  expect(all).not.toMatch(/v1=[0-9a-f]{64}/)
})
