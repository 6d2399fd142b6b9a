import { Kysely, PostgresDialect, type Transaction } from 'kysely'
import pg from 'pg'
import { openPool } from './pool.ts'

/** Tables are not typed here: each store names its own with Kysely's `sql` template or `.withTables<…>()`. */
// biome-ignore lint/suspicious/noExplicitAny: the kit's and each service's tables share one connection
export type Database = Kysely<any>
// biome-ignore lint/suspicious/noExplicitAny: as above
export type DatabaseTransaction = Transaction<any>

/**
 * The most that the database, or the way to it, may take of a process's time, in milliseconds. Every statement of a service is short: one
 * that is not has met a lock, a plan that went wrong, or a server that is gone.
 */
export const databaseLimits = {
  /** To be connected, or to get a connection of the pool. */
  connectMs: 5_000,
  statementMs: 15_000,
  /** For a lock, and a deadlock is found after one second. */
  lockMs: 5_000,
  /** A transaction that its process has forgotten keeps its locks, and vacuum from its work. */
  idleInTransactionMs: 30_000,
} as const

/** Opens a pool, its connections with the limits above. `bigint` columns come back as numbers: amounts and counters are safe integers by contract. */
export const openDatabase = (
  url: string,
  options: {
    readonly maxConnections: number
    /** Less than what a statement may take anywhere. */
    readonly statementMs?: number
    readonly onError: (error: Error) => void
  },
): Database => {
  pg.types.setTypeParser(pg.types.builtins.INT8, Number)
  const pool = openPool(url, {
    max: options.maxConnections,
    application_name: 'countermand',
    connectionTimeoutMillis: databaseLimits.connectMs,
    statement_timeout: options.statementMs ?? databaseLimits.statementMs,
    lock_timeout: databaseLimits.lockMs,
    idle_in_transaction_session_timeout: databaseLimits.idleInTransactionMs,
    // A way that was cut without a word is found by the system, not by nobody.
    keepAlive: true,
  })
  // A connection that breaks while a transaction has it says so itself, not through the pool; unheard, it would end the process.
  pool.on('connect', (client) => client.on('error', options.onError))
  // Of idle ones the pool says it again.
  pool.on('error', () => undefined)
  return new Kysely({ dialect: new PostgresDialect({ pool }) })
}

/** Of a way that is not there, or broke: Node's own. */
export const connectionCodes: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
])

/**
 * True when the database or the way to it is gone, or it gave up one of two transactions: to be tried again, no fault of a message. A
 * statement that took too long is none of these: of less, it may be done in time.
 */
export const isInfrastructureError = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return (
    connectionCodes.has(code) ||
    /^(08|53|57P|40001|40P01|55P03|25P03|25006)/.test(code) ||
    /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error/.test(
      error.message,
    )
  )
}

/** True when a statement was not done within `statementMs`. */
export const isTooSlow = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === '57014'
