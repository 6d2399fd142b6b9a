import { keptMs, mayComeAgainMs } from '@countermand/contracts'
import type { Database, DatabaseTransaction } from '@countermand/database'
import type { Logger } from '@countermand/telemetry'
import { type RawBuilder, sql } from 'kysely'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** What is kept of the kit's tables, in milliseconds, and from when. What may come again follows from what the topics keep. */
export const forgottenAfterMs = {
  /** Since it was published. */
  outbox: 6 * hourMs,
  /** Since an event came: half a day more than its topic has it. */
  event: mayComeAgainMs(keptMs.work) + dayMs / 2,
  /** Since a dead letter was written. */
  letter: keptMs.deadLetters + dayMs,
  /** Since the end of a request: its commands may be among the dead letters, and are read for a while once they are redriven. */
  ended: mayComeAgainMs(keptMs.deadLetters) + mayComeAgainMs(keptMs.work),
  /**
   * Since a request was last heard of, where nobody knows whether it has ended. No topic, and no dead letter, brings a command of that age
   * again; what comes later (a person's decision about a saga that was parked for two years, a refund that its bank turns back) comes in a
   * round of its own, and is decided by the service's own state, which is kept for ever. So this bounds a table, and nobody's rights.
   */
  silent: 400 * dayMs,
} as const

/** Requests that ended before a time, as a query of `order_id` and `request_id`. */
export type EndedRequests = (before: Date) => RawBuilder<unknown>

const batchRows = 5_000
const everyMs = 10 * 60_000

/** Deletes at most a batch; gives back how many rows that were. */
type Deletion = (tx: DatabaseTransaction) => Promise<number>

const countOf = ({ numAffectedRows }: { readonly numAffectedRows?: bigint }): number => Number(numAffectedRows ?? 0)

const outbox =
  (before: Date): Deletion =>
  async (tx) =>
    countOf(
      await sql`delete from outbox where id in (
        select id from outbox where published_at < ${before} order by published_at limit ${batchRows})`.execute(tx),
    )

const inbox =
  (kind: 'event' | 'letter', before: Date): Deletion =>
  async (tx) => {
    const isKind = kind === 'letter' ? sql`source = 'dead-letter'` : sql`source <> 'dead-letter'`
    return countOf(
      await sql`delete from inbox where (source, id) in (
        select source, id from inbox where received_at < ${before} and ${isKind}
        order by received_at limit ${batchRows})`.execute(tx),
    )
  }

// All rows of a request or none: what is left of one would be an answer without its tombstone, or a tombstone without its do.
const steps =
  (before: Date, over: RawBuilder<unknown>): Deletion =>
  async (tx) =>
    countOf(
      await sql`
        with over as materialized (
          select distinct order_id, request_id from (
            select old.order_id, old.request_id from steps old
            where old.received_at < ${before} and ${over}
              and not exists (select from steps young
                where young.order_id = old.order_id and young.request_id = old.request_id
                  and (young.received_at >= ${before} or young.answered_at >= ${before}
                    or (young.answer is null and young.command is not null)))
            order by old.received_at limit ${batchRows}) found)
        delete from steps using over where steps.order_id = over.order_id and steps.request_id = over.request_id`.execute(
        tx,
      ),
    )

const deletions = (now: Date, ended: EndedRequests | undefined): Deletion[] => {
  const ago = (ms: number) => new Date(now.getTime() - ms)
  const known = ended?.(ago(forgottenAfterMs.ended))
  return [
    outbox(ago(forgottenAfterMs.outbox)),
    inbox('event', ago(forgottenAfterMs.event)),
    inbox('letter', ago(forgottenAfterMs.letter)),
    ...(known === undefined
      ? []
      : [steps(ago(forgottenAfterMs.ended), sql`(old.order_id, old.request_id) in (${known})`)]),
    steps(ago(forgottenAfterMs.silent), sql`true`),
  ]
}

/** Undefined: another process's janitor is at work. */
const inTurn = (database: Database, deletion: Deletion): Promise<number | undefined> =>
  database.transaction().execute(async (tx) => {
    const lock = await sql<{ got: boolean }>`
      select pg_try_advisory_xact_lock(hashtext('countermand-janitor'), 0) as got`.execute(tx)
    return lock.rows[0]?.got === true ? deletion(tx) : undefined
  })

/**
 * Forgets what can have no duplicate any more, in batches, each in a transaction of its own. Gives back how many rows it deleted; it leaves
 * off when another process does the same, or when the signal aborts.
 */
export const forget = async (options: {
  readonly database: Database
  readonly now: Date
  readonly ended?: EndedRequests | undefined
  readonly signal?: AbortSignal
}): Promise<number> => {
  let rows = 0
  for (const deletion of deletions(options.now, options.ended)) {
    for (let last = batchRows; last >= batchRows && options.signal?.aborted !== true; ) {
      const deleted = await inTurn(options.database, deletion)
      if (deleted === undefined) return rows
      rows += deleted
      last = deleted
    }
  }
  return rows
}

/** Forgets now and then. */
export const startJanitor = (options: {
  readonly database: Database
  readonly ended?: EndedRequests | undefined
  readonly log: Logger
}): { stop(): Promise<void> } => {
  const { database, ended, log } = options
  const stopped = new AbortController()
  let working: Promise<void> | undefined
  const work = () =>
    forget({ database, ended, now: new Date(), signal: stopped.signal }).then(
      (rows) => log.debug({ rows }, 'the janitor has forgotten what is over'),
      (error: unknown) => log.debug({ err: error }, 'the janitor tries again later'),
    )
  const timer = setInterval(() => {
    working ??= work().finally(() => {
      working = undefined
    })
  }, everyMs).unref()
  return {
    stop: async () => {
      clearInterval(timer)
      stopped.abort()
      await working
    },
  }
}
