import { migrate } from '@countermand/database'
import { createTestDatabase, eventually } from '@countermand/testing'
import { sql } from 'kysely'
import { expect, inject, it, vi } from 'vitest'
import { kitMigrations } from './migrations.ts'
import { takeLease } from './outbox-lease.ts'

it('ends for its holder no later than for the database, however late the answer comes', async () => {
  const test = await createTestDatabase(inject('stack').databaseUrls.order, 'lease')
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    await migrate(test.database, kitMigrations)
    await sql`insert into outbox_leases values (7, 'gone', now() - interval '1 hour')`.execute(test.database)
    const locked = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const other = test.database.transaction().execute(async (tx) => {
      await sql`select 1 from outbox_leases for update`.execute(tx)
      locked.resolve()
      await release.promise
    })
    await locked.promise
    const taking = takeLease(test.database, 7, 'me')
    await eventually('it to wait', async () => {
      const { rows } = await sql`select 1 from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(test.database)
      return rows.length > 0
    })
    vi.advanceTimersByTime(3_000)
    release.resolve()
    await other
    const lease = await taking
    vi.advanceTimersByTime(4_900)
    expect(lease?.held()).toBe(true)
    vi.advanceTimersByTime(200)
    expect(lease?.held()).toBe(false)
    await lease?.release()
  } finally {
    vi.useRealTimers()
    await test.drop()
  }
})
