import { type Database, type DatabaseTransaction, openDatabase } from '@countermand/database'
import { type RawBuilder, sql } from 'kysely'
import { z } from 'zod'
import { type Batch, heard, type Word } from '../channels/bank/batch.ts'
import { type BankDesk, ChannelError } from '../channels/channel.ts'

/** Transfers that leave by a file, and their batches: rows without any account number. */

const instant = z.date().transform((date) => date.toISOString())
const nullable = <Type>(of: z.ZodType<Type>) => of.nullable().transform((found) => found ?? undefined)

const transferRow = z.object({
  ...{ refundId: z.string(), orderId: z.string(), amount: z.coerce.number().pipe(z.int()), currency: z.string() },
  state: z.enum(['due', 'batched', 'sent', 'booked', 'rejected', 'returned']),
  ...{ reason: nullable(z.string()), batchId: nullable(z.string()), merchantId: nullable(z.string()) },
  changedAt: instant,
})
type TransferRow = z.infer<typeof transferRow>

const batchRow = z.object({
  ...{ batchId: z.string(), digest: z.string(), preparedBy: z.string(), preparedAt: instant },
  ...{ approvedBy: nullable(z.string()), sentBy: nullable(z.string()), discardedBy: nullable(z.string()) },
})

const transferFields = sql`refund_id as "refundId", order_id as "orderId", amount, currency, state, reason, batch_id as "batchId",
  merchant_id as "merchantId", changed_at as "changedAt"`
const batchFields = sql`batch_id as "batchId", digest, prepared_by as "preparedBy", prepared_at as "preparedAt",
  approved_by as "approvedBy", sent_by as "sentBy", discarded_by as "discardedBy"`

const findIn = async (database: Database, refundId: string): Promise<TransferRow | undefined> => {
  const { rows } = await sql`select ${transferFields} from bank_transfers where refund_id = ${refundId}`.execute(
    database,
  )
  return rows[0] === undefined ? undefined : transferRow.parse(rows[0])
}

const lockTransfers = async (tx: DatabaseTransaction, where: RawBuilder<unknown>): Promise<TransferRow[]> => {
  const { rows } = await sql`
    select ${transferFields} from bank_transfers where ${where} order by refund_id for update`.execute(tx)
  return z.array(transferRow).parse(rows)
}

/** What the channel asks: outside of any transaction. */
const deskOf = (database: Database): BankDesk => ({
  want: async (call) => {
    const { refundId, orderId, merchantId = null, amount, currency } = call
    await sql`
      insert into bank_transfers (refund_id, order_id, merchant_id, amount, currency, state, changed_at)
      values (${refundId}, ${orderId}, ${merchantId}, ${amount}, ${currency}, 'due', now())
      on conflict (refund_id) do nothing`.execute(database)
    const found = await findIn(database, refundId)
    if (found?.amount !== amount || found.currency !== currency)
      throw new ChannelError(`refund ${refundId} is known as ${found?.amount} ${found?.currency}`, 'before-anything', {
        trouble: 'setup',
      })
    return found
  },
  find: (refundId) => findIn(database, refundId),
})

const readingOf = (database: Database) => ({
  due: async (currency: string, merchantId: string | undefined): Promise<TransferRow[]> => {
    const { rows } = await sql`
      select ${transferFields} from bank_transfers where state = 'due' and currency = ${currency}
        and (${merchantId ?? null}::text is null or merchant_id = ${merchantId ?? null}) order by refund_id`.execute(
      database,
    )
    return z.array(transferRow).parse(rows)
  },
  dueByCurrency: async (): Promise<(readonly [string, number])[]> => {
    const { rows } = await sql`select currency, count(*)::int as count from bank_transfers
      where state = 'due' group by currency order by currency`.execute(database)
    const counted = z.array(z.object({ currency: z.string(), count: z.int() })).parse(rows)
    return counted.map(({ currency, count }) => [currency, count] as const)
  },
  batches: async () => {
    const { rows } = await sql`
      select ${batchFields}, (select count(*)::int from bank_transfers t where t.batch_id = b.batch_id) as transfers
      from bank_batches b order by prepared_at`.execute(database)
    return z.array(batchRow.extend({ transfers: z.int() })).parse(rows)
  },
  /** The refunds that a batch has. */
  ofBatch: async (batchId: string): Promise<string[]> => {
    const { rows } = await sql`select refund_id as id from bank_transfers where batch_id = ${batchId}`.execute(database)
    const ids = z.array(z.object({ id: z.string() })).parse(rows)
    return ids.map(({ id }) => id)
  },
})

