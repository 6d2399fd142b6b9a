import { readFile } from 'node:fs/promises'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  sql,
} from 'kysely'
import pg from 'pg'
import { afterEach, beforeEach, expect, inject, it } from 'vitest'
import { type Database, databaseLimits } from './database.ts'
import { migrate } from './migrate.ts'

let test: TestDatabase
const connected: pg.Client[] = []
beforeEach(async () => {
  test = await createTestDatabase(inject('stack').databaseUrls.order, 'pooler')
})
afterEach(async () => {
  await Promise.all(connected.splice(0).map((client) => client.end()))
  await test?.drop()
})

/** A connection as a pooler makes it, which ignores what its clients ask for. */
const connect = async (): Promise<pg.Client> => {
  const client = new pg.Client({ connectionString: test.url })
  connected.push(client)
  await client.connect()
  return client
}

/** A client of a pooler in transaction mode: each transaction goes to another one of these connections. */
const pooled = (connections: readonly pg.Client[]): Database => {
  let turn = 0
  const connection = (): DatabaseConnection => {
    let current: pg.Client | undefined
    return {
      executeQuery: async <Row>({ sql: text, parameters }: CompiledQuery) => {
        const client = current ?? connections[turn++ % connections.length]
        if (text === 'begin') current = client
        if (text === 'commit' || text === 'rollback') current = undefined
        const answered = await client?.query<Row & pg.QueryResultRow>(text, [...parameters])
        return { rows: answered?.rows ?? [] }
      },
      streamQuery: () => {
        throw new Error('expected no cursor')
      },
    }
  }
  const says = (text: string) => async (to: DatabaseConnection) => {
    await to.executeQuery(CompiledQuery.raw(text))
  }
  const nothing = async () => {}
  const driver: Driver = {
    ...{ init: nothing, destroy: nothing, acquireConnection: async () => connection(), releaseConnection: nothing },
    ...{ beginTransaction: says('begin'), commitTransaction: says('commit'), rollbackTransaction: says('rollback') },
  }
  return new Kysely({
    dialect: {
      createDriver: () => driver,
      createAdapter: () => new PostgresAdapter(),
      createQueryCompiler: () => new PostgresQueryCompiler(),
      createIntrospector: (db) => new PostgresIntrospector(db),
    },
  })
}

const settings = ['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']
const limits = [databaseLimits.statementMs, databaseLimits.lockMs, databaseLimits.idleInTransactionMs]

const limitsOf = async (client: pg.Client): Promise<number[]> => {
  const { rows } = await client.query('select name, setting from pg_settings where name = any($1)', [settings])
  return settings.map((name) => Number(rows.find((row) => row.name === name)?.setting))
}

it('migrates, and leaves no lock and no limit behind on connections that others get next', async () => {
  const connections = await Promise.all([connect(), connect(), connect()])
  for (const client of connections)
    for (const [index, name] of settings.entries()) await client.query(`set ${name} = ${limits[index]}`)
  const database = pooled(connections)
  const up = async (db: Database) => {
    await sql`create table made (id integer)`.execute(db)
  }
  await migrate(database, { '0001': { up } })
  await migrate(database, { '0001': { up } })
  await expect(migrate(database, { '0001': { up }, '0002': { up } })).rejects.toThrow('expected the migrations to run')
  const { rows } = await sql`select 1 from pg_locks where locktype = 'advisory' and database =
    (select oid from pg_database where datname = current_database())`.execute(test.database)
  expect(rows).toEqual([])
  for (const client of connections) expect(await limitsOf(client)).toEqual(limits)
})

it('has the limits where the documentation sets them for a pooler that ignores what is asked for', async () => {
  const text = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8')
  const [, statements = ''] = /\*\*Behind a pooler\*\*.*?```sql\n(.*?)```/s.exec(text) ?? []
  const name = new URL(test.url).pathname.slice(1)
  await (await connect()).query(statements.replaceAll('countermand_order', name))
  expect(await limitsOf(await connect())).toEqual(limits)
  expect(/ignore_startup_parameters = ([a-z_,]+)/.exec(text)?.[1]?.split(',')).toEqual(settings)
})
