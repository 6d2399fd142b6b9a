import { createHash } from 'node:crypto'
import { migrate } from '@countermand/database'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { Unsendable } from '@countermand/kafka/unsendable.ts'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { kitMigrations } from './migrations.ts'
import { createOutbox, type Outbox } from './outbox.ts'

let db: TestDatabase
const started: Outbox[] = []
beforeEach(async () => {
  db = await createTestDatabase(inject('stack').databaseUrls.order, 'outbox')
  await migrate(db.database, kitMigrations)
})
afterEach(async () => {
  for (const each of started.splice(0)) await each.stop()
  await db.drop()
})

const message = (key: string, value: string, topic = 'taken'): OutgoingMessage => ({ topic, key, value, headers: {} })

/** An outbox whose broker says what `broker` says, and what it has taken. */
const open = (broker: (message: OutgoingMessage) => void | Promise<void>, writer = 'me', unheardMs = 60_000) => {
  const sent: OutgoingMessage[] = []
  const publish = async (messages: readonly OutgoingMessage[]) => {
    for (const each of messages) await broker(each)
    sent.push(...messages)
  }
  const log = createLogger({ name: 'test', level: 'silent' })
  const outbox = createOutbox({
    ...{ database: db.database, publisher: { publish }, service: 'order', writer, log, unheardMs },
    onReduced: () => {},
  })
  started.push(outbox)
  const add = async (...messages: OutgoingMessage[]) =>
    outbox.settle(await db.database.transaction().execute((tx) => outbox.add(tx, messages)), true)
  const values = () => sent.map(({ key, value }) => `${key} ${value}`)
  return { outbox, add, sent, values }
}

const refuse =
  (trouble: Unsendable['trouble'], topic = 'refused') =>
  (each: OutgoingMessage) => {
    if (each.topic === topic) throw new Unsendable(trouble, `expected it to be taken, got ${trouble}`)
  }

const unpublished = async () => {
  const { rows } = await sql<{ key: Buffer }>`select key from outbox where published_at is null order by id`.execute(
    db.database,
  )
  return rows.map(({ key }) => key.toString())
}

const ageByMinutes = (minutes: number) =>
  sql`update outbox set created_at = created_at - make_interval(mins => ${minutes})`.execute(db.database)

const slotOf = (key: string) => createHash('md5').update(key).digest().readUInt16BE(0) % 16