const become = (tx: DatabaseTransaction, batchId: string, state: 'sent' | 'due') =>
  sql`update bank_transfers set state = ${state}, changed_at = now(),
    batch_id = case when ${state}::text = 'due' then null else batch_id end where batch_id = ${batchId}`.execute(tx)

/** Takes these transfers into a new batch; `write` makes its file and says its digest. It throws, and nothing was taken. */
const createIn =
  (database: Database) =>
  (
    batch: Pick<Batch, 'batchId' | 'preparedBy'>,
    refundIds: readonly string[],
    write: (transfers: readonly TransferRow[]) => Promise<string>,
  ): Promise<number> =>
    database.transaction().execute(async (tx) => {
      const transfers = await lockTransfers(tx, sql`refund_id = any(${[...refundIds]}) and state = 'due'`)
      if (transfers.length === 0) return 0
      const digest = await write(transfers)
      await sql`insert into bank_batches (batch_id, digest, prepared_by, prepared_at)
        values (${batch.batchId}, ${digest}, ${batch.preparedBy}, now())`.execute(tx)
      await sql`update bank_transfers set state = 'batched', batch_id = ${batch.batchId}, changed_at = now()
        where refund_id = any(${transfers.map(({ refundId }) => refundId)})`.execute(tx)
      return transfers.length
    })

/** A person's decision about a batch; what it throws changes nothing. `undefined`: there is none of this name. */
const decideIn =
  (database: Database) =>
  (batchId: string, decision: (batch: Batch) => Batch): Promise<Batch | undefined> =>
    database.transaction().execute(async (tx) => {
      const { rows } =
        await sql`select ${batchFields} from bank_batches where batch_id = ${batchId} for update`.execute(tx)
      if (rows[0] === undefined) return undefined
      const batch = batchRow.parse(rows[0])
      const next = decision(batch)
      await sql`update bank_batches set approved_by = ${next.approvedBy ?? null}, sent_by = ${next.sentBy ?? null},
        discarded_by = ${next.discardedBy ?? null}, changed_at = now() where batch_id = ${batchId}`.execute(tx)
      if (next.sentBy !== batch.sentBy) await become(tx, batchId, 'sent')
      if (next.discardedBy !== batch.discardedBy) await become(tx, batchId, 'due')
      return next
    })

/** What is wrong with a word, or whether it was news. Its refund is looked at now. */
const hearOne = async (tx: DatabaseTransaction, word: Word): Promise<{ readonly error: string } | boolean> => {
  const [transfer] = await lockTransfers(tx, sql`refund_id = ${word.refundId}`)
  if (transfer === undefined) return { error: `${word.refundId}: nobody here wanted it` }
  const next = heard(transfer, word)
  if ('error' in next) return next
  if (next === transfer) return false
  await sql`update bank_transfers set state = ${next.state}, reason = ${next.reason ?? null}, changed_at = now()
    where refund_id = ${word.refundId}`.execute(tx)
  await sql`update tasks set due_at = now() where id = ${`poll/${word.refundId}`} and due_at > now()`.execute(tx)
  return true
}

/** What the bank says; each word by itself, so that one that cannot be hinders no other. */
const hearIn =
  (database: Database) =>
  async (words: readonly Word[]): Promise<{ readonly changed: number; readonly errors: string[] }> => {
    const errors: string[] = []
    let changed = 0
    for (const word of words) {
      const came = await database.transaction().execute((tx) => hearOne(tx, word))
      if (came === true) changed += 1
      else if (came !== false) errors.push(came.error)
    }
    return { changed, errors }
  }

export const openBankTransfers = (databaseUrl: string, onError: (error: Error) => void) => {
  const database = openDatabase(databaseUrl, { maxConnections: 2, onError })
  return {
    desk: deskOf(database),
    ...readingOf(database),
    create: createIn(database),
    decide: decideIn(database),
    hear: hearIn(database),
    close: () => database.destroy(),
  }
}

export type BankTransfers = ReturnType<typeof openBankTransfers>
