import { createHash, randomUUID } from 'node:crypto'
import {
  acceptedOrder,
  type OperationAnswer,
  type OperationWanted,
  type ShownLetter,
  topics,
} from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { eventually } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { type StaffEndpoint, staffEndpoints } from '../http/staff/endpoints.ts'
import { readLink } from '../store/links.ts'
import { keepAnswers, saveOperations } from '../store/operations.ts'
import { listToDecide } from '../store/queries.ts'
import { confirmStatement, keepStatement, openStatement } from '../store/statements.ts'
import { wholeLife } from './given.ts'
import { type Field, formWith, people, type Staffed, startStaffed } from './staffed.ts'

let staffed: Staffed
let db: Staffed['db']
let bus: Staffed['bus']
let base: string
let provider: Staffed['provider']
const browser = () => staffed.browser()

beforeAll(async () => {
  staffed = await startStaffed(inject('stack'), 'console_staff')
  ;({ db, bus, base, provider } = staffed)
})
afterAll(async () => {
  await staffed?.stop()
})

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
    const waiting = new Set((await listToDecide(db.database, {}, null, 1_000)).requests.map(({ orderId }) => orderId))
    return all.every((of) => waiting.has(of))
  })
}
const decisionsOf = (of: string) => bus.seen.filter(({ topic, key }) => topic === topics.cancelRequests && key === of)

