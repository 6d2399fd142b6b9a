import { randomUUID } from 'node:crypto'
import { acceptedOrder, topics } from '@countermand/contracts'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { eventually } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { createAssets } from '../http/assets.ts'
import { customerPages } from '../http/customer.ts'
import { contactHashOf } from '../http/guests.ts'
import type { ApiServer } from '../http/server.ts'
import { limitsOf, startShop } from '../http/shop.ts'
import { staffEndpoints } from '../http/staff/endpoints.ts'
import { createLink } from '../store/links.ts'
import { keepStatement } from '../store/statements.ts'
import { allowing } from '../webhooks/public-address.ts'
import { customers, wholeLife } from './given.ts'
import { shownExample } from './pages.ts'
import { type Staffed, startStaffed, visitor } from './staffed.ts'

/** Every form that writes, sent twice at once as two taps send it: what it asks for is done once. */

let staffed: Staffed
let shop: ApiServer
let shopUrl: string
beforeAll(async () => {
  staffed = await startStaffed(inject('stack'), 'console_twice')
  const { service, db } = staffed
  shop = await startShop({
    ...{ service, databaseUrl: db.url, port: 0, host: '127.0.0.1', customers, limits: limitsOf(100_000), proxies: [] },
    ...{ log: createLogger({ name: 'twice-test', level: 'silent' }), metrics: createMetrics(), allowed: allowing([]) },
  })
  shopUrl = `http://127.0.0.1:${shop.port}`
})
afterAll(async () => {
  await shop?.close()
  await staffed?.stop()
})

const email = 'ada@example.org'
const contactHash = contactHashOf(customers.contactKey, email)
const requestOf = (orderId: string) => `req-of-${orderId}`

/** An order of which this much was heard. */
const heard = async (orderId: string, until?: string): Promise<void> => {
  const { bus, service } = staffed
  const requestId = requestOf(orderId)
  const life = wholeLife.slice(4)
  const told = until === undefined ? [] : life.slice(0, life.findIndex(({ type }) => type === until) + 1)
  const order = acceptedOrder.parse({ ...shownExample, orderId, contactHash })
  await bus.send([
    bus.event('order.accepted.v1', orderId, order),
    ...told.map(({ type, data }) => bus.event(type, orderId, { ...data, orderId, requestId })),
  ])
  await eventually('it to be heard', () =>
    service.decide(
      orderId,
      (known) => ({
        decision: {},
        value: known?.order !== undefined && (known.told.get(requestId)?.length ?? 0) === told.length,
      }),
      null,
    ),
  )
}

const many = async (query: ReturnType<typeof sql>): Promise<number> =>
  z.object({ count: z.coerce.number() }).parse((await query.execute(staffed.db.database)).rows[0]).count
const asked = (orderId: string) => () =>
  many(sql`select count(*) from story where order_id = ${orderId} and type like 'order.cancel.%'`)
const deeds = (orderId: string) => () => many(sql`select count(*) from staff_deeds where order_id = ${orderId}`)
const mails = (to: string) => () => many(sql`select count(*) from mails where recipient = ${to}`)

interface Taps {
  /** The page with the form; or what was sent to have it. */
  readonly on: string
  readonly with?: Readonly<Record<string, string>>
  /** Where its form goes, with what somebody fills in. */
  readonly to: string
  readonly fields?: Readonly<Record<string, string>>
  /** How often it was done, each way in which that shows. */
  readonly counts: readonly (() => Promise<number>)[]
}

/** The hidden fields of the form that goes there, and those that are chosen. */
const fieldsIn = (text: string, action: string): URLSearchParams => {
  const start = text.indexOf(`action="${action}" method="post"`)
  if (start === -1) return new URLSearchParams()
  const form = text.slice(start, text.indexOf('</form>', start))
  const fields = new URLSearchParams()
  for (const [all, type, name = '', value = ''] of form.matchAll(
    /<input type="(hidden|radio)" name="([^"]+)" value="([^"]*)"[^>]*>/g,
  ))
    if (type === 'hidden' || all.includes('checked')) fields.append(name, value)
  return fields
}

