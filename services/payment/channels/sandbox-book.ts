import { exactly } from '@countermand/contracts/exactly.ts'
import { isInfrastructureError, openDatabase } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { ChannelError, type RefundCall } from './channel.ts'
import { type BankBook, type BookEntry, sandboxBank } from './sandbox.ts'

const instant = z.date().transform((date) => date.toISOString())

const row = exactly<BookEntry>()(
  z.object({
    orderId: z.string(),
    tenderId: z.string(),
    paymentRef: z.string(),
    amount: z.int(),
    currency: z.string(),
    movesAt: instant.nullable(),
    refusedAt: instant.nullable(),
    reversesAt: instant.nullable(),
    voids: z.boolean(),
    account: z.string().nullable(),
    bookedAt: instant,
  }),
)

const keyed = z.object({ key: z.string(), bookedAt: instant })
const fields = sql`order_id as "orderId", tender_id as "tenderId", payment_ref as "paymentRef", amount, currency,
  moves_at as "movesAt", refused_at as "refusedAt", reverses_at as "reversesAt", voids, account, booked_at as "bookedAt"`
const pageRows = 500

/** A bank that cannot be reached is away, as a real one is; what it did meanwhile nobody knows. */
const unlessAway = async <Value>(call: Promise<Value>): Promise<Value> => {
  try {
    return await call
  } catch (cause) {
    if (!isInfrastructureError(cause)) throw cause
    throw new ChannelError('expected the sandbox to answer, it is away', 'unknown', {
      ...{ trouble: 'outage', retryAfterMs: 1_000, cause },
    })
  }
}

/**
 * The sandbox's book in schema `sandbox` of a database that the service's migrations have run on. It stands for another company's
 * database: it has its own connections and commits each statement by itself, so what it did stays done when a transaction of ours
 * rolls back.
 */
export const openSandboxBook = (databaseUrl: string, onError: (error: Error) => void) => {
  const database = openDatabase(databaseUrl, { maxConnections: 4, onError })
  const book: BankBook = {
    countCall: async ({ orderId, tenderId }) => {
      const { rows } = await sql<{ calls: number }>`
        insert into sandbox.channel_calls as c (order_id, tender_id, calls) values (${orderId}, ${tenderId}, 1)
        on conflict (order_id, tender_id) do update set calls = c.calls + 1 returning calls`.execute(database)
      return rows[0]?.calls ?? 1
    },
    enter: async (key, entry) => {
      await sql`
        insert into sandbox.channel_book
          (idempotency_key, order_id, tender_id, payment_ref, amount, currency, moves_at, refused_at, reverses_at, voids,
            account, booked_at)
        values (${key}, ${entry.orderId}, ${entry.tenderId}, ${entry.paymentRef}, ${entry.amount}, ${entry.currency},
          ${entry.movesAt}, ${entry.refusedAt}, ${entry.reversesAt}, ${entry.voids}, ${entry.account}, ${entry.bookedAt})
        on conflict (idempotency_key) do nothing`.execute(database)
    },
    find: async (key) => {
      const { rows } = await sql`select ${fields} from sandbox.channel_book where idempotency_key = ${key}`.execute(
        database,
      )
      return rows[0] === undefined ? undefined : row.parse(rows[0])
    },
    async *entered({ from, to }) {
      let after: Pick<z.infer<typeof keyed>, 'key' | 'bookedAt'> = { key: '', bookedAt: from }
      for (;;) {
        // To the millisecond, which is all that the cursor can say.
        const { rows } = await unlessAway(
          sql`select idempotency_key as key, ${fields} from sandbox.channel_book
            where booked_at >= ${from} and booked_at < ${to}
              and (date_trunc('milliseconds', booked_at), idempotency_key) > (${after.bookedAt}::timestamptz, ${after.key})
            order by date_trunc('milliseconds', booked_at), idempotency_key limit ${pageRows}`.execute(database),
        )
        for (const found of rows) {
          after = keyed.parse(found)
          yield [after.key, row.parse(found)]
        }
        if (rows.length < pageRows) return
      }
    },
  }
  const bank = sandboxBank(book)
  return {
    refund: (call: RefundCall) => unlessAway(bank.refund(call)),
    status: (call: RefundCall) => unlessAway(bank.status(call)),
    list: bank.list,
    close: () => database.destroy(),
  }
}

export type SandboxBook = ReturnType<typeof openSandboxBook>