it('knows nobody who has not signed in, and leads them there and back', async () => {
  const { signIn, jarOf } = browser()
  const { status, url, text, headers } = await signIn('ann', '/inbox?x=1')
  expect([status, url]).toEqual([200, `${base}/inbox?x=1`])
  expect(text).toContain('Ann · Customer service')
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

it('shows nothing to whom their provider names no merchants, and says what is missing', async () => {
  for (const person of ['fay', 'gil'] as const) {
    const { signIn, jarOf } = browser()
    const { status, text } = await signIn(person)
    expect([status, text.includes('the claim “merchants”')], person).toEqual([403, true])
    expect(jarOf(base).get('cm-staff'), person).toBeUndefined()
  }
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
  expect((await ann.visit(`${base}/inbox`)).text).not.toContain('ord-bulk-')
  const bob = browser()
  await bob.signIn('bob')
  const [one = '', two = ''] = all.map(named)
  const rejected = await bob.post('/', '/inbox', [
    ['request', one],
    ['message', 'too late'],
    ['decision', 'reject'],
  ])
  expect(rejected.text).toMatch(/Approved before: Ann, \d\d:\d\d/)
  const same = await bob.post('/', '/inbox', [
    ['request', two],
    ['decision', 'approve'],
  ])
  expect(same.text).toMatch(/Approved before: Ann, /)
  expect([decisionsOf('ord-bulk-0').length, decisionsOf('ord-bulk-1').length]).toEqual([1, 1])
})

it('counts a decision when the story says so, on the page of results too', async () => {
  await wait('ord-counts')
  const { signIn, post, visit } = browser()
  await signIn('bob')
  const fields = [
    ['request', named('ord-counts')],
    ['decision', 'approve'],
  ] as const
  const sent = await post('/inbox', '/inbox', fields)
  expect(sent.text).toContain('Approval sent')
  await bus.send([said('ord-counts', 'order.cancellation.decided.v1')])
  await eventually('it to count', async () => (await visit(sent.url)).text.includes('Approved: it counts since'))
})

it('has one of two who decide at the same moment told of the other, and sends one decision', async () => {
  await wait('ord-both')
  const [ann, bob] = [browser(), browser()]
  await Promise.all([ann.signIn('ann'), bob.signIn('bob')])
  const request = ['request', named('ord-both')] as const
  const [one, other] = await Promise.all([
    ann.post('/', '/inbox', [request, ['decision', 'approve']]),
    bob.post('/', '/inbox', [request, ['decision', 'reject'], ['message', 'no']]),
  ])
  expect([one.text, other.text].filter((text) => /(Approval|Rejection) sent/.test(text))).toHaveLength(1)
  expect([one.text, other.text].filter((text) => /(Approved|Rejected) before: /.test(text))).toHaveLength(1)
  await eventually('it to be sent', () => decisionsOf('ord-both').length > 0)
  expect(decisionsOf('ord-both')).toHaveLength(1)
})

it('does nothing that cannot be written down', async () => {
  await wait('ord-unwritten')
  const { signIn, post } = browser()
  await signIn('bob')
  const fields = [
    ['request', named('ord-unwritten')],
    ['decision', 'approve'],
  ] as const
  await sql`alter table staff_deeds add constraint unwritten check (order_id <> 'ord-unwritten')`.execute(db.database)
  expect((await post('/', '/inbox', fields)).status).toBe(500)
  await sql`alter table staff_deeds drop constraint unwritten`.execute(db.database)
  expect((await post('/', '/inbox', fields)).text).toContain('Approval sent')
  await eventually('it to be sent', () => decisionsOf('ord-unwritten').length > 0)
  expect(decisionsOf('ord-unwritten')).toHaveLength(1)
})

it('asks for what is missing, and keeps what was said', async () => {
  await wait('ord-say')
  const { signIn, post } = browser()
  await signIn('bob')
  const none = await post('/inbox', '/inbox/review', [['decision', 'approve']])
  expect([none.status, none.text.includes('Choose at least one')]).toEqual([422, true])
  const request = ['request', named('ord-say')] as const
  const review = await post('/inbox', '/inbox/review', [request, ['decision', 'reject']])
  expect(review.text).toContain('Reject 1 request')
  const silent = await post('/inbox', '/inbox', [request, ['decision', 'reject']])
  expect([silent.status, silent.text.includes('Say why')]).toEqual([422, true])
  const why = '<b>sorry</b>'
  const done = await post('/inbox', '/inbox', [request, ['message', why], ['decision', 'reject']])
  expect(done.text).toContain('Rejection sent')
  const shown = await browser().signIn('ann', '/cases/ord-say')
  expect(shown.text).toContain('&lt;b&gt;sorry')
  expect(shown.text).not.toContain('<b>sorry')
})

it('decides nothing of another merchant', async () => {
  await wait('ord-mine')
  const { signIn, visit, post } = browser()
  expect((await signIn('cyd')).text).not.toContain('ord-mine')
  for (const text of ['ord-mine', named('ord-mine'), 'OK-1'])
    expect((await visit(`${base}/?q=${text}`)).text).toContain('Nothing is known of')
  const tried = await post('/', '/inbox', [
    ['request', named('ord-mine')],
    ['decision', 'approve'],
  ])
  expect(tried.text).toContain('Not known, or not yours')
  expect(decisionsOf('ord-mine')).toEqual([])
})

it('finds an order by all that names it, and shows what happened and what the customer reads', async () => {
  await wait('ord-case')
  const { signIn, visit, post } = browser()
  await signIn('ann')
  for (const text of ['ord-case', named('ord-case')])
    expect((await visit(`${base}/?q=${text}`)).url).toBe(`${base}/cases/ord-case`)
  for (const text of ['cus-7', 'OK-1']) expect((await visit(`${base}/?q=${text}`)).text).toContain('/cases/ord-case')
  const { text } = await visit(`${base}/cases/ord-case`)
  expect(text).toContain('The merchant is asked')
  expect(text).toMatch(/The shop decides by .* No answer counts as yes/)
  const back = await post('/cases/ord-case', '/cases/ord-case/withdrawal', [
    ['request', named('ord-case')],
    ['via', 'phone'],
  ])
  expect([back.status, back.url]).toEqual([200, `${base}/cases/ord-case?came=sent`])
  expect(back.text).toMatch(/Taken back by staff[\s\S]*Ann<\/bdi> · By phone/)
  await eventually('it to be sent', () => decisionsOf('ord-case').length === 1)
  expect(JSON.parse(String(decisionsOf('ord-case')[0]?.value))).toMatchObject({ by: 'Ann' })
})

it('keeps notes for colleagues, and makes a link that opens the order', async () => {
  await wait('ord-notes')
  const { signIn, visit, post } = browser()
  await signIn('eve')
  const empty = await post('/cases/ord-notes', '/cases/ord-notes/notes', [['note', '  ']])
  expect([empty.status, empty.text.includes('Write something first')]).toEqual([422, true])
  const note = `<script>alert('x')</script>`
  await post('/cases/ord-notes', '/cases/ord-notes/notes', [['note', note]])
  const { text } = await visit(`${base}/cases/ord-notes`)
  expect(text).toContain('&lt;script&gt;alert(&#39;x&#39;)')
  expect(text).not.toContain(note)
  const ann = browser()
  await ann.signIn('ann')
  const made = await ann.post('/cases/ord-notes', '/cases/ord-notes/links', [])
  const token = /\/c\/([\w-]{43})/.exec(made.text)?.[1] ?? expect.fail(made.text)
  expect(await readLink(db.database, token)).toMatchObject({ scope: { orderId: 'ord-notes' }, state: 'fresh' })
  expect((await ann.visit(`${base}/cases/ord-notes`)).text).not.toContain(token)
})

it('cancels for a customer, who asked by phone, by their own two steps', async () => {
  await bus.send([
    bus.event('order.accepted.v1', 'ord-behalf', acceptedOrder.parse({ ...exampleOrder, orderId: 'ord-behalf' })),
  ])
  const { signIn, visit, post } = browser()
  await signIn('ann')
  await eventually('it to be known', async () => (await visit(`${base}/cases/ord-behalf`)).status === 200)
  const query = new URLSearchParams({ who: 'phone', reason: 'too-slow', 'units.1': '1' })
  const path = '/cases/ord-behalf/cancel'
  const review = await visit(`${base}${path}/review?${query}`)
  expect(review.text).toContain('Cancel items, €13.91 back')
  const hiddenIn = (name: string) =>
    new RegExp(`name="${name}" value="([^"]*)"`).exec(review.text)?.[1] ?? expect.fail(name)
  const fields: Field[] = ['who', 'reason', 'units.1', 'to', 'once', 'seen'].map((name) => [name, hiddenIn(name)])
  const once = await post('/', path, fields)
  expect(once.text).toContain('Sent. It counts as soon as')
  await post('/', path, fields)
  await eventually('it to be sent', () => decisionsOf('ord-behalf').length > 0)
  const sent = decisionsOf('ord-behalf').map(({ value }) => JSON.parse(String(value)))
  expect(sent).toMatchObject([
    { via: 'phone', initiator: { kind: 'customer', id: 'cus-7' }, reason: { code: 'too-slow' } },
  ])
})

it('matches a statement to its order, once, and closes one that has none', async () => {
  await wait('ord-stated')
  const id = randomUUID()
  const stated = { name: 'Kim <b>', contract: 'my order ord-free, please', contact: 'kim@example.org', language: 'de' }
  await bus.send([
    bus.event('order.accepted.v1', 'ord-free', acceptedOrder.parse({ ...exampleOrder, orderId: 'ord-free' })),
  ])
  const { receivedAt } = await keepStatement(db.database, { ...stated, id })
  const other = randomUUID()
  await keepStatement(db.database, { ...stated, id: other, contract: 'nothing that is known' })
  const { signIn, visit, post } = browser()
  await signIn('ann')
  await eventually('the order to be known', async () => (await visit(`${base}/cases/ord-free`)).status === 200)
  const { text } = await visit(`${base}/statements`)
  expect(text).toContain('Order ord-free, €33.51')
  expect(text).not.toContain('Kim <b>')
  const wrong = await post('/statements', `/statements/${id}/match`, [['order', 'ord-nowhere']])
  expect([wrong.status, wrong.text.includes('known here')]).toEqual([422, true])
  const matched = await post('/statements', `/statements/${id}/match`, [['order', 'ord-free']])
  expect(matched.text).toContain('Statement matched by staff')
  expect((await post('/', `/statements/${id}/match`, [['order', 'ord-stated']])).text).toContain(
    'A colleague has seen to',
  )
  await eventually('it to be sent', () => decisionsOf('ord-free').length > 0)
  const sent = decisionsOf('ord-free').map(({ value }) => JSON.parse(String(value)))
  expect(sent).toMatchObject([{ requestId: id, requestedAt: receivedAt, initiator: { kind: 'customer' } }])
  const closed = await post('/statements', `/statements/${other}/closing`, [
    ['because', 'bought elsewhere'],
    ['answer', 'Not from us.'],
  ])
  expect(closed.text).toContain('Closed.')
  const { rows } = await sql`select subject, body from mails where recipient = 'kim@example.org'`.execute(db.database)
  expect(rows).toEqual([{ subject: 'Ihr Widerruf', body: 'Not from us.' }])
})

it('keeps a statement open that its order turns down, and lets nobody confirm one that was closed', async () => {
  await wait('ord-busy')
  const stated = { name: 'Kim', contract: 'ord-busy', contact: 'kim@example.org', language: 'en', orderId: 'ord-busy' }
  const [busy, closed] = [randomUUID(), randomUUID()]
  for (const id of [busy, closed]) await keepStatement(db.database, { ...stated, id })
  const { signIn, post } = browser()
  await signIn('ann')
  await post('/statements', `/statements/${busy}/match`, [['order', 'ord-busy']])
  expect(await openStatement(db.database, busy)).toMatchObject({ id: busy })
  expect(decisionsOf('ord-busy')).toEqual([])
  await post('/statements', `/statements/${closed}/closing`, [['because', 'not theirs']])
  expect(await openStatement(db.database, closed)).toBeUndefined()
  expect(await confirmStatement(db.database, closed)).toBeUndefined()
})

it('speaks the language that was chosen, and looks again without keeping anybody signed in', async () => {
  const { signIn, visit, jarOf } = browser()
  await signIn('bob')
  expect((await visit(`${base}/inbox?lang=de`)).text).toContain('<html lang="de"')
  expect((await visit(`${base}/`)).text).toContain('Suche')
  const hash = createHash('sha256')
    .update(jarOf(base).get('cm-staff') ?? '')
    .digest('hex')
  const seenAt = async () =>
    z
      .tuple([z.object({ at: z.date() })])
      .parse((await sql`select seen_at as at from staff_sessions where hash = ${hash}`.execute(db.database)).rows)[0].at
  const before = await seenAt()
  await visit(`${base}/inbox`, { headers: { 'x-look': 'again' } })
  expect(await seenAt()).toEqual(before)
  await visit(`${base}/inbox`)
  expect(await seenAt()).not.toEqual(before)
})

describe('whoever may not', () => {
  const statementId = randomUUID()
  const batch = randomUUID()
  const operationId = randomUUID()
  const letterId = 'orders.placed.v1:0:1'
  const who = { ann: 'all', abe: 'mer-9', bob: 'mer-3', cyd: 'mer-9', eve: 'all', ida: 'all', jo: 'all' } as const
  const browsers = new Map<string, ReturnType<typeof browser>>()
  beforeAll(async () => {
    await wait('ord-access')
    const stated = { name: 'Lee', contract: 'x', contact: 'lee@example.org', language: 'en' }
    await keepStatement(db.database, { ...stated, id: statementId })
    await saySystem()
    for (const person of [...Object.keys(who), 'dan'] as (keyof typeof who | 'dan')[]) {
      const opened = browser()
      await opened.signIn(person)
      browsers.set(person, opened)
    }
    const anns = browsers.get('ann') ?? expect.fail()
    await anns.post('/', '/inbox', [
      ['request', 'nothing'],
      ['decision', 'approve'],
      ['once', batch],
    ])
  })

  /** What operations would say, and a deed of somebody else: nobody has to be asked, or to wait. */
  const saySystem = async () => {
    const later = new Date(Date.now() + 3_600_000).toISOString()
    const letter: ShownLetter = {
      ...{ letterId, topic: 'orders.placed.v1', reason: 'invalid-data', error: 'x', service: 'order' },
      ...{ failedAt: later, state: 'open', redrives: 0 },
    }
    const whole = { ...letter, headers: [], failures: [], log: [] }
    const said: readonly (readonly [OperationWanted, OperationAnswer])[] = [
      [{ kind: 'look-system' }, { kind: 'system', system: { at: later, unread: [] } }],
      [{ kind: 'look-letters' }, { kind: 'letters', letters: [letter], all: 1 }],
      [
        { kind: 'look-letter', letterId },
        { kind: 'letter', letter: whole },
      ],
    ]
    const rest = { author: { subject: 'hal', name: 'Hal' }, at: later, stake: { sums: [], unknown: false } }
    const looks = said.map(([wanted]) => ({ ...rest, operationId: randomUUID(), wanted, state: 'looking' as const }))
    const deed = { ...rest, operationId, wanted: { kind: 'pause-intake' } as const, state: 'sent' as const }
    await db.database.transaction().execute(async (tx) => {
      await saveOperations(tx, [...looks, deed])
      await keepAnswers(
        tx,
        looks.flatMap(({ operationId: of }, place) => {
          const [, answer] = said[place] ?? []
          return answer === undefined ? [] : [{ operationId: of, dryRun: true, at: later, answer }]
        }),
      )
    })
  }

  const all: readonly (readonly [string, StaffEndpoint])[] = Object.entries(staffEndpoints)
  const expected = (endpoint: StaffEndpoint, person: keyof typeof who): 'yes' | 403 | 404 => {
    if (endpoint.who !== 'anybody' && !people[person].roles.some((role) => endpoint.who.includes(role))) return 403
    const scope = who[person]
    if (endpoint.about === 'order' && scope === 'mer-9') return 404
    if (endpoint.about === 'statement' && scope !== 'all') return 404
    if (endpoint.about === 'batch' && person !== 'ann') return 404
    if (endpoint.about === 'system' && scope !== 'all') return 404
    return 'yes'
  }

  it.each(all.filter(([, { who: may }]) => may !== 'anybody'))(
    'hears so of %s, and nobody sees more',
    async (_, endpoint) => {
      const path = endpoint.path
        .replace('{orderId}', 'ord-access')
        .replace('{statementId}', statementId)
        .replace('{batch}', batch)
        .replace('{operationId}', operationId)
        .replace('{letterId}', letterId)
        .replace('{report}', 'reasons')
      const fields: readonly Field[] = [
        ...[
          ['request', named('ord-access')],
          ['decision', 'approve'],
          ['via', 'phone'],
          ['note', 'seen'],
        ],
        ...[
          ['order', 'ord-access'],
          ['because', 'x'],
          ['who', 'phone'],
        ],
      ].map(([name = '', value = '']): Field => [name, value])
      const call = async ({ visit, post }: ReturnType<typeof browser>, from = '/') =>
        endpoint.method === 'GET' ? await visit(`${base}${path}`) : await post(from, path, fields)
      for (const person of Object.keys(who) as (keyof typeof who)[]) {
        const from = person === 'ida' || person === 'jo' ? '/reports/reasons' : '/'
        const { status, text } = await call(browsers.get(person) ?? expect.fail(), from)
        const wanted = expected(endpoint, person)
        if (wanted === 'yes') expect([200, 409, 422], `${person}: ${text}`).toContain(status)
        else expect(status, person).toBe(wanted)
        if (wanted !== 'yes') expect(text).not.toMatch(/ord-access<|lee@example/)
      }
      const stranger = await call(browser())
      const dan = await call(browsers.get('dan') ?? expect.fail())
      if (endpoint.method === 'GET') expect(stranger.url).toContain(provider.issuer.origin)
      else expect(stranger.status).toBe(401)
      // Their provider knows them, and nobody here does.
      expect(dan.status).toBe(endpoint.method === 'GET' ? 403 : 401)
    },
  )
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

it('ends a session that has ended at its provider, which says so itself, and believes nobody else', async () => {
  const [one, other] = [browser(), browser()]
  await one.signIn('ann')
  await other.signIn('bob')
  const [secret, bobs] = [one, other].map(({ jarOf }) => jarOf(base).get('cm-staff') ?? '')
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = {
    ...{ iss: provider.issuer.origin, aud: 'console', sub: 'ann', iat: Math.floor(Date.now() / 1_000), jti: 'x' },
    events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
  }
  for (const forged of [
    '',
    'x',
    `${part({ alg: 'none' })}.${part(claims)}.`,
    `${part({ alg: 'RS256', kid: 'now' })}.${part(claims)}.AAAA`,
  ]) {
    const body = new URLSearchParams({ logout_token: forged })
    const { status } = await fetch(`${base}/auth/backchannel-logout`, { method: 'POST', body })
    expect([forged, status]).toEqual([forged, 400])
  }
  expect(await isSignedIn(secret ?? '')).toBe(true)
  // Signing out at the provider, of which the console is not told by the browser.
  const asked = await one.visit(`${provider.issuer.origin}/session/end`)
  const [, action = ''] = /action="([^"]+)"/.exec(asked.text) ?? []
  const [, xsrf = ''] = /name="xsrf" value="([^"]+)"/.exec(asked.text) ?? []
  await one.visit(new URL(action, asked.url).href, { form: new URLSearchParams({ xsrf, logout: 'yes' }) })
  await eventually('the session to end', async () => !(await isSignedIn(secret ?? '')))
  expect(await isSignedIn(bobs ?? '')).toBe(true)
})
