import { createHash } from 'node:crypto'
import type { DifferenceResolved, ReconciliationAsked } from '@countermand/contracts'
import { exactly } from '@countermand/contracts/exactly.ts'
import { type Database, type DatabaseTransaction, openDatabase } from '@countermand/database'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { insertRows } from '@countermand/service/outbox-rows.ts'
import { sql } from 'kysely'
import { z } from 'zod'
import type { ListedFee, ListedRefund, Span } from '../channels/channel.ts'
import { postFee, postWord, type Word } from '../ledger/differences.ts'
import type { Posting } from '../ledger/posting.ts'
import { type Booked, type Difference, differenceKinds, type Paid, type Said } from '../reconcile/compare.ts'
import { accountsOf, type OrderPosting, saveAccounts, savePostings } from './ledger.ts'
import { claim } from './rows.ts'

/** What was asked to be compared with providers, what our books have of it, what differed and what became of it. */

const json = (rows: unknown) => sql`${JSON.stringify(rows)}::jsonb`
const instant = z.date().transform((date) => date.toISOString())
const orNothing = z
  .string()
  .nullable()
  .transform((text) => text ?? undefined)

/** One that is to be made, by whoever has its lease. */
export interface Asked {
  readonly reconciliationId: string
  /** Absent: of all accounts. */
  readonly account: string | undefined
  readonly span: Span
  readonly dryRun: boolean
  readonly by: string
  /** Accounts whose result is there. */
  readonly done: readonly string[]
}

const askedRow = z
  .object({
    reconciliation_id: z.string(),
    account: orNothing,
    from_at: instant,
    to_at: instant,
    dry_run: z.boolean(),
    by: z.string(),
    done: z.array(z.string()),
  })
  .transform(
    (row): Asked => ({
      ...{ reconciliationId: row.reconciliation_id, account: row.account, by: row.by },
      ...{ span: { from: row.from_at, to: row.to_at }, dryRun: row.dry_run, done: row.done },
    }),
  )

/** What came of an account. */
export interface Result {
  readonly account: string
  readonly listed: number
  readonly matched: number
  readonly inFlight: number
  readonly others: number
  readonly fees: readonly { readonly amount: number; readonly currency: string }[]
  /** Up to when the provider's list had all, where that was before the end of the span. */
  readonly until?: string
  /** All that were found, whether they were known or not, but for those that somebody has resolved. */
  readonly differences: readonly (Difference & { readonly differenceId: string })[]
}

/** Those that were asked for; the same again is the same. */
export const saveAsked = async (tx: DatabaseTransaction, asked: readonly ReconciliationAsked[]): Promise<void> => {
  for (const { reconciliationId, account = null, from, to, dryRun = false, by, at } of asked)
    await sql`insert into reconciliations (reconciliation_id, account, from_at, to_at, dry_run, by, asked_at)
      values (${reconciliationId}, ${account}, ${from}, ${to}, ${dryRun}, ${by}, ${at}) on conflict do nothing`.execute(
      tx,
    )
}

const differenceRow = z
  .object({
    difference_id: z.string(),
    account: z.string(),
    kind: z.enum(differenceKinds),
    order_id: orNothing,
    tender_id: orNothing,
    merchant_id: orNothing,
    refund_id: orNothing,
    provider_ref: orNothing,
    ours: exactly<Said>()(z.object({ amount: z.int(), currency: z.string(), state: z.string() })).nullable(),
    theirs: exactly<Said>()(z.object({ amount: z.int(), currency: z.string(), state: z.string() })).nullable(),
    at: instant,
    as_claim: z.boolean(),
    last: z.enum(['found', 'gone', 'resolved']).nullable(),
    words: z.int(),
  })
  .transform((row) => ({
    ...{ differenceId: row.difference_id, last: row.last ?? undefined, words: row.words },
    difference: {
      ...{ account: row.account, kind: row.kind, at: row.at, asClaim: row.as_claim },
      ...{ orderId: row.order_id, tenderId: row.tender_id, merchantId: row.merchant_id },
      ...{ refundId: row.refund_id, providerRef: row.provider_ref },
      ...{ ours: row.ours ?? undefined, theirs: row.theirs ?? undefined },
    } satisfies Difference,
  }))
type Known = z.infer<typeof differenceRow>

const withWords = sql`select differences.*, coalesce(number, 0) as words, word as last
  from differences left join lateral (
    select number, word from difference_words words where words.difference_id = differences.difference_id
    order by number desc limit 1) last on true`

