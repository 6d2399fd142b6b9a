import { events, keptMs, mayComeAgainMs, topicPlan, topics } from '@countermand/contracts'
import { migrate } from '@countermand/database'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { forget, forgottenAfterMs } from './janitor.ts'
import { kitMigrations } from './migrations.ts'

const dayMs = 86_400_000
const begin = Date.parse('2026-01-01T00:00:00Z')
const day = (days: number) => new Date(begin + days * dayMs)

let test: TestDatabase
beforeAll(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.order, 'janitor')
  await migrate(test.database, {
    ...kitMigrations,
    '0001-over': {
      up: async (db) => {
        await sql`create table over (order_id text, request_id text, ended_at timestamptz)`.execute(db)
      },
    },
  })
})
afterAll(() => test?.drop())
beforeEach(() => sql`truncate inbox, steps, outbox, over`.execute(test.database))

const step = (
  request: string,
  at: number,
  more: { step?: string; tombstone?: boolean; answered?: number | null } = {},
) => {
  const answered = more.answered === undefined ? at : more.answered
  return sql`
    insert into steps (order_id, request_id, step, direction, round, command, answer, tombstone, received_at, answered_at)
    values (${`o-${request}`}, ${request}, ${more.step ?? 'refund'}, ${more.tombstone ? 'undo' : 'do'}, 1, 'RefundOrder',
      ${answered === null ? null : '{"type":"RefundSettled"}'}::jsonb, ${more.tombstone ?? false}, ${day(at)},
      ${answered === null ? null : day(answered)})`.execute(test.database)
}
const end = (request: string, at: number) =>
  sql`insert into over values (${`o-${request}`}, ${request}, ${day(at)})`.execute(test.database)
const ended = (before: Date) => sql`select order_id, request_id from over where ended_at < ${before}`
const left = async (table: 'steps' | 'inbox' | 'outbox') =>
  (await sql<{ n: number }>`select count(*) as n from ${sql.table(table)}`.execute(test.database)).rows[0]?.n
const at = (days: number, known = true) =>
  forget({ database: test.database, now: day(days), ...(known ? { ended } : {}) })

describe('the steps of a request', () => {
  it('stay as long as it has not ended, however old they are: answers, and tombstones', async () => {
    await step('parked', 0)
    await step('parked', 0, { step: 'set-stock-aside', tombstone: true })
    await at(38)
    await at(399)
    expect(await left('steps')).toBe(2)
  })

  it('are forgotten all together when its end is so long ago that no dead letter of it can come again', async () => {
    await step('ended', 0)
    await step('ended', 1, { step: 'set-stock-aside', tombstone: true })
    await end('ended', 50)
    await at(50 + 38)
    expect(await left('steps')).toBe(2)
    await at(50 + 39)
    expect(await left('steps')).toBe(0)
  })

  it('stay when something was asked after its end, and when that was not answered', async () => {
    await step('reversed', 0)
    await step('reversed', 60, { step: 'refund-again' })
    await step('unanswered', 0, { answered: null })
    await end('reversed', 1)
    await end('unanswered', 1)
    await at(80)
    expect(await left('steps')).toBe(3)
    await at(99)
    expect(await left('steps')).toBe(1)
  })

  it('stay for more than a year where nobody knows whether it has ended, and go by the last that was heard of it', async () => {
    await step('silent', 0)
    await step('silent', 30, { step: 'pause' })
    await at(429, false)
    expect(await left('steps')).toBe(2)
    await at(431, false)
    expect(await left('steps')).toBe(0)
  })
})

describe('the inbox', () => {
  const received = (source: string, at: number) =>
    sql`insert into inbox (source, id, received_at) values (${source}, ${String(at)}, ${day(at)})`.execute(
      test.database,
    )

  it('remembers an event longer than its topic can bring it again, and no month longer', async () => {
    await received('/checkout', 0)
    await at(8)
    expect(await left('inbox')).toBe(1)
    await at(8.1)
    expect(await left('inbox')).toBe(0)
    expect(forgottenAfterMs.event).toBeGreaterThan(mayComeAgainMs(keptMs.work))
  })

  it('remembers a dead letter as long as the letter is there', async () => {
    await received('dead-letter', 0)
    await at(30.5)
    expect(await left('inbox')).toBe(1)
    await at(31.1)
    expect(await left('inbox')).toBe(0)
  })

  it('knows for how long every topic that services read may bring a message again', () => {
    const read: readonly string[] = [
      ...Object.values(events).flatMap(({ topic }) => (readByServices.includes(topic) ? [topic] : [])),
      ...Object.values(topics).filter((topic) => topic.endsWith('.commands.v1')),
    ]
    for (const { name, config } of topicPlan())
      if (read.includes(name))
        expect(Number(config['retention.ms']) + Number(config['segment.ms']), name).toBeLessThan(forgottenAfterMs.event)
  })
})

const readByServices: readonly string[] = [
  topics.ordersPlaced,
  topics.ordersAccepted,
  topics.shipmentsTracking,
  topics.shipmentsChanged,
  topics.inventoryStock,
]

describe('the janitor', () => {
  it('forgets thousands of rows in batches, and reads few for it', async () => {
    await sql`insert into outbox (topic, headers, slot, writer, created_at, published_at)
      select 't', '{}', 0, 'w', ${day(0)}, ${day(0)} from generate_series(1, 12001)`.execute(test.database)
    expect(await at(1)).toBe(12_001)
    expect(await left('outbox')).toBe(0)
    await sql`insert into steps (order_id, request_id, step, direction, round, command, answer, received_at, answered_at)
      select 'o' || n, 'r' || n, 's', 'do', 1, 'C', '{}', ${day(0)}::timestamptz + n * interval '1 minute', ${day(0)}::timestamptz + n * interval '1 minute'
      from generate_series(1, 20000) n`.execute(test.database)
    await sql`analyze steps`.execute(test.database)
    const { rows } = await sql<{ 'QUERY PLAN': string }>`
      explain select order_id from steps where received_at < ${day(0.1)} order by received_at limit 5000`.execute(
      test.database,
    )
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('steps_age')
  })

  it('leaves the work to another that is at it', async () => {
    await sql`insert into inbox (source, id, received_at) values ('/s', '1', ${day(0)})`.execute(test.database)
    await test.database.transaction().execute(async (tx) => {
      await sql`select pg_advisory_xact_lock(hashtext('countermand-janitor'), 0)`.execute(tx)
      expect(await at(100)).toBe(0)
    })
    expect(await at(100)).toBe(1)
  })
})
