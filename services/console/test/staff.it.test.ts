import { acceptedOrder, topics } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import type { RunningService } from '@countermand/service'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { consoleService } from '../handlers.ts'
import type { ApiServer } from '../http/server.ts'
import { limitsOf } from '../http/shop.ts'
import { startStaff } from '../http/staff-side.ts'
import type { Case } from '../state.ts'
import { listToDecide } from '../store/queries.ts'
import { customers, wholeLife } from './given.ts'
import { client, type Person, startIdentityProvider } from './identity.ts'

const { kafkaBrokers, databaseUrls } = inject('stack')
let db: TestDatabase
let bus: Bus
let service: RunningService<Case>
let staff: ApiServer
let provider: Awaited<ReturnType<typeof startIdentityProvider>>
let base: string

beforeAll(async () => {
  db = await createTestDatabase(databaseUrls.console, 'console_staff')
  bus = await createBus({ brokers: kafkaBrokers, topics: [topics.cancelRequests] })
  service = await startService(consoleService, { bus, db }, { orderPatience: 1_000 })
  // The provider has to know the address before anybody listens there.
  const port = await freePort()
  base = `http://127.0.0.1:${port}`
  provider = await startIdentityProvider(`${base}/auth/callback`, `${base}/`)
  staff = await startStaff({
    ...{ service, databaseUrl: db.url, port, host: '127.0.0.1', url: new URL(base), zone: 'Europe/Berlin' },
    ...{ shop: customers.shop, accent: customers.accent, limits: limitsOf(100_000), proxies: [] },
    identity: { ...client, issuer: provider.issuer, rolesClaim: 'roles', merchantsClaim: 'merchants' },
    ...{ log: createLogger({ name: 'staff-test', level: 'silent' }), metrics: createMetrics() },
  })
})
afterAll(async () => {
  await staff?.close()
  provider?.close()
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

interface Visited {
  readonly status: number
  readonly url: string
  readonly text: string
  readonly headers: Headers
}

type Field = readonly [name: string, value: string]

const formWith = (key: string, fields: readonly Field[]): URLSearchParams => {
  const form = new URLSearchParams({ 'form-key': key })
  for (const [name, value] of fields) form.append(name, value)
  return form
}

/** A browser without JavaScript: it keeps cookies by origin, follows redirects, and says where a form is from. */
const browser = () => {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  const visit = async (
    url: string,
    { form, headers = {} }: { readonly form?: URLSearchParams; readonly headers?: Record<string, string> } = {},
  ): Promise<Visited> => {
    const jar = jarOf(url)
    const response = await fetch(url, {
      redirect: 'manual',
      headers: {
        ...{ cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
        ...(form !== undefined && { 'sec-fetch-site': 'same-origin' }),
        ...headers,
      },
      ...(form !== undefined && { method: 'POST', body: form }),
    })
    for (const each of response.headers.getSetCookie()) {
      const [pair = ''] = each.split(';')
      const place = pair.indexOf('=')
      jar.set(pair.slice(0, place), pair.slice(place + 1))
    }
    const location = response.headers.get('location')
    if (location !== null) return visit(new URL(location, url).href)
    return { status: response.status, url, text: await response.text(), headers: response.headers }
  }
  const keyIn = (text: string) => /name="form-key" value="([^"]+)"/.exec(text)?.[1] ?? ''
  const post = async (from: string, path: string, fields: readonly Field[], headers = {}) => {
    const { text } = await visit(`${base}${from}`)
    const form = formWith(keyIn(text), fields)
    return visit(`${base}${path}`, { form, headers })
  }
  /** Through the provider's own pages. */
  const signIn = async (person: Person | 'nobody', path = '/inbox'): Promise<Visited> => {
    const login = await visit(`${base}${path}`)
    const action = /action="([^"]+)"/.exec(login.text)?.[1] ?? expect.fail(login.text)
    const consent = await visit(new URL(action, login.url).href, {
      form: new URLSearchParams({ prompt: 'login', login: person, password: 'x' }),
    })
    const next = /action="([^"]+)"/.exec(consent.text)?.[1]
    if (next === undefined || !consent.url.startsWith(provider.issuer.origin)) return consent
    return visit(new URL(next, consent.url).href, { form: new URLSearchParams({ prompt: 'consent' }) })
  }
  return { visit, post, signIn, jarOf }
}

