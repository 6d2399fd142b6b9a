import { openPool } from './pool.ts'

/** A database that is read and never written, by whoever may look and has no part in its service. */
export interface ReadDatabase {
  /** The rows of a `select` without a semicolon, as JSON has them: numbers, ISO 8601 times, `null`. */
  rows<Row>(row: { parse(found: unknown): Row }, select: string, parameters?: readonly unknown[]): Promise<Row[]>
}

const reasonOf = (cause: unknown): string => (cause instanceof Error ? cause.message || cause.name : String(cause))

/**
 * Opens a pool for reading alone; connections are made when they are first needed. The caller closes it. A query throws, with `name` and
 * host, when the database does not answer.
 */
export const openReadOnly = (
  name: string,
  connectionString: string,
): { readonly database: ReadDatabase; close(): Promise<void> } => {
  const pool = openPool(connectionString, {
    max: 4,
    // Whoever refuses is heard at once; one who has too much to do is waited for.
    connectionTimeoutMillis: 30_000,
    // Reading must never hold up a service.
    options: '-c default_transaction_read_only=on -c statement_timeout=60000',
  })
  // A connection that breaks while idle is replaced by the next query, which reports what is wrong.
  pool.on('error', () => undefined)
  const rows: ReadDatabase['rows'] = async (row, select, parameters = []) => {
    const query = `select to_jsonb(found) as row from (${select}) found`
    const result = await pool.query<{ row: unknown }>(query, [...parameters]).catch((cause: unknown) => {
      const { host } = new URL(connectionString)
      throw new Error(`${name}: expected its database on ${host} to answer: ${reasonOf(cause)}`, { cause })
    })
    return result.rows.map((each) => row.parse(each.row))
  }
  return { database: { rows }, close: () => pool.end() }
}
