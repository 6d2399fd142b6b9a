import pg from 'pg'
import { z } from 'zod'
import { type DatabaseOwner, databaseOwners } from '../stack/settings.ts'

/** One service's database, read only. */
export interface ReadDatabase {
  readonly owner: DatabaseOwner
  /** The rows of a `select` without a semicolon, as JSON has them: numbers, ISO 8601 times, `null`. */
  rows<Row>(row: z.ZodType<Row>, select: string, parameters?: readonly unknown[]): Promise<Row[]>
}

export interface Databases extends Readonly<Record<DatabaseOwner, ReadDatabase>> {
  close(): Promise<void>
}

const wrapped = z.object({ row: z.unknown() })

const open = (owner: DatabaseOwner, connectionString: string) => {
  const pool = new pg.Pool({
    connectionString,
    max: 4,
    connectionTimeoutMillis: 5_000,
    // Reading must never hold up a service.
    options: '-c default_transaction_read_only=on -c statement_timeout=60000',
  })
  // A connection that breaks while idle is replaced by the next query, which reports what is wrong.
  pool.on('error', () => undefined)
  const database: ReadDatabase = {
    owner,
    rows: async (row, select, parameters = []) => {
      const query = `select to_jsonb(found) as row from (${select}) found`
      const result = await pool.query(query, [...parameters]).catch((cause: unknown) => {
        const { host } = new URL(connectionString)
        throw new Error(
          `${owner}: expected its database on ${host} to answer: ${cause instanceof Error ? cause.message || cause.name : cause}`,
          { cause },
        )
      })
      return result.rows.map((each) => row.parse(wrapped.parse(each).row))
    },
  }
  return { database, pool }
}

/** Opens the four databases; connections are made when they are first needed. The caller closes them. */
export const openDatabases = (urls: Readonly<Record<DatabaseOwner, string>>): Databases => {
  const order = open('order', urls.order)
  const inventory = open('inventory', urls.inventory)
  const logistics = open('logistics', urls.logistics)
  const payment = open('payment', urls.payment)
  return {
    order: order.database,
    inventory: inventory.database,
    logistics: logistics.database,
    payment: payment.database,
    close: async () => {
      await Promise.all([order, inventory, logistics, payment].map(({ pool }) => pool.end()))
    },
  }
}

/** Asks all four the same. */
export const inEach = <T>(databases: Databases, ask: (database: ReadDatabase) => Promise<T[]>): Promise<T[]> =>
  Promise.all(databaseOwners.map((owner) => ask(databases[owner]))).then((lists) => lists.flat())
