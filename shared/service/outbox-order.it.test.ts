import { migrate } from '@countermand/database'
import { createPublisher, type Publisher } from '@countermand/kafka/publisher.ts'
import { createLogger } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import fc from 'fast-check'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, it } from 'vitest'
import { kitMigrations } from './migrations.ts'
import { createOutbox, type Outbox, type Stored } from './outbox.ts'

const topic = 'orders.accepted.v1'
const mostBytes = 2_000
const large = 'x'.repeat(mostBytes)

let bus: Bus
let db: TestDatabase
let publisher: Publisher
let outbox: Outbox
beforeAll(async () => {
  bus = await createBus({ brokers: inject('stack').kafkaBrokers, topics: [topic, `${topic}.dlq`], partitions: 1 })
  const admin = bus.kafka.admin()
  await admin.connect()
  const configEntries = [{ name: 'max.message.bytes', value: String(mostBytes) }]
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: 2, name: `${bus.kafka.prefix}${topic}`, configEntries }],
  })
  await admin.disconnect()
})
afterAll(async () => {
  await bus?.stop()
})
beforeEach(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.order, 'outbox_order')
  await migrate(db.database, kitMigrations)
  publisher = createPublisher({ kafka: bus.kafka })
  outbox = createOutbox({
    ...{ database: db.database, publisher, service: 'order', writer: 'me', onReduced: () => {} },
    log: createLogger({ name: 'test', level: 'silent' }),
  })
  outbox.start()
})
afterEach(async () => {
  await outbox.stop()
  await publisher.stop()
  await db.drop()
})

interface Sent {
  readonly key: string
  readonly isLarge: boolean
}

interface Transaction {
  readonly works: readonly Sent[]
  /** The process hears of its commit only after that many others. */
  readonly late: number
}

/** Messages of one transaction, of the keys that it has locked as a service locks its orders. */
const commit = async (works: readonly Sent[], nameOf: () => string): Promise<Stored> =>
  db.database.transaction().execute(async (tx) => {
    for (const key of [...new Set(works.map((each) => each.key))].sort())
      await sql`select pg_advisory_xact_lock(hashtext(${key}))`.execute(tx)
    const messages = works.map(({ key, isLarge }) => ({
      ...{ topic, key, headers: {} },
      value: `${nameOf()} ${isLarge ? large : ''}`,
    }))
    return outbox.add(tx, messages)
  })

const allPublished = async () => {
  const { rows } = await sql`select 1 from outbox where published_at is null`.execute(db.database)
  return rows.length === 0
}

/** What was committed, and what was read for the first time, by key and topic in its order. */
const committed = async (): Promise<string[]> => {
  const { rows } = await sql<{ key: Buffer; value: Buffer }>`select key, value from outbox order by id`.execute(
    db.database,
  )
  return rows.map(({ key, value }) => `${key} ${value.length > mostBytes ? '.dlq' : ''} ${String(value).split(' ')[0]}`)
}
const byKey = (lines: readonly string[]) =>
  Object.fromEntries(Map.groupBy([...new Set(lines)], (line) => line.slice(0, line.lastIndexOf(' '))))

it('keeps the order of each key, whatever the broker refuses and however transactions overlap', async () => {
  const keys = ['a', 'b', 'c', 'd']
  const message = fc.record({ key: fc.constantFrom(...keys), isLarge: fc.nat(9).map((n) => n === 0) })
  const transaction = fc.record({
    works: fc.array(message, { minLength: 1, maxLength: 5 }),
    late: fc.nat(9).map((n) => (n < 7 ? 0 : n - 6)),
  })
  let run = 0
  await fc.assert(
    fc.asyncProperty(fc.array(transaction, { minLength: 20, maxLength: 60 }), async (transactions) => {
      run += 1
      const from = bus.seen.length
      let count = 0
      const waiting: Transaction[] = [...transactions]
      const unheard: { readonly stored: Stored; late: number }[] = []
      const hear = () => {
        for (const each of unheard.splice(0)) {
          if (each.late === 0) outbox.settle(each.stored, true)
          else unheard.push({ ...each, late: each.late - 1 })
        }
      }
      const commitAll = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
          const { works, late } = next
          unheard.push({ stored: await commit(works, () => `${run}-${++count}`), late })
          hear()
        }
      }
      await sql`truncate outbox`.execute(db.database)
      await Promise.all([commitAll(), commitAll(), commitAll()])
      while (unheard.length > 0) hear()
      await eventually('all to be published', allPublished, 60_000)
      const expected = byKey(await committed())
      const read = () =>
        byKey(
          bus.seen
            .slice(from)
            .map(({ key, value, topic: of }) => `${key} ${of.slice(topic.length)} ${String(value).split(' ')[0]}`),
        )
      await eventually(
        'all to be read',
        () => Object.values(read()).flat().length === Object.values(expected).flat().length,
      )
      expect(read()).toEqual(expected)
    }),
    { numRuns: 8, endOnFailure: true },
  )
}, 120_000)