const named = (of: string) => `req-of-${of}`
const said = (of: string, type: string) => {
  const found = wholeLife.find((each) => each.type === type) ?? expect.fail(type)
  return bus.event(found.type, of, { ...found.data, orderId: of, requestId: named(of) })
}
/** Orders whose merchant is asked. */
const wait = async (...all: readonly string[]) => {
  await bus.send(
    all.flatMap((of) => [
      bus.event('order.accepted.v1', of, acceptedOrder.parse({ ...exampleOrder, orderId: of })),
      said(of, 'order.cancellation.started.v1'),
      said(of, 'order.cancellation.awaiting-merchant.v1'),
    ]),
  )
  await eventually('all of them to wait', async () => {
    const waiting = new Set((await listToDecide(db.database, null, 1_000)).map(({ orderId }) => orderId))
    return all.every((of) => waiting.has(of))
  })
}
const decisionsOf = (of: string) => bus.seen.filter(({ topic, key }) => topic === topics.cancelRequests && key === of)

it('knows nobody who has not signed in, and leads them there and back', async () => {
  const { signIn, jarOf } = browser()
  const { status, url, text, headers } = await signIn('ann', '/inbox?x=1')
  expect([status, url]).toEqual([200, `${base}/inbox?x=1`])
  expect(text).toContain('Signed in as Ann')
  expect(headers.get('content-security-policy')).toContain("default-src 'none'")
  expect(jarOf(base).get('cm-staff')).toMatch(/^[\w-]{43}$/)
  const { rows } = await sql`select hash from staff_sessions where hash = ${jarOf(base).get('cm-staff')}`.execute(
    db.database,
  )
  expect(rows).toEqual([])
})

it('keeps out whoever has no role here, and who did not begin to sign in', async () => {
  const dan = await browser().signIn('dan')
  expect([dan.status, dan.text.includes('no role')]).toEqual([403, true])
  const stranger = await browser().visit(`${base}/auth/callback?code=x&state=y`)
  expect(stranger.status).toBe(401)
  const { visit, jarOf } = browser()
  await visit(`${base}/auth/sign-in`)
  const forged = await visit(`${base}/auth/callback?code=x&state=${jarOf(base).get('cm-sign-in')}`)
  expect([forged.status, jarOf(base).get('cm-staff')]).toEqual([401, undefined])
})

it('goes nowhere but to its own pages after a sign-in', async () => {
  for (const to of ['//evil.example', 'https://evil.example/', '/\\evil.example', '/auth/sign-out']) {
    const { url } = await browser().signIn('ann', `/auth/sign-in?to=${encodeURIComponent(to)}`)
    expect(url).toBe(`${base}/inbox`)
  }
})

it('has two hundred decided in one go, each with a result, and the second member told of the first', async () => {
  const all = Array.from({ length: 200 }, (_, nth) => `ord-bulk-${nth}`)
  await wait(...all)
  const ann = browser()
  const inbox = await ann.signIn('ann')
  for (const of of all) expect(inbox.text).toContain(`value="${named(of)}"`)
  const fields = all.map((of) => ['request', named(of)] as const)
  const { status, text } = await ann.post('/inbox', '/inbox', [...fields, ['decision', 'approve']])
  expect([status, text.match(/Approval sent/g)?.length]).toEqual([200, 200])
  await eventually('all to be sent', () => all.every((of) => decisionsOf(of).length === 1))
  expect(JSON.parse(String(decisionsOf('ord-bulk-7')[0]?.value))).toMatchObject({ decision: 'approve', by: 'mer-3' })
  const bob = browser()
  await bob.signIn('bob')
  const [one = '', two = ''] = all.map(named)
  const rejected = await bob.post('/inbox', '/inbox', [
    ['request', one],
    ['message', 'too late'],
    ['decision', 'reject'],
  ])
  expect(rejected.text).toMatch(/Was decided before by Ann, \d\d:\d\d/)
  const same = await bob.post('/inbox', '/inbox', [
    ['request', two],
    ['decision', 'approve'],
  ])
  expect(same.text).toMatch(/Was decided so before by Ann, /)
  expect([decisionsOf('ord-bulk-0').length, decisionsOf('ord-bulk-1').length]).toEqual([1, 1])
})

