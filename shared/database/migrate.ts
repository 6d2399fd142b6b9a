import { sql, type Transaction } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Database } from './database.ts'

export type Migrations = Readonly<Record<string, Pick<Migration, 'up'>>>

/** The lock and the table of Kysely's own migrator: releases that ran it may start beside this one. */
const lock = '3853314791062309107'
const createTable = sql`
  create table if not exists kysely_migration (name varchar(255) primary key, "timestamp" varchar(255) not null)`

/**
 * What is to run, in order. A schema may be ahead: the release before starts on it again in a rolling update, and after a roll-back.
 * That one has all of ours. A schema with others' migrations, but not with ours, belongs to somebody else.
 */
const pendingOf = (migrations: Migrations, done: ReadonlySet<string>): readonly string[] => {
  const pending = Object.keys(migrations)
    .sort()
    .filter((name) => !done.has(name))
  const unknown = [...done].filter((name) => !Object.hasOwn(migrations, name))
  if (pending.length > 0 && unknown.length > 0)
    throw new Error(
      `expected this service's schema, of this release or a newer one, got one with ${unknown.join(', ')} and without ${pending.join(', ')}`,
    )
  return pending
}

// biome-ignore lint/suspicious/noExplicitAny: migrations make the tables
const run = async (tx: Transaction<any>, migrations: Migrations): Promise<void> => {
  // What is long by nature has no limits. Of this transaction alone: behind a pooler, the connection is somebody else's right after it.
  await sql`select set_config('statement_timeout', '0', true), set_config('lock_timeout', '0', true),
    set_config('idle_in_transaction_session_timeout', '0', true)`.execute(tx)
  await sql`select pg_advisory_xact_lock(${lock}::bigint)`.execute(tx)
  await createTable.execute(tx)
  const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(tx)
  for (const name of pendingOf(migrations, new Set(rows.map((row) => row.name)))) {
    await migrations[name]?.up(tx)
    await sql`insert into kysely_migration (name, "timestamp") values (${name}, ${new Date().toISOString()})`.execute(
      tx,
    )
  }
}

/**
 * Brings the schema up to date in one transaction, however long that takes; safe to run by several processes, and by several releases, at
 * once. A schema that a newer release has made is left as it is. Throws what failed.
 */
export const migrate = async (database: Database, migrations: Migrations): Promise<void> => {
  try {
    await database.transaction().execute((tx) => run(tx, migrations))
  } catch (cause) {
    throw new Error('expected the migrations to run', { cause })
  }
}
