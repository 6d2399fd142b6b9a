import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import pg from 'pg'

/** Tables are not typed here: each store names its own with Kysely's `sql` template or `.withTables<…>()`. */
// biome-ignore lint/suspicious/noExplicitAny: the kit's and each service's tables share one connection
export type Database = Kysely<any>
// biome-ignore lint/suspicious/noExplicitAny: as above
export type DatabaseTransaction = Transaction<any>
export type Migrations = Readonly<Record<string, Migration>>

/** Opens a pool. `bigint` columns come back as numbers: amounts and counters are safe integers by contract. */
export const openDatabase = (
  url: string,
  options: { readonly maxConnections: number; readonly onError: (error: Error) => void },
): Database => {
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = new pg.Pool({ connectionString: url, max: options.maxConnections, application_name: 'countermand' })
  // A connection that breaks while a transaction has it says so itself, not through the pool; unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', options.onError))
  // Of idle ones the pool says it again.
  pool.on('error', () => undefined)
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}

/** Brings the schema up to date; safe to run by several processes at once (Kysely holds a lock). Throws what failed. */
export const migrate = async (database: Database, migrations: Migrations): Promise<void> => {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...migrations }) },
    allowUnorderedMigrations: true,
  })
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new Error('expected the migrations to run', { cause: error })
}

const connectionCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'])

/** True when the database or the way to it is gone, or it gave up one of two transactions: to be tried again, no fault of a message. */
export const isInfrastructureError = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    connectionCodes.has(code) ||
    /^(08|53|57P|40001|40P01|55P03|25006)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  )
}
