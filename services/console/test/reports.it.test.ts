import { acceptedOrder } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { eventually } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { cancellationOf } from '../decide/cancellation.ts'
import { type Count, countsOf, summed } from '../decide/counts.ts'
import { giveFeedback } from '../decide/feedback.ts'
import { countRest } from '../store/count-rest.ts'
import { countRow, sumCounts } from '../store/counts.ts'
import { load } from '../store/store.ts'
import { wholeLife } from './given.ts'
import { type Staffed, startStaffed } from './staffed.ts'

/** Reports, from what is heard to what is read. */

let staffed: Staffed
const orders = Array.from({ length: 12 }, (_, nth) => `ord-counted-${nth}`)
const requestOf = (orderId: string) => `req-of-${orderId}`

beforeAll(async () => {
  staffed = await startStaffed(inject('stack'), 'console_reports')
  const { bus, service } = staffed
  const life = wholeLife.slice(4)
  await bus.send(
    orders.flatMap((orderId, nth) => {
      const merchantId = nth % 3 === 0 ? 'mer-9' : 'mer-3'
      const told = life.slice(0, nth < 8 ? undefined : nth - 6)
      const order = acceptedOrder.parse({ ...exampleOrder, orderId, merchantId, market: nth % 2 === 0 ? 'DE' : 'AT' })
      // Of some the order comes last.
      const all = told.map(({ type, data }) =>
        bus.event(type, orderId, { ...data, orderId, requestId: requestOf(orderId), merchantId }),
      )
      const placed = bus.event('order.accepted.v1', orderId, order)
      return nth % 4 === 0 ? [...all, placed] : [placed, ...all]
    }),
  )
  await eventually('all of it to be heard', async () => {
    const known = await load(staffed.db.database, orders)
    return orders.every((orderId, nth) => {
      const { order, told } = known.get(orderId) ?? {}
      return order !== undefined && told?.get(requestOf(orderId))?.length === (nth < 8 ? life.length : nth - 6)
    })
  })
  for (const [nth, orderId] of orders.slice(0, 5).entries())
    for (const score of [3, 1 + nth]) {
      const given = { orderId, requestId: requestOf(orderId), score, text: `so <b>${score}</b>` }
      await service.decide(orderId, giveFeedback(given, 'en'), null)
    }
})
afterAll(async () => {
  await staffed?.stop()
})

const linesOf = (all: readonly Count[]): string[] =>
  summed(all)
    .map((each) => JSON.stringify(Object.entries(each).toSorted()))
    .toSorted()

const rows = z.array(countRow)
const kept = async (): Promise<string[]> => {
  const { rows: all } = await sql`
    select kind, day::text, merchant, market, reason, initiator, outcome, code, channel, currency, bucket, n, amount from counts`.execute(
    staffed.db.database,
  )
  return linesOf(rows.parse(all))
}

const recounted = async (): Promise<string[]> => {
  const known = await load(staffed.db.database, orders)
  const all = orders.flatMap((orderId, nth): Count[] => {
    const found = known.get(orderId)
    const now = found && cancellationOf(orderId, requestOf(orderId), found.told.get(requestOf(orderId)) ?? [])
    return now === undefined ? [] : countsOf(now, found ?? {}, [], nth < 5 ? 1 + nth : undefined)
  })
  return linesOf(all)
}

it('are of what a recount comes to, also summed up, and counted after the fact', async () => {
  const { database } = staffed.db
  const wanted = await recounted()
  expect(wanted.length).toBeGreaterThan(10)
  expect(await kept()).toEqual(wanted)
  const many = async () => (await sql`select 1 from counts`.execute(database)).rows.length
  const before = await many()
  await sumCounts(database)
  expect(await many()).toBeLessThan(before)
  expect(await kept()).toEqual(wanted)
  // As an earlier release left it.
  await sql`delete from counts`.execute(database)
  await sql`update cancellations set counted = null`.execute(database)
  expect(await Promise.all([countRest(database), countRest(database)]).then(([one, other]) => one + other)).toBe(12)
  expect(await kept()).toEqual(wanted)
})

const period = 'from=2026-11-01&to=2026-11-30'

it('are read by merchants of their own, and by analysts without a word of any customer', async () => {
  const { base, browser } = staffed
  const read = async (person: 'bob' | 'ida' | 'jo', report: string) => {
    const one = browser()
    const home = await one.signIn(person)
    return { home, ...(await one.visit(`${base}/reports/${report}?${period}`)) }
  }
  const [bob, ida, jo] = [await read('bob', 'feedback'), await read('ida', 'feedback'), await read('jo', 'feedback')]
  expect([bob.status, ida.status, jo.status]).toEqual([200, 200, 200])
  expect(bob.text).toContain('by 3 customers')
  for (const { text } of [ida, jo]) expect(text).toContain('by 5 customers')
  expect([bob, ida, jo].map(({ text }) => text.includes('so &lt;b&gt;'))).toEqual([true, false, true])
  expect(bob.text).not.toContain('ord-counted-0')
  expect(ida.home.url).toBe(`${base}/reports/reasons`)
  expect(ida.home.text).not.toContain('href="/inbox"')
  for (const path of ['/', '/inbox', '/cases/ord-counted-1']) {
    const one = browser()
    await one.signIn('ida')
    expect((await one.visit(`${base}${path}`)).status, path).toBe(403)
  }
})

it('say by merchant and market what there was, as pages and as CSV', async () => {
  const { base, browser } = staffed
  const one = browser()
  await one.signIn('jo')
  const visit = (path: string) => one.visit(`${base}/reports/${path}`)
  const csv = await visit(`outcomes?${period}&format=csv`)
  expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8')
  expect(csv.text).toBe(
    'name,code,count,share,currency,amount\r\nlines-cancelled,,8,0.6667,EUR,11128\r\nopen,,4,0.3333,EUR,5564\r\n',
  )
  const some = await visit(`outcomes?${period}&merchant=mer-9&market=DE&format=csv`)
  expect(some.text).toContain('lines-cancelled,,2,1.0000,EUR,2782')
  for (const report of ['reasons', 'outcomes', 'refund-times', 'decisions']) {
    const { status, text } = await visit(`${report}?${period}`)
    expect([status, text.includes('<svg class="share"'), text.includes('Nothing was counted')], report).toEqual([
      200,
      true,
      false,
    ])
  }
  expect((await visit('decisions?from=2020-01-01&to=2020-02-01')).text).toContain('Nothing was counted')
  expect((await visit('nothing')).status).toBe(404)
})