/** Two reconciliations of an account, and a person's word, come one after the other. */
const inTurn = (tx: DatabaseTransaction) =>
  sql`select pg_advisory_xact_lock(hashtext('reconciliations'), 0)`.execute(tx)

interface Saying {
  readonly word: Word
  readonly by: string
  readonly at: string
  readonly reconciliationId?: string
  readonly reason?: string
}

const post = async (tx: DatabaseTransaction, postings: readonly Posting[]): Promise<void> => {
  const all: OrderPosting[] = postings.map((posting) => ({ orderId: undefined, posting }))
  await saveAccounts(tx, accountsOf(all))
  await savePostings(tx, all)
}

/** Says the same of each, and posts what moves with it. */
const say = async (tx: DatabaseTransaction, all: readonly Known[], saying: Saying, isPosted = true): Promise<void> => {
  const { word, by, at, reconciliationId, reason } = saying
  const rows = all.map(({ differenceId: difference_id, words }) => ({
    ...{ difference_id, number: words + 1, word, by, at, reconciliation_id: reconciliationId, reason },
  }))
  if (rows.length === 0) return
  await sql`insert into difference_words select * from jsonb_populate_recordset(null::difference_words, ${json(rows)})`.execute(
    tx,
  )
  if (!isPosted) return
  await post(
    tx,
    all.flatMap(({ differenceId, difference, words }) =>
      postWord(differenceId, difference, { word, at, number: words + 1 }),
    ),
  )
}

/** Whether the shop has said of it in another way, so that its claim is not in suspense any more. */
const isToldOtherwise = async (tx: DatabaseTransaction, { difference }: Known): Promise<boolean> => {
  const { asClaim, orderId = null, tenderId = null, providerRef } = difference
  if (!asClaim) return false
  const { rows } = await sql<{ claims: unknown }>`
    select claims from tenders where order_id = ${orderId} and tender_id = ${tenderId}`.execute(tx)
  const claims =
    z
      .array(claim)
      .nullable()
      .parse(rows[0]?.claims ?? null) ?? []
  return claims.some(({ ref, toldAs }) => ref === providerRef && toldAs !== undefined)
}

/** Somebody has found out why; of what is not open, or not known, nothing changes. */
export const saveResolved = async (tx: DatabaseTransaction, resolved: readonly DifferenceResolved[]): Promise<void> => {
  if (resolved.length === 0) return
  await inTurn(tx)
  for (const { differenceId, by, reason, at } of resolved) {
    const { rows } =
      await sql`${withWords} where differences.difference_id = ${differenceId} and word = 'found'`.execute(tx)
    const [known] = z.array(differenceRow).parse(rows)
    if (known === undefined) continue
    const isPosted = !(await isToldOtherwise(tx, known))
    await say(tx, [known], { word: 'resolved', by, reason, at }, isPosted)
  }
}

/**
 * The same account, kind and refund are the same difference, whenever it is found. What nobody could claim of a tender is another one than
 * what somebody has: the first is in suspense by itself, and is gone when the second is found.
 */
const idOf = ({ account, kind, refundId, providerRef, asClaim, orderId }: Difference): string => {
  const isNobodys = !asClaim && orderId === undefined
  const digest = createHash('sha256')
    .update(JSON.stringify([account, kind, refundId ?? '', providerRef ?? '', ...(isNobodys ? ['nobody'] : [])]))
    .digest('hex')
  return `dif_${digest.slice(0, 24)}`
}

export const withIds = (found: readonly Difference[]): Result['differences'] =>
  found.map((difference) => ({ differenceId: idOf(difference), ...difference }))

const toRow = ({ differenceId, ...difference }: Result['differences'][number]) => ({
  ...{ difference_id: differenceId, account: difference.account, kind: difference.kind, at: difference.at },
  ...{ order_id: difference.orderId, tender_id: difference.tenderId, merchant_id: difference.merchantId },
  ...{ refund_id: difference.refundId, provider_ref: difference.providerRef, ours: difference.ours },
  ...{ theirs: difference.theirs, as_claim: difference.asClaim },
})

/** Fees that are not posted yet. */
const newFees = async (tx: DatabaseTransaction, postings: readonly Posting[]): Promise<readonly Posting[]> => {
  const { rows } = await sql<{ posting_id: string }>`
    select posting_id from postings where posting_id = any(${postings.map(({ postingId }) => postingId)}::text[])`.execute(
    tx,
  )
  const known = new Set(rows.map((row) => row.posting_id))
  return postings.filter(({ postingId }) => !known.has(postingId))
}

