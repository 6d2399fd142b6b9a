import { createHash } from 'node:crypto'
import type { Database, DatabaseTransaction } from '@countermand/database'
import type { Change, Store } from '@countermand/service'
import { sql } from 'kysely'
import { cancellationOf } from '../decide/cancellation.ts'
import { nothingHeard } from '../decide/follow.ts'
import { type Case, heardTypes, type Told } from '../state.ts'
import { type Counted, saveCounts } from './counts.ts'
import { recordDeeds } from './deeds.ts'
import { keepFeedback } from './feedback.ts'
import { cases } from './migrations/0001-cases.ts'
import { keys } from './migrations/0002-keys.ts'
import { lists } from './migrations/0003-lists.ts'
import { links } from './migrations/0004-links.ts'
import { webhooks } from './migrations/0005-webhooks.ts'
import { letters } from './migrations/0006-letters.ts'
import { staff } from './migrations/0007-staff.ts'
import { staffWork } from './migrations/0008-staff-work.ts'
import { receipts } from './migrations/0009-receipts.ts'
import { widget } from './migrations/0010-widget.ts'
import { whoseOrders } from './migrations/0011-whose-orders.ts'
import { takenForms } from './migrations/0012-taken-forms.ts'
import { told } from './migrations/0013-told.ts'
import { operations } from './migrations/0014-operations.ts'
import { counts } from './migrations/0015-counts.ts'
import { providerSessions } from './migrations/0016-provider-sessions.ts'
import { keepAnswers, operationsById, saveOperations } from './operations.ts'
import { postReceipts } from './receipts.ts'
import { orderRow, toldRow } from './rows.ts'
import { matchStatements } from './statements.ts'
import { queue, type Telling } from './webhooks.ts'

const toldOf = async (
  database: Database | DatabaseTransaction,
  orderIds: readonly string[],
): Promise<Map<string, Map<string, Told[]>>> => {
  const { rows } = await sql`
    select order_id as "orderId", request_id as "requestId", position, key, type, at, data from story
    where order_id = any(${[...orderIds]}::text[]) order by order_id, request_id, position`.execute(database)
  const byOrder = new Map<string, Map<string, Told[]>>()
  for (const row of rows) {
    const { orderId, requestId, position: _, ...told } = toldRow.parse(row)
    const byRequest = byOrder.get(orderId) ?? new Map<string, Told[]>()
    byRequest.set(requestId, [...(byRequest.get(requestId) ?? []), told])
    byOrder.set(orderId, byRequest)
  }
  return byOrder
}

/** What is known of these orders; absent: nothing is. */
export const load = async (
  database: Database | DatabaseTransaction,
  orderIds: readonly string[],
): Promise<Map<string, Case>> => {
  const { rows } = await sql`
    select order_id as "orderId", version, placed, parcels from orders
    where order_id = any(${[...orderIds]}::text[])`.execute(database)
  const told = await toldOf(database, orderIds)
  const heard = new Map<string, Case>(
    [...told].map(([orderId, byRequest]) => [orderId, { parcels: [], told: byRequest }]),
  )
  for (const row of rows) {
    const { orderId, version, placed, parcels } = orderRow.parse(row)
    const order = version === null || placed === null ? undefined : { version, placed }
    heard.set(orderId, { order, parcels, told: told.get(orderId) ?? new Map() })
  }
  for (const operation of await operationsById(database, orderIds))
    heard.set(operation.operationId, { ...(heard.get(operation.operationId) ?? nothingHeard), operation })
  return heard
}

const saveOrders = async (tx: DatabaseTransaction, changes: readonly Change<Case>[]): Promise<void> => {
  const rows = changes
    .filter(({ before, after }) => before?.order !== after.order || before?.parcels !== after.parcels)
    .filter(({ after: { order, parcels } }) => order !== undefined || parcels.length > 0)
    .map(({ orderId, after: { order, parcels } }) => ({
      ...{ orderId, parcels, version: order?.version ?? null, placed: order?.placed ?? null },
      ...{ merchantId: order?.placed.merchantId ?? null, customerId: order?.placed.customerId ?? null },
      placedAt: order?.placed.placedAt ?? null,
    }))
  if (rows.length === 0) return
  await sql`
    insert into orders (order_id, version, placed, merchant_id, customer_id, placed_at, parcels)
    select "orderId", version, placed, "merchantId", "customerId", "placedAt", parcels
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as each("orderId" text, version int, placed jsonb,
      "merchantId" text, "customerId" text, "placedAt" timestamptz, parcels jsonb)
    on conflict (order_id) do update set version = excluded.version, placed = excluded.placed,
      merchant_id = excluded.merchant_id, customer_id = excluded.customer_id, placed_at = excluded.placed_at,
      parcels = excluded.parcels, heard_at = now()`.execute(tx)
}

interface Grown {
  readonly orderId: string
  readonly requestId: string
  readonly before: number
  readonly told: readonly Told[]
  readonly was: Case | undefined
  readonly of: Case
}

/** The requests of which something new was told, be it whose order they are of. */
const grownIn = ({ orderId, before, after }: Change<Case>): Grown[] =>
  [...after.told].flatMap(([requestId, told]) => {
    const known = before?.told.get(requestId)?.length ?? 0
    return told.length > known || before?.order !== after.order
      ? [{ orderId, requestId, before: known, told, was: before, of: after }]
      : []
  })

const saveStory = async (tx: DatabaseTransaction, grown: readonly Grown[]): Promise<void> => {
  const rows = grown.flatMap(({ orderId, requestId, before, told }) =>
    told.slice(before).map((each, index) => ({ orderId, requestId, position: before + index + 1, ...each })),
  )
  if (rows.length === 0) return
  await sql`
    insert into story (order_id, request_id, position, key, type, at, data)
    select "orderId", "requestId", position, key, type, at, data
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as each("orderId" text, "requestId" text, position int,
      key text, type text, at text, data jsonb)`.execute(tx)
}

