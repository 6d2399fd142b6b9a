import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { Migrator } from 'kysely/migration'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { type Database, openDatabase } from './database.ts'
import { type Migrations, migrate } from './migrate.ts'

let test: TestDatabase
const opened: Database[] = []

/** A process of its own, with one connection. */
const processOf = (): Database => {
  const database = openDatabase(test.url, { maxConnections: 1, onError: () => {} })
  opened.push(database)
  return database
}

beforeEach(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.order, 'migrations')
})
afterEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.destroy()))
  await test?.drop()
})

const tables = { '0001': 'ones', '0002': 'twos', '0003': 'threes', '0004': 'fours' }

/** A release with these migrations. */
const release = (...names: (keyof typeof tables)[]): Migrations =>
  Object.fromEntries(
    names.map((name) => [
      name,
      {
        up: async (db: Database) => {
          await sql`create table ${sql.table(tables[name])} (id integer)`.execute(db)
        },
      },
    ]),
  )

const tablesThere = async (): Promise<string[]> => {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_name = any(${Object.values(tables)})
    order by name`.execute(test.database)
  return rows.map(({ name }) => name)
}

it('starts an older release on the schema of a newer one, and then one that is newer still', async () => {
  const database = processOf()
  await migrate(database, release('0002', '0003'))
  await migrate(database, release('0002'))
  expect(await tablesThere()).toEqual(['threes', 'twos'])
  // Migrations of the kit and of a service grow beside each other: a new one need not be the last by name.
  await migrate(database, release('0001', '0002', '0003', '0004'))
  await migrate(database, release('0002', '0003'))
  expect(await tablesThere()).toEqual(['fours', 'ones', 'threes', 'twos'])
})

it('starts two releases at once', async () => {
  for (let round = 0; round < 5; round += 1) {
    const [old, fresh] = [release('0001', '0002'), release('0001', '0002', '0003')]
    await Promise.all([old, fresh, old, fresh].map((migrations) => migrate(processOf(), migrations)))
    expect(await tablesThere()).toEqual(['ones', 'threes', 'twos'])
    await sql`drop table ones, twos, threes, kysely_migration`.execute(test.database)
  }
})

it('goes on where the releases stopped that ran the migrator of Kysely, also beside one of them', async () => {
  const byKysely = async (migrations: Migrations) => {
    const provider = { getMigrations: async () => ({ ...migrations }) }
    const { error } = await new Migrator({ db: processOf(), provider }).migrateToLatest()
    if (error !== undefined) throw error
  }
  await byKysely(release('0001'))
  await Promise.all([byKysely(release('0001', '0002')), migrate(processOf(), release('0001', '0002'))])
  await migrate(processOf(), release('0001', '0002', '0003'))
  await byKysely(release('0001', '0002', '0003'))
  expect(await tablesThere()).toEqual(['ones', 'threes', 'twos'])
})

it("refuses another service's database, and touches nothing there", async () => {
  await migrate(processOf(), release('0001', '0003'))
  await expect(migrate(processOf(), release('0001', '0002'))).rejects.toMatchObject({
    message: 'expected the migrations to run',
    cause: {
      message: "expected this service's schema, of this release or a newer one, got one with 0003 and without 0002",
    },
  })
  expect(await tablesThere()).toEqual(['ones', 'threes'])
})

it('takes everything back when one migration fails, says which fault it was, and keeps no lock', async () => {
  const database = processOf()
  const failing: Migrations = {
    ...release('0001'),
    '0002': {
      up: async (db) => {
        await sql`select 1 / 0`.execute(db)
      },
    },
  }
  await expect(migrate(database, failing)).rejects.toMatchObject({ cause: { message: 'division by zero' } })
  expect(await tablesThere()).toEqual([])
  await migrate(processOf(), release('0001', '0002'))
  expect(await tablesThere()).toEqual(['ones', 'twos'])
})
