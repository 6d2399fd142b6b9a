import { brotliCompressSync } from 'node:zlib'
import { acceptedOrder, topics } from '@countermand/contracts'
import type { RunningService } from '@countermand/service'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { breakableKafka } from '@countermand/testing/breakable-kafka.ts'
import { breakableWay } from '@countermand/testing/breakable-way.ts'
import { startService } from '@countermand/testing/service.ts'
import { sql } from 'kysely'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { consoleService } from '../handlers.ts'
import { contactHashOf } from '../http/guests.ts'
import type { ApiServer } from '../http/server.ts'
import { limitsOf, startShop } from '../http/shop.ts'
import { startMailSender } from '../mail/sender.ts'
import type { Case } from '../state.ts'
import { type CustomerScope, createBearer, createLink } from '../store/links.ts'
import { allowing } from '../webhooks/public-address.ts'
import { customers, requestId, wholeLife } from './given.ts'
import { hostile, shownExample } from './pages.ts'

const { kafkaBrokers, databaseUrls } = inject('stack')
let db: TestDatabase
/** By which the pages go to the database; it can be cut. */
let way: Awaited<ReturnType<typeof breakableWay>>
let bus: Bus
/** By which the service goes to Kafka; it can be away. */
let broker: ReturnType<typeof breakableKafka>
let service: RunningService<Case>
let shop: ApiServer
let sender: ReturnType<typeof startMailSender> | undefined

/** What came in at a mail server, newest last; the first try of each is put off, as busy servers do. */
const mails: { readonly to: string; readonly text: string }[] = []
const putOff = new Set<string>()
const smtp = new SMTPServer({
  ...{ authOptional: true, disabledCommands: ['STARTTLS'] },
  onData: (stream, session, done) => {
    let text = ''
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    stream.on('end', () => {
      const [recipient] = session.envelope.rcptTo
      // Domains are the same however they are written.
      const to = recipient?.address.toLowerCase() ?? ''
      if (!putOff.has(to)) {
        putOff.add(to)
        return done(Object.assign(new Error('try again later'), { responseCode: 451 }))
      }
      // Long lines come in parts.
      mails.push({ to, text: text.replaceAll(/=\r\n/g, '').replaceAll('=3D', '=') })
      return done()
    })
  },
})