/** A request of an order that was sent from here says no merchant yet: the order does. */
const rowOf = ({ orderId, requestId, told, of: { order } }: Grown) => {
  const content = cancellationOf(orderId, requestId, told)
  if (content === undefined) return []
  const { merchantId = order?.placed.merchantId, customerId = order?.placed.customerId } = content
  return [
    {
      ...{ orderId, requestId, merchantId, customerId, version: told.length },
      ...{ askedAt: content.askedAt, stage: content.stage, outcome: content.outcome ?? null },
      ...{ decideBy: content.awaiting?.decideBy ?? null, needsAttention: content.attention !== undefined },
      content: {
        ...content,
        ...(merchantId !== undefined && { merchantId }),
        ...(customerId !== undefined && { customerId }),
      },
    },
  ]
}

type Row = ReturnType<typeof rowOf>[number]

/** Whose the order is, as far as it is known: some requests say it, and some orders. */
const merchantOf = (orderId: string, requestId: string, told: readonly Told[], order: Case['order']) =>
  cancellationOf(orderId, requestId, told)?.merchantId ?? order?.placed.merchantId

/**
 * What webhooks tell of what was heard: the event as it was, its id made of what it says, so that it is the same one whoever sent it.
 * Once it is known whose order it is, that merchant's endpoints are told also of what came before.
 */
const tellingsOf = ({ orderId, requestId, before, told, was, of }: Grown): Telling[] => {
  const merchantId = merchantOf(orderId, requestId, told, of.order)
  const isNewlyKnown =
    merchantId !== undefined && merchantOf(orderId, requestId, told.slice(0, before), was?.order) === undefined
  return told.flatMap(({ key, type, at, data }, position) => {
    const isNew = position >= before
    if (!isNew && !isNewlyKnown) return []
    const heard = heardTypes.find((each) => each === type)
    if (heard === undefined) return []
    const digest = createHash('sha256')
      .update(JSON.stringify([orderId, requestId, key]))
      .digest('hex')
    const body = JSON.stringify({ type, timestamp: at, data })
    return [{ orderId, merchantId, isNew, eventId: `evt_${digest.slice(0, 32)}`, type: heard, body }]
  })
}

const saveCancellations = async (tx: DatabaseTransaction, rows: readonly Row[]): Promise<void> => {
  if (rows.length === 0) return
  await sql`
    insert into cancellations (order_id, request_id, merchant_id, customer_id, asked_at, stage, outcome, decide_by,
      needs_attention, version, content)
    select "orderId", "requestId", "merchantId", "customerId", "askedAt", stage, outcome, "decideBy", "needsAttention", version, content
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as each("orderId" text, "requestId" text, "merchantId" text,
      "customerId" text, "askedAt" timestamptz, stage text, outcome text, "decideBy" timestamptz, "needsAttention" boolean,
      version int, content jsonb)
    on conflict (order_id, request_id) do update set merchant_id = excluded.merchant_id, customer_id = excluded.customer_id,
      asked_at = excluded.asked_at, stage = excluded.stage, outcome = excluded.outcome, decide_by = excluded.decide_by,
      needs_attention = excluded.needs_attention, version = excluded.version, content = excluded.content, heard_at = now()`.execute(
    tx,
  )
}

const givenIn = ({ after }: Change<Case>) =>
  (after.feedback ?? []).map((each) => ({ ...each, told: after.told.get(each.requestId) ?? [], of: after }))

/** Each request once, with what its customer thinks of it, where they say so now. */
const countedIn = (grown: readonly Counted[], given: ReturnType<typeof givenIn>): Counted[] => {
  const all = [...grown, ...given].map((each): [string, Counted] => [
    JSON.stringify([each.orderId, each.requestId]),
    each,
  ])
  return [...new Map(all).values()]
}

/** The cases of orders. */
export const store: Store<Case> = {
  migrations: {
    ...{
      '0001-cases': cases,
      '0002-keys': keys,
      '0003-lists': lists,
      '0004-links': links,
      '0005-webhooks': webhooks,
      '0006-letters': letters,
      '0007-staff': staff,
      '0008-staff-work': staffWork,
      '0009-receipts': receipts,
      '0010-widget': widget,
      '0011-whose-orders': whoseOrders,
      '0012-taken-forms': takenForms,
      '0013-told': told,
      '0014-operations': operations,
      '0015-counts': counts,
      '0016-provider-sessions': providerSessions,
    },
  },
  load: (tx, { orderIds }) => load(tx, orderIds),
  save: async (tx, changes, free) => {
    await keepAnswers(
      tx,
      free.flatMap(({ type, data }) => (type === 'operation.answered.v1' ? [data] : [])),
    )
    await saveOrders(tx, changes)
    await saveOperations(
      tx,
      changes.flatMap(({ before, after: { operation } }) =>
        operation === undefined || operation === before?.operation ? [] : [operation],
      ),
    )
    const deeds = changes.flatMap(({ after }) => after.deeds ?? [])
    await recordDeeds(tx, deeds)
    await matchStatements(tx, deeds)
    const grown = changes.flatMap(grownIn)
    await saveStory(tx, grown)
    await saveCancellations(tx, grown.flatMap(rowOf))
    const given = changes.flatMap(givenIn)
    for (const each of given) await keepFeedback(tx, each)
    await saveCounts(tx, countedIn(grown, given))
    await queue(tx, grown.flatMap(tellingsOf))
    await postReceipts(tx, grown, new Date().toISOString())
    return undefined
  },
  heard: ({ order }) => order !== undefined,
  versionOf: ({ order }) => order?.version ?? 1,
}
