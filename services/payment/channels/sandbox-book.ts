import { type Database, openDatabase } from '@countermand/database'
import { sql } from 'kysely'
import { ChannelError, type RefundCall, type RefundResult } from './channel.ts'
import { type Behaviour, behaviourOf } from './sandbox-behaviour.ts'

/**
 * The sandbox's own book. It stands for another company's database: it has its own connections and commits each statement
 * by itself, so what it did stays done when a transaction of ours rolls back. A row never changes: what it says depends on
 * the time alone, so that nothing has to run for money to move late or to come back.
 */
export interface SandboxBook {
  refund(call: RefundCall): Promise<RefundResult>
  status(call: RefundCall): Promise<RefundResult>
  close(): Promise<void>
}

interface Row {
  readonly order_id: string
  readonly tender_id: string
  readonly payment_ref: string
  readonly amount: number
  readonly currency: string
  readonly state: 'refused' | 'reversed' | 'succeeded' | 'pending'
  readonly reversible: boolean
}

const countCall = async (database: Database, call: RefundCall): Promise<number> => {
  const { rows } = await sql<{ calls: number }>`
    insert into sandbox.channel_calls as c (order_id, tender_id, calls) values (${call.orderId}, ${call.tenderId}, 1)
    on conflict (order_id, tender_id) do update set calls = c.calls + 1 returning calls`.execute(database)
  return rows[0]?.calls ?? 1
}

const after = (milliseconds: number | undefined) =>
  sql`now() + ${milliseconds ?? null}::float8 * interval '1 millisecond'`

const enter = (database: Database, call: RefundCall, behaviour: Behaviour) =>
  sql`
    insert into sandbox.channel_book
      (idempotency_key, order_id, tender_id, payment_ref, amount, currency, moves_at, refused_at, reverses_at)
    values (${call.idempotencyKey}, ${call.orderId}, ${call.tenderId}, ${call.paymentRef}, ${call.amount}, ${call.currency},
      ${after(behaviour.movesAfterMs)}, ${after(behaviour.refusedAfterMs)}, ${after(behaviour.reversedAfterMs)})
    on conflict (idempotency_key) do nothing`.execute(database)

const find = async (database: Database, call: RefundCall): Promise<Row> => {
  const { rows } = await sql<Row>`
    select order_id, tender_id, payment_ref, amount, currency, coalesce(reverses_at > now(), false) as reversible,
      case when refused_at <= now() then 'refused' when reverses_at <= now() then 'reversed'
           when moves_at <= now() then 'succeeded' else 'pending' end as state
    from sandbox.channel_book where idempotency_key = ${call.idempotencyKey}`.execute(database)
  const row = rows[0]
  if (row === undefined) throw new Error(`expected a refund with key ${call.idempotencyKey} in the sandbox, got none`)
  const asked = [call.orderId, call.tenderId, call.paymentRef, call.amount, call.currency].join(' ')
  const booked = [row.order_id, row.tender_id, row.payment_ref, row.amount, row.currency].join(' ')
  if (asked !== booked) throw new Error(`expected key ${call.idempotencyKey} with ${booked} again, got ${asked}`)
  return row
}

const resultOf = (row: Row): RefundResult => {
  switch (row.state) {
    case 'succeeded':
      return { outcome: 'succeeded', reversible: row.reversible }
    case 'pending':
      return { outcome: 'pending' }
    case 'refused':
      return { outcome: 'refused', reason: `the sandbox refuses refunds of ${row.payment_ref}` }
    case 'reversed':
      return { outcome: 'reversed', reason: `the sandbox reverses refunds of ${row.payment_ref}` }
  }
}

/** Opens the book in schema `sandbox` of a database that the service's migrations have run on. */
export const openSandboxBook = (databaseUrl: string, onError: (error: Error) => void): SandboxBook => {
  const database = openDatabase(databaseUrl, { maxConnections: 4, onError })
  return {
    refund: async (call) => {
      const behaviour = behaviourOf(call.paymentRef)
      const calls = await countCall(database, call)
      if (call.round < behaviour.firstRound || calls <= behaviour.errors)
        throw new ChannelError(`the sandbox is down for ${call.paymentRef}, nothing was done`, 'before-anything')
      await enter(database, call, behaviour)
      const row = await find(database, call)
      if (calls <= behaviour.lostAnswers)
        throw new ChannelError(`the sandbox's answer about ${call.paymentRef} was lost`, 'unknown')
      return resultOf(row)
    },
    status: async (call) => resultOf(await find(database, call)),
    close: () => database.destroy(),
  }
}
