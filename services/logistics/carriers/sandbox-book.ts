import { exactly } from '@countermand/contracts/exactly.ts'
import { type Database, isInfrastructureError, openDatabase } from '@countermand/database'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import { sql } from 'kysely'
import { z } from 'zod'
import type { CarrierCall } from './carrier.ts'
import { type BookEntry, blankEntry, type CarrierBook, type Turn } from './sandbox.ts'

const instant = z.date().transform((date) => date.toISOString())

const row = exactly<BookEntry>()(
  z.object({
    trackingNumber: z.string(),
    state: z.enum(['as-sent', 'void-pending', 'intercept-pending', 'label-voided', 'intercepted']),
    dueAt: instant.nullable(),
    interceptedAt: instant.nullable(),
    calls: z.int(),
    newLabels: z.int(),
  }),
)

const readEntry = async (tx: Database, call: CarrierCall): Promise<BookEntry> => {
  const blank = blankEntry(call.trackingNumber)
  await sql`
    insert into sandbox.carrier_book (order_id, shipment_id, tracking_number, state)
    values (${call.orderId}, ${call.shipmentId}, ${blank.trackingNumber}, ${blank.state})
    on conflict do nothing`.execute(tx)
  const { rows } = await sql`
    select tracking_number as "trackingNumber", state, due_at as "dueAt", intercepted_at as "interceptedAt",
           calls, new_labels as "newLabels"
    from sandbox.carrier_book where order_id = ${call.orderId} and shipment_id = ${call.shipmentId} for update`.execute(
    tx,
  )
  return row.parse(rows[0])
}

const writeEntry = (tx: Database, call: CarrierCall, entry: BookEntry) =>
  sql`
    update sandbox.carrier_book set tracking_number = ${entry.trackingNumber}, state = ${entry.state},
      due_at = ${entry.dueAt}, intercepted_at = ${entry.interceptedAt}, calls = ${entry.calls}, new_labels = ${entry.newLabels}
    where order_id = ${call.orderId} and shipment_id = ${call.shipmentId}`.execute(tx)

const answerOf = async <Value>(
  tx: Database,
  key: string | undefined,
): Promise<{ readonly answer: Value } | undefined> => {
  if (key === undefined) return undefined
  // The carrier wrote it down itself, under a key that belongs to one kind of call.
  const { rows } = await sql<{ answer: Value }>`select answer from sandbox.carrier_answers where key = ${key}`.execute(
    tx,
  )
  return rows[0]
}

const keepAnswer = async (tx: Database, key: string | undefined, answer: unknown): Promise<void> => {
  if (key === undefined) return
  await sql`insert into sandbox.carrier_answers (key, answer) values (${key}, ${JSON.stringify(answer)}::jsonb)`.execute(
    tx,
  )
}

/** A carrier that cannot be reached is away, as a real one is; what it did meanwhile nobody knows. */
const away = () =>
  new CallFailed('expected the sandbox carrier to answer, it is away', 'unknown', {
    ...{ trouble: 'outage', retryAfterMs: 1_000 },
  })

/**
 * The sandbox carrier's book, in the schema `sandbox`. It has connections and transactions of its own: as with a real carrier,
 * what a call did stays done when the caller's transaction fails.
 */
export const openSandboxBook = (
  url: string,
  onError: (error: Error) => void,
): { readonly book: CarrierBook; readonly close: () => Promise<void> } => {
  const database = openDatabase(url, { maxConnections: 2, onError })
  const turn = async <Value>(
    call: CarrierCall,
    key: string | undefined,
    take: (entry: BookEntry, now: Date) => Turn<Value>,
  ): Promise<Value> => {
    const turned = database.transaction().execute(async (tx) => {
      const entry = await readEntry(tx, call)
      const known = await answerOf<Value>(tx, key)
      if (known !== undefined) return known
      const taken = take(entry, new Date())
      await writeEntry(tx, call, taken.entry)
      if ('answer' in taken) await keepAnswer(tx, key, taken.answer)
      return taken
    })
    const outcome = await turned.catch((error: unknown) => {
      throw isInfrastructureError(error) ? away() : error
    })
    if ('answer' in outcome) return outcome.answer
    throw new Error(outcome.error)
  }
  return { book: { turn }, close: () => database.destroy() }
}