beforeAll(async () => {
  db = await createTestDatabase(databaseUrls.console, 'console_pages')
  bus = await createBus({ brokers: kafkaBrokers, topics: [topics.cancelRequests] })
  way = await breakableWay(new URL(db.url))
  broker = breakableKafka(kafkaBrokers, bus.kafka.prefix)
  service = await startService(consoleService, { bus: broker, db }, { orderPatience: 1_000 })
  const log = createLogger({ name: 'console-test', level: 'silent' })
  const mailPort = await new Promise<number>((resolve) => {
    const server = smtp.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address !== null ? address.port : 0)
    })
  })
  const mailing = { url: `smtp://127.0.0.1:${mailPort}`, from: 'orders@mug.example' }
  sender = startMailSender(mailing, { database: db.database, log, metrics: createMetrics() })
  shop = await startShop({
    ...{ service, databaseUrl: way.url, port: 0, host: '127.0.0.1', log, metrics: createMetrics(), customers },
    ...{ limits: limitsOf(100_000), proxies: ['127.0.0.1'], allowed: allowing([]) },
  })
})
afterAll(async () => {
  await shop?.close()
  await sender?.close()
  await new Promise<void>((resolve) => smtp.close(resolve))
  way?.close()
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

interface Sent {
  readonly form?: Readonly<Record<string, string>>
  readonly headers?: Readonly<Record<string, string>>
}

/** A browser without JavaScript, as far as it matters here: it keeps cookies, and says where a form is from. */
const browser = () => {
  const cookies = new Map<string, string>()
  const visit = async (path: string, { form, headers = {} }: Sent = {}) => {
    const response = await fetch(`http://127.0.0.1:${shop.port}${path}`, {
      redirect: 'manual',
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        ...(form !== undefined && { 'sec-fetch-site': 'same-origin' }),
        ...headers,
      },
      ...(form !== undefined && { method: 'POST', body: new URLSearchParams(form) }),
    })
    for (const each of response.headers.getSetCookie()) {
      const [pair = ''] = each.split(';')
      const [name = '', value = ''] = pair.split('=')
      cookies.set(name, value)
    }
    return {
      status: response.status,
      location: response.headers.get('location'),
      headers: response.headers,
      text: await response.text(),
    }
  }
  return { visit, cookies }
}
type Browser = ReturnType<typeof browser>

/** The fields of the form that is sent to this address, hidden ones and those that are chosen. */
const unescaped = (text: string): string =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')

const formIn = (text: string, action: string): Record<string, string> => {
  const form = text.slice(text.indexOf(`action="${action}"`))
  const inputs = [
    ...form
      .slice(0, form.indexOf('</form>'))
      .matchAll(/<input type="(hidden|radio)" name="([^"]+)" value="([^"]*)"[^>]*>/g),
  ]
  return Object.fromEntries(
    inputs
      .filter(([all, type]) => type === 'hidden' || all.includes('checked'))
      .map(([, , name, value]) => [name, unescaped(value ?? '')]),
  )
}

const placed = async (orderId: string, more: object = {}) => {
  const order = acceptedOrder.parse({ ...shownExample, orderId, ...more })
  await bus.send([bus.event('order.accepted.v1', orderId, order)])
  await eventually(
    'the order to be heard of',
    async () => await service.decide(orderId, (known) => ({ decision: {}, value: known?.order !== undefined }), null),
  )
}

const tokenOf = async (scope: CustomerScope) => (await createLink(db.database, scope, 3_600_000)).token

/** Somebody who came by a link. */
const guest = async (scope: CustomerScope): Promise<Browser> => {
  const one = browser()
  const { status } = await one.visit(`/c/${await tokenOf(scope)}`, { form: {} })
  expect(status).toBe(303)
  return one
}

const review = async (one: Browser, orderId: string, units = '2') => {
  const { text } = await one.visit(`/orders/${orderId}/cancel/review?units.1=${units}&reason=other&to=original`)
  return { text, form: formIn(text, `/orders/${orderId}/cancel`) }
}
const asked = (orderId: string) =>
  bus.seen.filter(({ key, topic }) => topic === topics.cancelRequests && key === orderId)

describe('a link', () => {
  it('is used by its button alone, once, and opens one order', async () => {
    await placed('ord-link')
    await placed('ord-other')
    const path = `/c/${await tokenOf({ orderId: 'ord-link' })}`
    const scanner = browser()
    for (const _ of [1, 2]) expect((await scanner.visit(path)).status).toBe(200)
    const one = browser()
    expect(await one.visit(path, { form: {} })).toMatchObject({ status: 303, location: '/orders/ord-link' })
    expect(await one.visit(path, { form: {} })).toMatchObject({ status: 303 })
    expect((await one.visit('/orders/ord-link')).text).toContain('Stoneware mug')
    for (const foreign of ['/orders/ord-other', '/orders/ord-other/cancel', `/cancellations/${requestId}`])
      expect((await one.visit(foreign)).status, foreign).toBe(404)
    await sql`update customer_links set used_at = now() - interval '2 minutes'`.execute(db.database)
    expect(await browser().visit(path, { form: {} })).toMatchObject({ status: 410 })
    expect((await browser().visit(path)).text).toContain('This link was used before')
    expect(await one.visit(path)).toMatchObject({ status: 303, location: '/orders/ord-link' })
  })

  it('is told to be old when it is, and opens nothing when it is forged', async () => {
    const token = await tokenOf({ orderId: 'ord-link' })
    await sql`update customer_links set expires_at = now() - interval '1 second' where used_at is null`.execute(
      db.database,
    )
    for (const form of [undefined, {}]) {
      const { status, text } = await browser().visit(`/c/${token}`, form && { form })
      expect([status, text.includes('This link has expired')]).toEqual([410, true])
    }
    for (const forged of [token.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A')), 'x', `${token}x`]) {
      const { status, text } = await browser().visit(`/c/${forged}`, { form: {} })
      expect([status, text.includes('This link does not work')]).toEqual([404, true])
    }
  })

  it('of a customer opens their orders, and nobody else’s', async () => {
    await placed('ord-mine', { customerId: 'cus-mine' })
    await placed('ord-theirs', { customerId: 'cus-theirs' })
    const one = await guest({ customerId: 'cus-mine' })
    const { text } = await one.visit('/orders')
    expect([text.includes('ord-mine'), text.includes('ord-theirs')]).toEqual([true, false])
    expect((await one.visit('/orders/ord-theirs')).status).toBe(404)
  })

  it('leaves nobody signed in for ever', async () => {
    const one = await guest({ orderId: 'ord-link' })
    expect((await one.visit('/orders/ord-link')).status).toBe(200)
    await sql`update customer_sessions set expires_at = now()`.execute(db.database)
    const { status, text } = await one.visit('/orders/ord-link')
    expect([status, text.includes('Please open your order again')]).toEqual([401, true])
    expect((await browser().visit('/orders')).status).toBe(401)
  })
})

describe('a cancellation', () => {
  it('is asked for once, however often its form is sent, and taken back', async () => {
    await placed('ord-once')
    const one = await guest({ orderId: 'ord-once' })
    const { text, form } = await review(one, 'ord-once')
    expect(text).toContain('Cancel order, €33.51 back')
    const all = await Promise.all(
      [1, 2, 3].map(() => one.visit('/orders/ord-once/cancel', { form: { ...form, note: 'too many mugs' } })),
    )
    const places = new Set(all.map(({ location }) => location))
    expect([all.map(({ status }) => status), places.size]).toEqual([[303, 303, 303], 1])
    const [place] = places
    expect((await one.visit(place ?? '')).text).toContain('We have your request of')
    await eventually('it to be sent', () => asked('ord-once').length > 0)
    expect(JSON.parse(String(asked('ord-once')[0]?.value))).toMatchObject({
      ...{ orderId: 'ord-once', initiator: { kind: 'customer', id: 'cus-7' }, refundTo: 'original' },
      reason: { code: 'other', note: 'too many mugs' },
    })
    expect(asked('ord-once')).toHaveLength(1)
    const again = await review(one, 'ord-once')
    expect([again.text.includes('is being cancelled already'), again.text.includes(place ?? '-')]).toEqual([true, true])
    const shown = (await one.visit(place ?? '')).text
    const back = `${place}/withdrawal`
    for (const _ of [1, 2]) expect((await one.visit(back, { form: formIn(shown, back) })).location).toBe(place)
    expect((await one.visit(place ?? '')).text).toContain('You asked to keep your order.')
    await eventually('it to be taken back', () => asked('ord-once').length === 2)
  })

  it('is not asked for with other figures than were seen', async () => {
    await placed('ord-moved')
    const one = await guest({ orderId: 'ord-moved' })
    const { form } = await review(one, 'ord-moved')
    const change = { ...shownExample, orderId: 'ord-moved', version: 2, changeId: 'c', shippingAmount: 0 }
    await bus.send([
      bus.event('order.amended.v1', 'ord-moved', {
        ...change,
        tenders: shownExample.tenders.map((each) => ({ ...each, amount: 2861 })),
      }),
    ])
    await eventually('the change', async () => (await review(one, 'ord-moved')).text.includes('€28.61'))
    const sent = await one.visit('/orders/ord-moved/cancel', { form })
    expect([
      sent.status,
      sent.text.includes('Something has changed since you looked'),
      sent.text.includes('€28.61 back'),
    ]).toEqual([409, true, true])
    expect(asked('ord-moved')).toEqual([])
    const agreed = formIn(sent.text, '/orders/ord-moved/cancel')
    expect((await one.visit('/orders/ord-moved/cancel', { form: agreed })).status).toBe(303)
  })

  it('is what the customer wrote, as text', async () => {
    await placed('ord-hostile', { lines: shownExample.lines.map((line) => ({ ...line, title: hostile })) })
    const one = await guest({ orderId: 'ord-hostile' })
    const { form } = await review(one, 'ord-hostile', '1')
    const { location } = await one.visit('/orders/ord-hostile/cancel', { form: { ...form, note: hostile } })
    for (const path of ['/orders/ord-hostile', `${location}`, `${location}/receipt`]) {
      const { text, headers } = await one.visit(path)
      expect(text, path).not.toContain('<script>alert')
      expect(headers.get('content-security-policy')).toContain("script-src 'self'")
    }
    expect((await one.visit(`${location}/receipt`)).text).toContain('&lt;script&gt;alert(1)')
  })

  it('says of a choice that cannot be what is wrong with it', async () => {
    const one = await guest({ orderId: 'ord-link' })
    for (const units of ['0', '3', '-1', 'x']) {
      const { status, text } = await one.visit(`/orders/ord-link/cancel/review?units.1=${units}&reason=other`)
      expect([status, text.includes('href="#line-1"')], units).toEqual([422, true])
    }
  })
})

describe('a form', () => {
  it('from another site, or made for another session, is not taken', async () => {
    await placed('ord-forms')
    const one = await guest({ orderId: 'ord-forms' })
    const { form } = await review(one, 'ord-forms')
    const path = '/orders/ord-forms/cancel'
    const sent = async (changed: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>>) =>
      (await one.visit(path, { form: changed, headers })).status
    expect(await sent(form, { 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await sent({ ...form, 'form-key': 'other' }, {})).toBe(403)
    const other = await guest({ orderId: 'ord-forms' })
    expect((await other.visit(path, { form })).status).toBe(403)
    expect(await sent(form, { 'content-type': 'text/plain' })).toBe(415)
    expect(asked('ord-forms')).toEqual([])
  })

  it('of a megabyte is turned away in words', async () => {
    const one = await guest({ orderId: 'ord-forms' })
    const { status, text } = await one.visit('/orders/ord-forms/cancel', { form: { note: 'x'.repeat(1_000_000) } })
    expect([status, text.includes('That was too much text')]).toEqual([413, true])
  })
})

it('asks how it was when it is over, and takes one answer', async () => {
  await bus.send(wholeLife.map(({ type, data }) => bus.event(type, data.orderId, data)))
  const one = await guest({ orderId: 'ord-1001' })
  const path = `/cancellations/${requestId}`
  await eventually('the end', async () => (await one.visit(path)).text.includes('The items are cancelled.'))
  const { text } = await one.visit(path)
  const form = formIn(text, `${path}/feedback`)
  expect((await one.visit(`${path}/feedback`, { form })).status).toBe(422)
  expect((await one.visit(`${path}/feedback`, { form: { ...form, score: '5', text: hostile } })).status).toBe(303)
  expect((await one.visit(path)).text).toContain('Thank you.')
})

describe('who has no link', () => {
  const email = 'ada@example.org'
  const known = () => ({ contactHash: contactHashOf(customers.contactKey, email) })
  const mailTo = (to: string) => mails.filter((each) => each.to === to)
  const linkIn = (text = '') => /\/c\/[\w-]{43}/.exec(text)?.[0] ?? expect.fail(text)

  it('gets a link by mail for the right number and address, and the same answer for wrong ones', async () => {
    await placed('ord-find', known())
    const one = browser()
    const look = (order: string, to: string) => one.visit('/find', { form: { order, email: to } })
    const answers = [
      await look('ord-find', 'eve@example.org'),
      await look('ord-none', email),
      await look(' ord-find ', email.toUpperCase()),
    ]
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1)
    await eventually('the mail', () => mailTo(email).length > 0, 30_000)
    expect(mails).toHaveLength(1)
    const [mail] = mails
    expect(await one.visit(linkIn(mail?.text), { form: {} })).toMatchObject({
      status: 303,
      location: '/orders/ord-find',
    })
    const { rows } = await sql`select recipient from mails where sent_at is not null`.execute(db.database)
    expect(rows).toEqual([{ recipient: null }])
    for (const wrong of [
      { order: '', email },
      { order: 'x', email: 'nobody' },
    ])
      expect((await one.visit('/find', { form: wrong })).status).toBe(422)
    for (const _ of [1, 2]) await look('ord-none', email)
    const { status, text, headers } = await look('ord-find', email)
    expect([status, text.includes('That was very often')]).toEqual([429, true])
    expect(text).toMatch(/Please try again from \d\d:\d\d CET on/)
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  })

  it('finds their order, whatever strangers of other networks have tried for it', async () => {
    const owner = 'owner@example.org'
    await placed('ord-sought', { contactHash: contactHashOf(customers.contactKey, owner) })
    const one = browser()
    const look = (from: string, to: string) =>
      one.visit('/find', { form: { order: 'ord-sought', email: to }, headers: { 'x-forwarded-for': from } })
    for (const each of [1, 2, 3, 4, 5]) expect((await look('198.51.100.1', `eve${each}@example.org`)).status).toBe(200)
    expect((await look('198.51.100.1', owner)).status).toBe(429)
    const links = async () =>
      (await sql`select 1 from customer_links where order_id = 'ord-sought'`.execute(db.database)).rows.length
    expect(await links()).toBe(0)
    const answers = [await look('203.0.113.1', owner), await look('203.0.113.1', 'eve@example.org')]
    expect(
      new Set(answers.map(({ status, text }) => `${status} ${text}`.replaceAll(/[0-9a-f-]{36}/g, 'id'))).size,
    ).toBe(1)
    expect(await links()).toBe(1)
    // Who knows both has the owner sent a few links an hour, and is not told how many.
    for (const each of [1, 2, 3, 4, 5, 6]) expect((await look(`192.0.2.${each}`, owner)).status).toBe(200)
    expect(await links()).toBe(5)
  })

  it('states as often as wanted, and has one address sent three mails a day, in which nothing is a link', async () => {
    const victim = 'vic@example.org'
    const one = browser()
    const state = async (each: number, to: string) => {
      const headers = { 'x-forwarded-for': `192.0.2.${each}` }
      const form = { name: 'Win at www.evil.example', contract: `https://evil.example/${each} is yours`, email: to }
      const { text } = await one.visit('/withdraw', { form, headers })
      return one.visit('/withdraw/confirmation', { form: formIn(text, '/withdraw/confirmation'), headers })
    }
    const pages = []
    for (const each of [1, 2, 3, 4, 5]) pages.push(await state(each, each % 2 === 0 ? victim : victim.toUpperCase()))
    for (const { status, text } of pages)
      expect([status, text.includes('This page is your receipt'), text.includes('is yours')]).toEqual([200, true, true])
    const { rows } = await sql`
      select count(*)::int as kept, (count(*) filter (where told))::int as told from withdrawal_statements
      where lower(contact) = ${victim}`.execute(db.database)
    expect(rows).toEqual([{ kept: 5, told: 3 }])
    await eventually('its mails', () => mailTo(victim).length === 3, 30_000)
    for (const { text } of mailTo(victim)) expect(text).not.toMatch(/:\/\/|evil\.example/)
    const long = await one.visit('/withdraw', { form: { name: 'Vic', contract: 'x'.repeat(1_001), email: victim } })
    expect([long.status, long.text.includes('href="#contract"')]).toEqual([422, true])
  })

  it('withdraws from a contract, is told so by mail, and confirms it by its link', async () => {
    await placed('ord-withdraw', known())
    const one = browser()
    const headers = { 'accept-language': 'de' }
    const state = async (contract: string, to: string) => {
      const form = { name: 'Ada <b>Example</b>', contract, email: to }
      const { text } = await one.visit('/withdraw', { form, headers })
      expect(text).toContain('Widerruf bestätigen')
      expect(text).not.toContain('<b>')
      const sent = { form: formIn(text, '/withdraw/confirmation'), headers }
      const [first, again] = [
        await one.visit('/withdraw/confirmation', sent),
        await one.visit('/withdraw/confirmation', sent),
      ]
      expect([first.status, again.status, again.text]).toEqual([200, 200, first.text])
      return [contract, to]
        .reduce((text, own) => text.replaceAll(own, 'own'), first.text)
        .replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'id')
        .replaceAll(/\d\d:\d\d(:[\d.]+Z)?/g, 'time')
    }
    const before = mails.length
    expect(await state('ord-withdraw', 'ada@example.org')).toBe(await state('the blue mugs of May', 'bob@example.org'))
    await eventually('both mails', () => mails.length === before + 2, 30_000)
    const mail = mailTo('ada@example.org').at(-1)
    expect(asked('ord-withdraw')).toEqual([])
    await browser().visit(linkIn(mail?.text), { form: {} })
    await eventually('the request', () => asked('ord-withdraw').length > 0)
    const { rows: recipients } =
      await sql`select contact, tells_asked from receipts where order_id = 'ord-withdraw'`.execute(db.database)
    expect(recipients).toEqual([{ contact: 'ada@example.org', tells_asked: false }])
    const { rows } =
      await sql`select id, received_at as at from withdrawal_statements where order_id is not null`.execute(db.database)
    const [statement] = z.array(z.object({ id: z.string(), at: z.date() })).parse(rows)
    expect(JSON.parse(String(asked('ord-withdraw')[0]?.value))).toMatchObject({
      ...{ requestId: statement?.id, requestedAt: statement?.at.toISOString(), orderId: 'ord-withdraw' },
    })
  })

  it('is confirmed when its link was opened, whatever ends a process in between', async () => {
    await placed('ord-half', known())
    const one = browser()
    const form = { name: 'Ada', contract: 'ord-half', email }
    const { text } = await one.visit('/withdraw', { form })
    const before = mailTo(email).length
    await one.visit('/withdraw/confirmation', { form: formIn(text, '/withdraw/confirmation') })
    await eventually('its mail', () => mailTo(email).length > before, 30_000)
    const link = linkIn(mailTo(email).at(-1)?.text)
    await sql`alter table withdrawal_statements add constraint unwritable check (confirmed_at is null) not valid`.execute(
      db.database,
    )
    expect((await browser().visit(link, { form: {} })).status).toBeGreaterThanOrEqual(500)
    await sql`alter table withdrawal_statements drop constraint unwritable`.execute(db.database)
    await sql`update customer_links set used_at = used_at - interval '1 hour'`.execute(db.database)
    expect(await browser().visit(link, { form: {} })).toMatchObject({ status: 303, location: '/orders/ord-half' })
    await eventually('the request', () => asked('ord-half').length > 0)
  })

  it('keeps no statement without the mail that tells of it: sent again, there are both', async () => {
    const one = browser()
    const to = 'cy@example.org'
    const { text } = await one.visit('/withdraw', { form: { name: 'C\0y', contract: 'the green mugs\0', email: to } })
    const form = formIn(text, '/withdraw/confirmation')
    await sql`alter table mails add constraint unwritable check (recipient <> 'cy@example.org')`.execute(db.database)
    expect((await one.visit('/withdraw/confirmation', { form })).status).toBeGreaterThanOrEqual(500)
    await sql`alter table mails drop constraint unwritable`.execute(db.database)
    expect((await one.visit('/withdraw/confirmation', { form })).status).toBe(200)
    await eventually('its mail', () => mailTo(to).length > 0, 30_000)
  })
})

describe('receipts of a cancellation', () => {
  const to = 'dot@example.org'
  const mailsTo = (address: string) => mails.filter((each) => each.to === address)
  const known = (email: string) => ({ contactHash: contactHashOf(customers.contactKey, email) })
  /** Somebody who came by a link that went to this address. */
  const mailed = async (orderId: string) => {
    const one = browser()
    const { token } = await createLink(db.database, { orderId }, 3_600_000, { contact: to })
    await one.visit(`/c/${token}`, { form: {} })
    return one
  }
  const end = (orderId: string, of: string) =>
    wholeLife
      .filter(({ type }) => /cancellation|refund/.test(type))
      .map(({ type, data }) => bus.event(type, orderId, { ...data, orderId, requestId: of }))

  it('go to the address that the link went to: that it was asked for, then what it came to, each once', async () => {
    await placed('ord-receipt', known(to))
    const one = await mailed('ord-receipt')
    const { text, form } = await review(one, 'ord-receipt', '1')
    expect(text).toContain(`value="${to}"`)
    const sent = { form: { ...form, email: to } }
    const [answer] = await Promise.all([1, 2].map(() => one.visit('/orders/ord-receipt/cancel', sent)))
    const of = answer?.location?.split('/').at(-1) ?? expect.fail()
    await eventually('the first mail', () => mailsTo(to).length > 0, 30_000)
    const [first] = mailsTo(to)
    for (const said of ['We received this request on', 'Items: 1', 'Stoneware mug, blue', of, 'The link counts until'])
      expect(first?.text).toContain(said)
    for (const _ of [1, 2]) await bus.send(end('ord-receipt', of))
    await eventually('the last mail', () => mailsTo(to).length > 1, 30_000)
    const last = mailsTo(to).at(-1)?.text ?? ''
    for (const said of ['The items are cancelled.', 'as store credit: there since', '13.91', of])
      expect(last).toContain(said)
    const link = /\/c\/[\w-]{43}/.exec(last)?.[0] ?? expect.fail(last)
    expect(await browser().visit(link, { form: {} })).toMatchObject({ location: '/orders/ord-receipt' })
    const { rows } = await sql`select 1 from receipts where order_id = 'ord-receipt'`.execute(db.database)
    expect(rows).toEqual([])
    const { rows: written } = await sql`select 1 from mails where order_id = 'ord-receipt'`.execute(db.database)
    expect(written).toHaveLength(2)
  })

  it('are written with what they tell of, or neither is', async () => {
    await placed('ord-unwritable', known(to))
    const one = await mailed('ord-unwritable')
    const { form } = await review(one, 'ord-unwritable')
    const path = '/orders/ord-unwritable/cancel'
    await sql`alter table mails add constraint unwritable check (recipient <> 'dot@example.org') not valid`.execute(
      db.database,
    )
    expect((await one.visit(path, { form: { ...form, email: to } })).status).toBeGreaterThanOrEqual(500)
    expect((await one.visit('/orders/ord-unwritable')).text).not.toContain('Being cancelled')
    await sql`alter table mails drop constraint unwritable`.execute(db.database)
    expect((await one.visit(path, { form: { ...form, email: to } })).status).toBe(303)
  })

  it('go to no address that the shop knows to be another’s, and have no link where it cannot know', async () => {
    await placed('ord-other-mail', known('ada@example.org'))
    const one = await mailed('ord-other-mail')
    const { form } = await review(one, 'ord-other-mail')
    for (const email of ['eve@example.org', 'nobody']) {
      const { status, text } = await one.visit('/orders/ord-other-mail/cancel', { form: { ...form, email } })
      expect([status, text.includes('href="#email"')], email).toEqual([422, true])
    }
    expect((await one.visit('/orders/ord-other-mail/cancel', { form: { ...form, email: '' } })).status).toBe(303)
    await placed('ord-no-hash')
    const other = await guest({ orderId: 'ord-no-hash' })
    const typed = (await review(other, 'ord-no-hash')).form
    await other.visit('/orders/ord-no-hash/cancel', { form: { ...typed, email: 'fay@example.org' } })
    await eventually('its mail', () => mailsTo('fay@example.org').length > 0, 30_000)
    expect(mailsTo('fay@example.org')[0]?.text).not.toContain('/c/')
    expect(mailsTo('eve@example.org')).toEqual([])
  })
})

describe('a page of the shop’s own', () => {
  const origin = 'https://www.mug.example'
  const calls = (token: string, from: string) => ({
    headers: { authorization: `Bearer ${token}`, origin: from, 'sec-fetch-site': 'cross-site', 'x-language': 'de' },
  })

  it('asks, by a token for one order, what its customer asks, and nobody else’s page reads it', async () => {
    await placed('ord-widget')
    await placed('ord-not-widget')
    const { token } = await createBearer(db.database, { orderId: 'ord-widget' })
    const { headers } = calls(token, origin)
    const one = browser()
    const review = await one.visit('/orders/ord-widget/cancel/review?units.1=2&reason=other&to=original', { headers })
    expect([review.status, review.headers.get('access-control-allow-origin')]).toEqual([200, origin])
    expect(review.text).toContain('Bestellung stornieren')
    const path = '/orders/ord-widget/cancel'
    const form = formIn(review.text, path)
    expect((await one.visit(path, { form, headers: { ...headers, authorization: '' } })).status).toBe(403)
    expect((await one.visit(path, { form, headers })).status).toBe(303)
    expect((await one.visit('/orders/ord-not-widget/cancel', { headers })).status).toBe(404)
    for (const other of ['https://evil.example', 'https://www.mug.example.evil.example', 'null']) {
      const { headers: answered } = await one.visit(path, calls(token, other))
      expect(answered.get('access-control-allow-origin'), other).toBeNull()
    }
    expect(review.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
  })

  it('is asked before it sends, lets no cookie be a token, and no token a cookie', async () => {
    const preflight = (from: string) =>
      fetch(`http://127.0.0.1:${shop.port}/orders/ord-widget/cancel`, { method: 'OPTIONS', headers: { origin: from } })
    const [own, other] = [await preflight(origin), await preflight('https://evil.example')]
    expect([own.status, own.headers.get('access-control-allow-headers')]).toEqual([
      204,
      expect.stringContaining('Authorization'),
    ])
    expect([own, other].map(({ headers }) => headers.get('access-control-allow-origin'))).toEqual([origin, null])
    const { token } = await createBearer(db.database, { orderId: 'ord-widget' })
    const one = browser()
    expect((await one.visit('/orders/ord-widget', { headers: { cookie: `cm-shop=${token}` } })).status).toBe(401)
    const session = await guest({ orderId: 'ord-widget' })
    const secret = session.cookies.get('cm-shop') ?? expect.fail()
    expect((await one.visit('/orders/ord-widget', calls(secret, origin))).status).toBe(401)
    await sql`update customer_sessions set expires_at = now() where is_bearer`.execute(db.database)
    expect((await one.visit('/orders/ord-widget', calls(token, origin))).status).toBe(401)
  })

  it('loads one script, from an address that stays, and that weighs little', async () => {
    const { headers, text } = await browser().visit('/widget.js')
    expect(headers.get('access-control-allow-origin')).toBe('*')
    const style = /\/assets\/[\w-]+\/widget[.]css/.exec(text)?.[0] ?? expect.fail()
    const sheet = (await browser().visit(style)).text
    expect(sheet).toContain(':host')
    expect(sheet).not.toContain(':root')
    expect(brotliCompressSync(text).length).toBeLessThan(4_000)
    expect(brotliCompressSync(sheet).length).toBeLessThan(10_000)
  })
})

it('takes NUL for text that cannot be kept, and for an address of nothing', async () => {
  await placed('ord-nul', { customerId: 'cus-nul' })
  const one = await guest({ customerId: 'cus-nul' })
  for (const path of ['/orders/ord%00nul', '/cancellations/a%00b', '/orders/ord%00nul/cancel', '/c/%00'])
    expect([path, (await one.visit(path)).status]).toEqual([path, 404])
  const { form } = await review(one, 'ord-nul')
  const sent = await one.visit('/orders/ord-nul/cancel', { form: { ...form, note: 'a\0b' } })
  expect(sent.status).toBe(303)
  await eventually('the request', () => asked('ord-nul').length > 0)
  expect(String(asked('ord-nul')[0]?.value)).toContain('a\ufffdb')
})

it('says what it knows, and of when, while the database is away, and answers within 2 s', async () => {
  await placed('ord-away')
  const one = await guest({ orderId: 'ord-away' })
  const { form } = await review(one, 'ord-away')
  await one.visit('/orders/ord-away')
  way.cut()
  const old = await one.visit('/orders/ord-away')
  expect([old.status, old.text.includes('This is what we knew at'), old.text.includes('Stoneware mug')]).toEqual([
    200,
    true,
    true,
  ])
  const sent = await one.visit('/orders/ord-away/cancel', { form })
  expect([sent.status, sent.headers.get('retry-after'), sent.text.includes('We cannot answer right now')]).toEqual([
    503,
    '2',
    true,
  ])
  expect((await browser().visit(`/c/${'A'.repeat(43)}`)).status).toBe(503)
  way.mend()
  way.hold()
  const silent = await one.visit('/orders/ord-away')
  expect([silent.status, silent.text.includes('This is what we knew at')]).toEqual([200, true])
  const none = await one.visit('/orders')
  expect([none.status, none.headers.get('retry-after')]).toEqual([503, '2'])
  // What was never read here is not made up, and no form is kept for later.
  expect([(await one.visit('/orders')).status, (await one.visit('/orders/ord-away/cancel')).status]).toEqual([503, 200])
  way.mend()
  await eventually('it to answer', async () => !(await one.visit('/orders/ord-away')).text.includes('what we knew at'))
  expect((await one.visit('/orders/ord-away/cancel', { form })).status).toBe(303)
})

it('answers while Kafka is away, says so, and sends what was asked for when it is back, once', async () => {
  await placed('ord-late')
  const one = await guest({ orderId: 'ord-late' })
  const { form } = await review(one, 'ord-late')
  broker.goAway()
  const { status, location } = await one.visit('/orders/ord-late/cancel', { form })
  expect(status).toBe(303)
  const late = 'goes on its way later than usual'
  await eventually('the page to say so', async () => (await one.visit(`${location}`)).text.includes(late))
  expect((await one.visit(`${location}`)).text).toContain('We have your request of')
  expect(asked('ord-late')).toEqual([])
  broker.comeBack()
  await eventually('it to be sent', () => asked('ord-late').length > 0, 60_000)
  await eventually('nothing to be said of it', async () => !(await one.visit(`${location}`)).text.includes(late))
  expect(asked('ord-late')).toHaveLength(1)
})