/** What was found of an account, with what is told of it. */
export interface Findings {
  readonly result: Result
  readonly fees: readonly ListedFee[]
  readonly at: string
  /** Up to when the provider's list has all: what is known of later is not gone for its not being found. */
  readonly until: string
  /** Said once of each difference that is new, or found again. */
  tell(difference: Difference): OutgoingMessage[]
  readonly messages: readonly OutgoingMessage[]
}

const openIn = async (
  tx: DatabaseTransaction,
  account: string,
  { from, to }: Span,
  until: string,
): Promise<readonly Known[]> => {
  const { rows } = await sql`${withWords}
    where differences.account = ${account} and at >= ${from} and at < ${to} and at < ${until} and word = 'found'`.execute(
    tx,
  )
  return z.array(differenceRow).parse(rows)
}

const knownOf = async (tx: DatabaseTransaction, { differences }: Result): Promise<readonly Known[]> => {
  const ids = differences.map(({ differenceId }) => differenceId)
  const { rows } = await sql`${withWords} where differences.difference_id = any(${ids}::text[])`.execute(tx)
  return z.array(differenceRow).parse(rows)
}

/** Those that nobody has found out about. */
const open = async (tx: DatabaseTransaction, result: Result): Promise<Result> => {
  const known = new Map((await knownOf(tx, result)).map(({ differenceId, last }) => [differenceId, last]))
  return {
    ...result,
    differences: result.differences.filter(({ differenceId }) => known.get(differenceId) !== 'resolved'),
  }
}

const keep = async (
  tx: DatabaseTransaction,
  { reconciliationId, span, by }: Asked,
  findings: Findings,
): Promise<void> => {
  const { result, fees, at, until } = findings
  await inTurn(tx)
  await sql`insert into differences select * from jsonb_populate_recordset(null::differences, ${json(result.differences.map(toRow))})
    on conflict do nothing`.execute(tx)
  const known = await knownOf(tx, result)
  const news = known.filter(({ last }) => last === undefined || last === 'gone')
  const before = await openIn(tx, result.account, span, until)
  const found = new Set(result.differences.map(({ differenceId }) => differenceId))
  const gone = before.filter(({ differenceId }) => !found.has(differenceId))
  await say(tx, news, { word: 'found', by, at, reconciliationId })
  await say(tx, gone, { word: 'gone', by, at, reconciliationId })
  await post(
    tx,
    await newFees(
      tx,
      fees.map((fee) => postFee(result.account, fee)),
    ),
  )
  const told = news.flatMap(({ difference }) => findings.tell(difference))
  await insertRows(tx, 'reconciliation', [...told, ...findings.messages])
}

const bookedRow = z
  .object({
    ...{ refund_id: z.string(), idempotency_key: z.string(), order_id: z.string(), tender_id: z.string() },
    ...{ merchant_id: orNothing, amount: z.int(), currency: z.string(), provider_ref: orNothing },
    destination: z.enum(['original', 'store-credit', 'gift-card', 'bank-transfer', 'none']),
    state: z.enum(['planned', 'submitted', 'pending', 'succeeded', 'failed', 'reversed']),
    first_asked_at: instant.nullable(),
    settled_at: instant.nullable(),
    moved_at: instant.nullable(),
    account: orNothing,
  })
  .transform(
    (row): Booked => ({
      ...{ refundId: row.refund_id, idempotencyKey: row.idempotency_key, orderId: row.order_id },
      ...{ tenderId: row.tender_id, merchantId: row.merchant_id, amount: row.amount, currency: row.currency },
      ...{ destination: row.destination, state: row.state, providerRef: row.provider_ref },
      ...{ firstAskedAt: row.first_asked_at ?? undefined, settledAt: row.settled_at ?? undefined },
      ...{ movedAt: row.moved_at ?? undefined, account: row.account },
    }),
  )

const paidRow = z
  .object({
    ...{ order_id: z.string(), tender_id: z.string(), merchant_id: orNothing, payment_ref: z.string() },
    ...{ currency: z.string(), account: orNothing, claims: z.array(claim).nullable() },
  })
  .transform(
    (row): Paid => ({
      ...{ orderId: row.order_id, tenderId: row.tender_id, merchantId: row.merchant_id },
      ...{ paymentRef: row.payment_ref, currency: row.currency, account: row.account },
      claims: row.claims ?? [],
    }),
  )