it('asks for what is missing, and keeps what was said', async () => {
  await wait('ord-say')
  const { signIn, post } = browser()
  await signIn('bob')
  const none = await post('/inbox', '/inbox', [['decision', 'approve']])
  expect([none.status, none.text.includes('Choose at least one')]).toEqual([422, true])
  const silent = await post('/inbox', '/inbox', [
    ['request', named('ord-say')],
    ['decision', 'reject'],
  ])
  expect([silent.status, silent.text.includes('Say why')]).toEqual([422, true])
  expect(silent.text).toMatch(new RegExp(`value="${named('ord-say')}"[^>]* checked`))
  const why = '<b>sorry</b>'
  const done = await post('/inbox', '/inbox', [
    ['request', named('ord-say')],
    ['message', why],
    ['decision', 'reject'],
  ])
  expect(done.text).toContain('Rejection sent')
  const shown = await browser().signIn('ann', '/cases/ord-say')
  expect(shown.text).toContain('&lt;b&gt;sorry')
  expect(shown.text).not.toContain('<b>sorry')
})

it('shows and lets decide what is of one’s merchants alone', async () => {
  await wait('ord-mine')
  const { signIn, visit, post } = browser()
  const inbox = await signIn('cyd')
  expect(inbox.text).not.toContain('ord-mine')
  expect((await visit(`${base}/cases/ord-mine`)).status).toBe(404)
  expect((await visit(`${base}/?q=ord-mine`)).text).toContain('Nothing is known of ord-mine')
  expect((await visit(`${base}/?q=${named('ord-mine')}`)).text).toContain('Nothing is known')
  const tried = await post('/', '/inbox', [
    ['request', named('ord-mine')],
    ['decision', 'approve'],
  ])
  expect(tried.text).toContain('Not known, or not yours')
  const eve = browser()
  expect((await eve.signIn('eve')).text).not.toContain('type="checkbox"')
  expect(
    (
      await eve.post('/', '/inbox', [
        ['request', named('ord-mine')],
        ['decision', 'approve'],
      ])
    ).status,
  ).toBe(403)
  expect((await eve.post('/', '/cases/ord-mine/withdrawal', [['request', named('ord-mine')]])).status).toBe(403)
  expect(decisionsOf('ord-mine')).toEqual([])
})

it('finds an order, its request and its customer, and shows what happened and what the customer reads', async () => {
  await wait('ord-case')
  const { signIn, visit, post } = browser()
  await signIn('ann')
  for (const text of ['ord-case', named('ord-case')])
    expect((await visit(`${base}/?q=${text}`)).url).toBe(`${base}/cases/ord-case`)
  expect((await visit(`${base}/?q=cus-7`)).text).toContain('/cases/ord-case')
  const { text } = await visit(`${base}/cases/ord-case`)
  expect(text).toContain('The merchant is asked')
  expect(text).toMatch(/The shop decides by .* No answer counts as yes/)
  expect((await post('/cases/ord-case', '/cases/ord-case/withdrawal', [['request', named('ord-case')]])).status).toBe(
    200,
  )
  await eventually('it to be sent', () => decisionsOf('ord-case').length === 1)
  expect(JSON.parse(String(decisionsOf('ord-case')[0]?.value))).toMatchObject({ by: 'Ann' })
  expect((await browser().signIn('bob', '/cases/ord-case')).text).not.toContain('Take the request back')
})

it('takes no form from elsewhere, or of another session', async () => {
  await wait('ord-forged')
  const { signIn, post, visit } = browser()
  await signIn('ann')
  const fields = [
    ['request', named('ord-forged')],
    ['decision', 'approve'],
  ] as const
  expect((await post('/inbox', '/inbox', fields, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  const form = formWith('another', fields)
  expect((await visit(`${base}/inbox`, { form })).status).toBe(403)
  expect(decisionsOf('ord-forged')).toEqual([])
})

/** Whether a cookie still opens a page; its provider may open another session. */
const isSignedIn = async (secret: string): Promise<boolean> => {
  const headers = { cookie: `cm-staff=${secret}` }
  return (await fetch(`${base}/inbox`, { headers, redirect: 'manual' })).status === 200
}

it('ends a session by signing out, after half an hour in which nothing was seen, and after twelve hours', async () => {
  const { signIn, post, jarOf } = browser()
  await signIn('ann')
  const secret = jarOf(base).get('cm-staff') ?? ''
  const out = await post('/inbox', '/auth/sign-out', [])
  expect([out.status, out.text.includes('session/end')]).toEqual([200, true])
  expect(await isSignedIn(secret)).toBe(false)
  for (const change of [sql`seen_at = now() - interval '31 minutes'`, sql`expires_at = now()`]) {
    const other = browser()
    await other.signIn('bob')
    const bobs = other.jarOf(base).get('cm-staff') ?? ''
    expect(await isSignedIn(bobs)).toBe(true)
    await sql`update staff_sessions set ${change}`.execute(db.database)
    expect(await isSignedIn(bobs)).toBe(false)
  }
})