describe('the outbox', () => {
  it('lets no message overtake an older one of its key that cannot be sent, and holds up no other key', async () => {
    let mended = false
    const { outbox, add, values } = open((each) => {
      if (!mended && each.topic === 'refused') throw new Error('no such topic')
    })
    await add(message('a', '1', 'refused'), message('a', '2'), message('b', '1'))
    await add(message('a', '3'), message('b', '2'))
    outbox.start()
    await eventually('the other key to be sent', () => values().includes('b 2'))
    expect(values()).toEqual(['b 1', 'b 2'])
    mended = true
    await eventually('the rest to be sent', () => values().length === 5)
    expect(values().slice(2)).toEqual(['a 1', 'a 2', 'a 3'])
    await eventually('all to be marked', async () => (await unpublished()).length === 0)
  })

  it('keeps the order of transactions of a key, though the answer to a commit comes after that of the next', async () => {
    const { outbox, values } = open(() => {})
    const commit = (...messages: OutgoingMessage[]) =>
      db.database.transaction().execute((tx) => outbox.add(tx, messages))
    const first = await commit(message('a', '1'), message('b', '1'))
    const second = await commit(message('a', '2'))
    outbox.settle(second, true)
    const third = await commit(message('a', '3'), message('c', '1'))
    outbox.settle(third, true)
    await eventually('another key', () => values().length > 0)
    expect(values()).toEqual(['c 1'])
    outbox.settle(first, true)
    await eventually('all of them', () => values().length === 5)
    expect(values().filter((each) => each.startsWith('a'))).toEqual(['a 1', 'a 2', 'a 3'])
    await eventually('all to be marked', async () => (await unpublished()).length === 0)
  })

  it('lets nothing go at once behind a transaction whose commit may have been one', async () => {
    const { outbox, values } = open(() => {})
    const commit = (...messages: OutgoingMessage[]) =>
      db.database.transaction().execute((tx) => outbox.add(tx, messages))
    const first = await commit(message('a', '1'))
    outbox.settle(await commit(message('a', '2')), true)
    // It was: the connection broke before its answer came.
    outbox.settle(first, false)
    outbox.start()
    await eventually('both', () => values().length === 2)
    expect(values()).toEqual(['a 1', 'a 2'])
  })

  it('leaves to the relay what is behind a transaction of whose end nobody hears', async () => {
    const { outbox, values } = open(() => {}, 'me', 50)
    const commit = (...messages: OutgoingMessage[]) =>
      db.database.transaction().execute((tx) => outbox.add(tx, messages))
    const unheard = await commit(message('a', '1'))
    outbox.settle(await commit(message('a', '2')), true)
    outbox.start()
    await eventually('both', () => values().length === 2)
    outbox.settle(unheard, true)
    await outbox.stop()
    expect(values()).toEqual(['a 1', 'a 2'])
  })

  it('lets no message overtake one that was committed while the relay was past its place', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key-${index}`).filter((key) => slotOf(key) === 7)
    const [late = '', ...others] = keys.slice(0, 111)
    const [pageEnds, goesOn, added, commits] = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
    let isAway = true
    const { outbox, add, values } = open(async () => {
      if (isAway) throw new Error('away')
      if (values().length !== 99) return
      pageEnds?.resolve()
      await goesOn?.promise
    })
    const first = db.database.transaction().execute(async (tx) => {
      const stored = await outbox.add(tx, [message(late, '1')])
      added?.resolve()
      await commits?.promise
      return stored
    })
    await added?.promise
    for (const key of others) await add(message(key, '1'))
    await eventually('all others to be left over', async () => (await unpublished()).length === 110)
    isAway = false
    outbox.start()
    // The last of its first page is on its way.
    await pageEnds?.promise
    commits?.resolve()
    // The commit came through, its answer did not.
    outbox.settle(await first, false)
    await add(message(late, '2'))
    goesOn?.resolve()
    await eventually('all to be sent', () => values().length === 112)
    expect(values().filter((each) => each.startsWith(`${late} `))).toEqual([`${late} 1`, `${late} 2`])
  })

  it('sends what is behind hundreds of rows that nobody takes', async () => {
    const keys = Array.from({ length: 20_000 }, (_, index) => `key-${index}`).filter((key) => slotOf(key) === 7)
    const [last = '', ...bad] = keys.slice(0, 521)
    expect(bad).toHaveLength(520)
    const { outbox, add, values } = open(refuse('no-such-place'))
    for (const key of bad) await add(message(key, 'bad', 'refused'))
    // Left over by a process that died, behind all of them.
    await add(message(last, 'good', 'refused'))
    await sql`update outbox set topic = 'taken' where value = 'good'`.execute(db.database)
    outbox.start()
    await eventually('what is behind them', () => values().includes(`${last} good`))
  })
})

describe('a message that can never be sent', () => {
  it('that is too large becomes a dead letter at once, and what is behind it goes out', async () => {
    const { outbox, add, sent } = open(refuse('too-large', 'orders.accepted.v1'))
    await add(message('a', 'x'.repeat(1_000), 'orders.accepted.v1'), message('a', '2'))
    outbox.start()
    await eventually('what is behind it', () => sent.length === 2)
    expect(sent).toMatchObject([
      {
        topic: 'orders.accepted.v1.dlq',
        key: Buffer.from('a'),
        value: Buffer.from('x'.repeat(1_000)),
        headers: {
          'dlq-reason': 'cannot-be-sent',
          'dlq-error': expect.stringContaining('a message of 1000 bytes on orders.accepted.v1, got too-large'),
          'dlq-original-topic': 'orders.accepted.v1',
          'dlq-service': 'order',
        },
      },
      { topic: 'taken' },
    ])
  })

  it('that is too large for a dead letter too becomes one that says so', async () => {
    const { outbox, add, sent } = open((each) => {
      if (each.value !== null) throw new Unsendable('too-large', 'expected less')
    })
    await add(message('a', 'x', 'orders.accepted.v1'))
    outbox.start()
    await eventually('its letter', () => sent.length === 1)
    expect(sent).toMatchObject([{ topic: 'orders.accepted.v1.dlq', value: null }])
  })

  it('to a topic that somebody else named becomes a dead letter after a quarter of an hour, and not before', async () => {
    const { outbox, add, sent } = open(refuse('no-such-place'))
    await add(message('a', '1', 'refused'), message('a', '2'), message('b', '1'))
    outbox.start()
    await eventually('another key', () => sent.length === 1)
    expect(await unpublished()).toContain('a')
    await ageByMinutes(16)
    await eventually('what is behind it', () => sent.length === 3)
    expect(sent.slice(1)).toMatchObject([{ topic: 'saga.replies.v1.dlq', value: Buffer.from('1') }, { topic: 'taken' }])
  })

  it.each([
    ['that the process may not write', refuse('not-allowed', 'orders.accepted.v1')],
    ['whose topic is not there, though it should be', refuse('no-such-place', 'orders.accepted.v1')],
  ])('%s waits for an operator', async (_, broker) => {
    const { outbox, add, values } = open(broker)
    await add(message('a', '1', 'orders.accepted.v1'))
    await ageByMinutes(60)
    outbox.start()
    await add(message('b', '1'))
    await add(message('b', '2'))
    await eventually('another key', () => values().includes('b 2'))
    await eventually('it to be tried', async () => {
      const { rows } = await sql`select 1 from outbox_leases`.execute(db.database)
      return rows.length > 0
    })
    expect(await unpublished()).toEqual(['a'])
  })
})

describe('while the broker takes its time', () => {
  it('no transaction is open, and no other process sends the same', async () => {
    const held = Promise.withResolvers<void>()
    let asked = 0
    const slow = open(async () => {
      asked += 1
      if (asked === 1) throw new Error('left over')
      await held.promise
    })
    await slow.add(message('a', '1'))
    await eventually('the first attempt', () => asked === 1)
    await ageByMinutes(1)
    slow.outbox.start()
    await eventually('the relay to send', () => asked === 2)
    const other = open(() => {}, 'other')
    other.outbox.start()
    await new Promise((resolve) => setTimeout(resolve, 2_500))
    const { rows } = await sql`select 1 from pg_stat_activity
      where datname = current_database() and state like 'idle in transaction%'`.execute(db.database)
    expect(rows).toEqual([])
    expect(other.sent).toEqual([])
    held.resolve()
    await eventually('it to be sent', () => slow.sent.length === 1)
    await eventually('it to be marked', async () => (await unpublished()).length === 0)
    expect(other.sent).toEqual([])
  })

  it('another process takes over once the one that had begun is gone', async () => {
    const gone = open(() => {
      throw new Error('left over')
    }, 'gone')
    await gone.add(message('a', '1'))
    await ageByMinutes(1)
    // As a process leaves it that was killed while it sent.
    await sql`insert into outbox_leases values (${slotOf('a')}, 'gone', now() + interval '2 seconds')`.execute(
      db.database,
    )
    const other = open(() => {}, 'other')
    other.outbox.start()
    await eventually('it to be sent', () => other.sent.length === 1)
  })
})
