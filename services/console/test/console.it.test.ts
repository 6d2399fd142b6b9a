import { topics } from '@countermand/contracts'
import { events } from '@countermand/contracts/event-types.ts'
import type { RunningService } from '@countermand/service'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { consoleService } from '../handlers.ts'
import type { Case } from '../state.ts'
import { load } from '../store/store.ts'
import { heard, orderId, requestId, wholeLife } from './given.ts'

const { kafkaBrokers, databaseUrls } = inject('stack')
let db: TestDatabase
let bus: Bus
let service: RunningService<Case>

beforeAll(async () => {
  db = await createTestDatabase(databaseUrls.console, 'console')
  bus = await createBus({ brokers: kafkaBrokers, topics: [`${topics.cancellations}.dlq`] })
  service = await startService(consoleService, { bus, db }, { orderPatience: 1_000 })
})
afterAll(async () => {
  await service?.stop()
  await bus?.stop()
  await db?.drop()
})

const kept = async (of: string) => {
  const { rows } = await sql<{ content: unknown; version: number; merchant_id: string | null }>`
    select content, version, merchant_id from cancellations where order_id = ${of}`.execute(db.database)
  return rows
}

it('keeps of a request what it came to, whichever topic is read first and however often', async () => {
  const others = [1, 2, 3].map((number) => `ord-${number}`)
  const sent = [orderId, ...others].flatMap((of) => {
    const all = wholeLife.map(({ type, data }) => bus.event(type, of, { ...data, orderId: of }))
    const [shuffled = []] = fc.sample(fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }), {
      ...{ numRuns: 1, seed: others.indexOf(of) + 2 },
    })
    return of === orderId ? all : shuffled
  })
  await bus.send(sent)
  const told = wholeLife.filter(({ type }) => events[type].topic.match(/cancellations|refunds/)).length
  await eventually('all of it to be kept', async () => {
    const rows = await Promise.all([orderId, ...others].map(kept))
    const { rows: orders } =
      await sql`select 1 from orders where version = 2 and parcels @> '[{"status": "handed-over"}]'`.execute(
        db.database,
      )
    return orders.length === 4 && rows.every(([row]) => row?.version === told)
  })
  const [first, ...more] = (await Promise.all([orderId, ...others].map(kept))).map(([row]) => row)
  expect(first).toMatchObject({ content: { requestId, outcome: 'lines-cancelled', merchantId: 'mer-3' } })
  for (const row of more) expect({ ...row, content: { ...Object(row?.content), orderId } }).toEqual(first)
  // Of several topics, only the order within each is known.
  const sorted = (known: Case | undefined) => ({
    ...known,
    told: known?.told.get(requestId)?.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
  })
  expect(sorted((await load(db.database, [orderId])).get(orderId))).toEqual(sorted(heard(...wholeLife)))
})

it('takes a message that cannot be read for a dead letter, and holds up no other', async () => {
  await bus.send([{ topic: topics.cancellations, key: 'ord-x', headers: {}, value: 'no JSON' }])
  await bus.send(wholeLife.map(({ type, data }) => bus.event(type, 'ord-y', { ...data, orderId: 'ord-y' })))
  await eventually('the dead letter', () => bus.seen.length > 0)
  await eventually('what came behind it', async () => (await kept('ord-y')).length === 1)
  expect(await service.readiness()).toEqual([])
})