const twice = async (base: string, { visit }: Pick<ReturnType<typeof visitor>, 'visit'>, taps: Taps) => {
  const { on, with: sent, to, fields = {}, counts } = taps
  const key = sent && fieldsIn((await visit(`${base}/`)).text, '/auth/sign-out').get('form-key')
  const page = await visit(
    `${base}${on}`,
    sent && { form: new URLSearchParams({ ...sent, ...(key && { 'form-key': key }) }) },
  )
  const form = fieldsIn(page.text, to)
  expect(form.get('once'), page.text).toMatch(/^[0-9a-f-]{36}$/)
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  const before = await Promise.all(counts.map((count) => count()))
  const answers = await Promise.all([1, 2].map(() => visit(`${base}${to}`, { form })))
  expect(answers.map(({ status }) => status)).toEqual([200, 200])
  // Whoever has tapped twice sees what came of it, and not that somebody else did it.
  const after = await Promise.all(counts.map((count) => count()))
  expect(after).toEqual(before.map((count) => count + 1))
  return answers.map(({ text }) => text)
}

const staffForms: Readonly<Record<string, () => Promise<Taps>>> = {
  decideMany: async () => {
    await heard('ord-many', 'order.cancellation.awaiting-merchant.v1')
    return {
      ...{ on: '/inbox/review', with: { request: requestOf('ord-many'), decision: 'approve' } },
      ...{ to: '/inbox', fields: { decision: 'approve' } },
      counts: [asked('ord-many'), deeds('ord-many')],
    }
  },
  decide: async () => {
    await heard('ord-one', 'order.cancellation.awaiting-merchant.v1')
    return {
      ...{
        on: '/cases/ord-one',
        to: '/cases/ord-one/decision',
        fields: { decision: 'reject', message: 'packed', via: 'phone' },
      },
      counts: [asked('ord-one'), deeds('ord-one')],
    }
  },
  takeBack: async () => {
    await heard('ord-back', 'order.cancellation.awaiting-merchant.v1')
    const counts = [asked('ord-back'), deeds('ord-back')]
    return { on: '/cases/ord-back', to: '/cases/ord-back/withdrawal', fields: { via: 'phone' }, counts }
  },
  sendCancel: async () => {
    await heard('ord-cancel')
    const query = new URLSearchParams({ who: 'phone', reason: 'too-slow', 'units.1': '1' })
    const path = '/cases/ord-cancel/cancel'
    return { on: `${path}/review?${query}`, to: path, counts: [asked('ord-cancel'), deeds('ord-cancel')] }
  },
  note: async () => {
    await heard('ord-note')
    const fields = { note: 'Called twice.' }
    return { on: '/cases/ord-note', to: '/cases/ord-note/notes', fields, counts: [deeds('ord-note')] }
  },
  link: async () => {
    await heard('ord-link')
    const links = () => many(sql`select count(*) from customer_links where order_id = 'ord-link'`)
    return { on: '/cases/ord-link', to: '/cases/ord-link/links', counts: [deeds('ord-link'), links] }
  },
  lookAtSagas: async () => {
    await heard('ord-stuck', 'order.cancellation.needs-attention.v1')
    const begun = () => many(sql`select count(*) from operations`)
    const fields = { request: requestOf('ord-stuck'), way: 'retry' }
    return { on: '/attention', to: '/attention', fields, counts: [begun] }
  },
  match: async () => {
    await heard('ord-match')
    const id = randomUUID()
    const stated = { name: 'Kim', contract: 'ord-match', contact: 'kim@example.org', language: 'en' }
    await keepStatement(staffed.db.database, { ...stated, id })
    const counts = [asked('ord-match'), deeds('ord-match')]
    return { on: '/statements', to: `/statements/${id}/match`, fields: { order: 'ord-match' }, counts }
  },
  close: async () => {
    const id = randomUUID()
    const stated = { name: 'Lee', contract: 'nothing', contact: 'lee@example.org', language: 'en' }
    await keepStatement(staffed.db.database, { ...stated, id })
    const written = () => many(sql`select count(*) from staff_deeds where request_id = ${id}`)
    return {
      ...{ on: '/statements', to: `/statements/${id}/closing`, fields: { because: 'x', answer: 'Not from us.' } },
      counts: [written, mails('lee@example.org')],
    }
  },
}

/** They begin as `lookAtSagas` does, or move an operation on, whose state lets that happen once: `operations.it.test.ts`. */
const ofOperations = ['intake', 'redrive', 'discard', 'sendOperation', 'approveOperation', 'dropOperation']

/** It writes nothing, or ends what is there. */
const writeNothing = ['review', 'signOut', 'backchannelLogout']

it('knows each form of staff', () => {
  const all = Object.entries(staffEndpoints).flatMap(([name, { method }]) => (method === 'POST' ? [name] : []))
  expect([...Object.keys(staffForms), ...ofOperations, ...writeNothing].toSorted()).toEqual(all.toSorted())
})