/** What our books have of an account that was asked for in a span of time, and of whatever its provider lists. */
const readBooks = async (
  database: Database,
  { account, route, span: { from, to } }: { readonly account: string; readonly route: string; readonly span: Span },
  listed: readonly ListedRefund[],
): Promise<{ readonly booked: readonly Booked[]; readonly paid: readonly Paid[] }> => {
  const names = listed.flatMap(({ askedAs, providerRef }) => [providerRef, ...(askedAs === undefined ? [] : [askedAs])])
  const payments = [...new Set(listed.flatMap(({ paymentRefs }) => paymentRefs))]
  const booked = await sql`
    with named as materialized (
      select order_id, refund_id from refunds where refund_id = any(${names}::text[])
      union select order_id, refund_id from refunds where idempotency_key = any(${names}::text[])
      union select order_id, refund_id from refunds where provider_ref = any(${names}::text[])),
    ours as materialized (
      select order_id, refund_id from refunds
        where state in ('submitted', 'pending', 'succeeded') and first_asked_at >= ${from} and first_asked_at < ${to})
    select refund_id, idempotency_key, order_id, tender_id, merchant_id, amount, refunds.currency, destination, state,
      provider_ref, first_asked_at, moved.settled_at, moved.moved_at, tenders.account
    from refunds join tenders using (order_id, tender_id) left join orders using (order_id)
      left join lateral (select max(at) as moved_at, max(at) filter (where event = 'succeeded') as settled_at from postings
        where postings.refund_id = refunds.refund_id and postings.order_id = refunds.order_id) moved on true
    where (order_id, refund_id) in (select * from named)
      or coalesce(tenders.account, tenders.channel) = ${account} and (order_id, refund_id) in (select * from ours)`.execute(
    database,
  )
  const paid = await sql`
    select order_id, tender_id, merchant_id, payment_ref, currency, tenders.account, claims from tenders join orders using (order_id)
    where channel = ${route} and payment_ref = any(${payments}::text[])`.execute(database)
  return { booked: z.array(bookedRow).parse(booked.rows), paid: z.array(paidRow).parse(paid.rows) }
}

/** What is asked for, for whoever does it: with connections of its own, for it belongs to no order. */
export const openReconciliations = (
  databaseUrl: string,
  { token, leaseMs, onError }: { readonly token: string; readonly leaseMs: number; onError(error: Error): void },
) => {
  const database = openDatabase(databaseUrl, { maxConnections: 2, onError })
  const lease = () => new Date(Date.now() + leaseMs)
  return {
    /** The next one that nobody does. */
    take: async (): Promise<Asked | undefined> => {
      const { rows } = await sql`
        update reconciliations set lease_token = ${token}, lease_until = ${lease()}
        where reconciliation_id = (
          select reconciliation_id from reconciliations where done_at is null and (lease_until is null or lease_until < now())
          order by asked_at limit 1 for update skip locked)
        returning *, jsonb_path_query_array(results, '$[*].account') as done`.execute(database)
      return rows[0] === undefined ? undefined : askedRow.parse(rows[0])
    },
    /** Which accounts it is about. */
    begin: async ({ reconciliationId }: Asked, accounts: readonly string[]): Promise<void> => {
      await sql`update reconciliations set accounts = ${json(accounts)} where reconciliation_id = ${reconciliationId}`.execute(
        database,
      )
    },
    /** Nobody else takes it meanwhile. */
    renew: async ({ reconciliationId }: Asked): Promise<void> => {
      await sql`update reconciliations set lease_until = ${lease()}
        where reconciliation_id = ${reconciliationId} and lease_token = ${token}`.execute(database)
    },
    readBooks: (of: Parameters<typeof readBooks>[1], listed: readonly ListedRefund[]) =>
      readBooks(database, of, listed),
    /** What was found of its next account; a dry run only says so. */
    save: (asked: Asked, findings: Findings): Promise<void> =>
      database.transaction().execute(async (tx) => {
        if (!asked.dryRun) await keep(tx, asked, findings)
        const result = await open(tx, findings.result)
        const { numAffectedRows } = await sql`
          update reconciliations set results = results || ${json([result])}, lease_until = ${lease()}
          where reconciliation_id = ${asked.reconciliationId} and lease_token = ${token}`.execute(tx)
        if (numAffectedRows !== 1n)
          throw new Error(`reconciliation ${asked.reconciliationId} is somebody else's by now`)
      }),
    /** It is over; `error`: why it could not be made to its end. */
    end: async ({ reconciliationId }: Asked, error?: string): Promise<void> => {
      await sql`update reconciliations set done_at = now(), error = ${error ?? null}
        where reconciliation_id = ${reconciliationId} and lease_token = ${token}`.execute(database)
    },
    close: () => database.destroy(),
  }
}

export type Reconciliations = ReturnType<typeof openReconciliations>