it.each(Object.entries(staffForms))('%s is done once, and its second answer says so too', async (name, given) => {
  const one = staffed.browser()
  await one.signIn(name === 'lookAtSagas' ? 'eve' : 'ann')
  const taps = await given()
  const texts = await twice(staffed.base, one, taps)
  for (const text of texts) expect(text).not.toContain('A colleague has seen to')
  const links = texts.flatMap((text) => text.match(/\/c\/[\w-]{43}/) ?? [])
  expect([links.length, new Set(links).size]).toEqual(name === 'link' ? [2, 1] : [0, 0])
})

const linkTo = async (orderId: string) => (await createLink(staffed.db.database, { orderId }, 3_600_000)).token

/** Somebody who came by a link. */
const guest = async (orderId: string) => {
  const one = visitor()
  await one.visit(`${shopUrl}/c/${await linkTo(orderId)}`, { form: new URLSearchParams() })
  return one
}

const customerForms: Readonly<Record<string, () => Promise<Taps & { readonly as?: ReturnType<typeof visitor> }>>> = {
  '/c/{token}': async () => {
    await heard('ord-open')
    const path = `/c/${await linkTo('ord-open')}`
    const used = () =>
      many(sql`select count(*) from customer_links where order_id = 'ord-open' and used_at is not null`)
    return { on: path, to: path, counts: [used] }
  },
  '/orders/{orderId}/cancel': async () => {
    await heard('ord-asks')
    const path = '/orders/ord-asks/cancel'
    const fields = { email, note: 'too many' }
    const on = `${path}/review?units.1=1&reason=other&to=original`
    return { on, to: path, fields, counts: [asked('ord-asks'), mails(email)], as: await guest('ord-asks') }
  },
  '/cancellations/{requestId}/withdrawal': async () => {
    await heard('ord-keeps', 'order.cancellation.awaiting-merchant.v1')
    const on = `/cancellations/${requestOf('ord-keeps')}`
    return { on, to: `${on}/withdrawal`, counts: [asked('ord-keeps')], as: await guest('ord-keeps') }
  },
  '/cancellations/{requestId}/feedback': async () => {
    await heard('ord-says', 'order.cancellation.completed.v1')
    const on = `/cancellations/${requestOf('ord-says')}`
    const given = () => many(sql`select count(*) from feedback where order_id = 'ord-says'`)
    // Also on its way, as far as it has not gone.
    const told = () =>
      many(sql`select count(distinct headers ->> 'ce_id') from outbox where topic = 'orders.feedback.v1'`)
    return { on, to: `${on}/feedback`, fields: { score: '4' }, counts: [given, told], as: await guest('ord-says') }
  },
  '/find': async () => {
    await heard('ord-find')
    const links = () => many(sql`select count(*) from customer_links where order_id = 'ord-find'`)
    return { on: '/find', to: '/find', fields: { order: 'ord-find', email }, counts: [mails(email), links] }
  },
  '/withdraw/confirmation': async () => {
    const to = 'cy@example.org'
    const stated = () => many(sql`select count(*) from withdrawal_statements where contact = ${to}`)
    const sent = { name: 'Cy', contract: 'the mugs', email: to }
    return { on: '/withdraw', with: sent, to: '/withdraw/confirmation', counts: [stated, mails(to)] }
  },
}

it('knows each form of customers', () => {
  const { service, db } = staffed
  const pages = customerPages({ ...customers, service, database: db.database, assets: createAssets(customers.accent) })
  const all = pages.flatMap(({ method, path }) => (method === 'POST' ? [path] : []))
  // It shows what would be sent.
  expect([...Object.keys(customerForms), '/withdraw'].toSorted()).toEqual(all.toSorted())
})

it.each(Object.entries(customerForms))('%s is done once', async (_, given) => {
  const { as = visitor(), ...taps } = await given()
  await twice(shopUrl, as, taps)
})

it('has sent each of them once', async () => {
  const { bus, db } = staffed
  const { rows } = await sql`
    select order_id as key, count(*)::int as count from story where type like 'order.cancel.%' group by order_id`.execute(
    db.database,
  )
  const written = new Map(
    z
      .array(z.object({ key: z.string(), count: z.int() }))
      .parse(rows)
      .map(({ key, count }) => [key, count]),
  )
  const sent = () => {
    const counts = new Map<string, number>()
    for (const { topic, key } of bus.seen)
      if (topic === topics.cancelRequests && key) counts.set(key, (counts.get(key) ?? 0) + 1)
    return counts
  }
  await eventually('all of it to be sent', () => [...written.keys()].every((key) => sent().has(key)))
  expect(sent()).toEqual(written)
})
