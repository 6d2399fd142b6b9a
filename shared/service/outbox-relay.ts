import type { Database } from '@countermand/database'
import { keptHeaders } from '@countermand/kafka/headers.ts'
import type { Left } from '@countermand/kafka/last-resort.ts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { Publisher } from '@countermand/kafka/publisher.ts'
import { Unsendable } from '@countermand/kafka/unsendable.ts'
import { bytesFromText, textFromBytes } from '@countermand/kafka/wire-text.ts'
import type { Logger } from '@countermand/telemetry'
import { sql } from 'kysely'
import { takeLease } from './outbox-lease.ts'
import { createUndertaker } from './outbox-undertaker.ts'

/** Sends what is left over in the outbox: rows of processes that died, rows that could not be sent, and those behind them. */
export interface Relay {
  /** One round over all slots. Never rejects. `inFlight`: rows that this process is sending. */
  run(inFlight: readonly number[]): Promise<void>
  /** The round under way ends after the message at hand. */
  stop(): void
}

interface OutboxRow {
  id: number
  topic: string
  key: Buffer | null
  partition: number | null
  headers: Record<string, string>
  exact_headers: Buffer | null
  value: Buffer | null
  writer: string
  young: boolean
  age_ms: number
}

/** How long a row is left to the process that wrote it. */
const writersGraceMs = 5_000
const pageRows = 100
/** A row that could not be sent is tried again after a second, then after twice as long each time, up to this. */
const longestPauseMs = 60_000

/** A key as text, byte for byte. */
export const keyText = (key: Buffer | string | null): string =>
  typeof key === 'string' ? key : textFromBytes(key ?? Buffer.alloc(0))

const messageOf = ({ topic, key, value, headers, exact_headers, partition }: OutboxRow): OutgoingMessage => ({
  ...{ topic, key, value },
  ...keptHeaders(headers, exact_headers),
  ...(partition === null ? {} : { partition }),
})

interface Tries {
  readonly count: number
  /** Of the clock that only goes forward. */
  readonly nextAt: number
}

export const createRelay = (options: {
  readonly database: Database
  readonly publisher: Pick<Publisher, 'publish'>
  readonly service: string
  readonly writer: string
  readonly log: Logger
  readonly isInFlight: (id: number) => boolean
  /** Told of a dead letter that could not be sent whole. */
  readonly onReduced: (left: Left) => void
}): Relay => {
  const { database, publisher, writer, log, isInFlight } = options
  const undertaker = createUndertaker(options)
  const tries = new Map<number, Tries>()
  let stopped = false

  const lastId = async (slot: number): Promise<number> => {
    const { rows } = await sql<{ last: number }>`
      select coalesce(max(id), 0) as last from outbox where published_at is null and slot = ${slot}`.execute(database)
    return rows[0]?.last ?? 0
  }

  const page = async (
    slot: number,
    after: number,
    last: number,
    blocked: ReadonlySet<string>,
  ): Promise<OutboxRow[]> => {
    const { rows } = await sql<OutboxRow>`
      select id, topic, key, partition, headers, exact_headers, value, writer,
        created_at > now() - make_interval(secs => ${writersGraceMs / 1000}) as young,
        (extract(epoch from now() - created_at) * 1000)::float8 as age_ms
      from outbox
      where published_at is null and slot = ${slot} and id > ${after} and id <= ${last}
        and not (coalesce(key, '') = any(${[...blocked].map(bytesFromText)}::bytea[]))
      order by id limit ${pageRows}`.execute(database)
    return rows
  }

  const putOff = (row: OutboxRow, error: unknown) => {
    const count = (tries.get(row.id)?.count ?? 0) + 1
    tries.set(row.id, { count, nextAt: performance.now() + Math.min(1_000 * 2 ** (count - 1), longestPauseMs) })
    log.error({ err: error, row: row.id, topic: row.topic, attempt: count }, 'a row of the outbox cannot be published')
  }

  /** Whether the row is done with: sent, or buried. */
  const isDone = async (row: OutboxRow): Promise<boolean> => {
    const message = messageOf(row)
    try {
      await publisher.publish([message])
      return true
    } catch (error) {
      const attempts = (tries.get(row.id)?.count ?? 0) + 1
      if (error instanceof Unsendable && (await undertaker.isBuried(message, error, { attempts, ageMs: row.age_ms })))
        return true
      putOff(row, error)
      return false
    }
  }

  const mustWait = (row: OutboxRow): boolean =>
    isInFlight(row.id) || (row.writer !== writer && row.young) || (tries.get(row.id)?.nextAt ?? 0) > performance.now()

  const sendSlot = async (slot: number, held: () => boolean): Promise<void> => {
    const blocked = new Set<string>()
    // A row that is committed late lies behind us, and those of its key that came after it lie beyond: they are left to the next round.
    const last = await lastId(slot)
    for (let after = 0; ; ) {
      const rows = await page(slot, after, last, blocked)
      for (const row of rows) {
        if (stopped || !held()) return
        after = row.id
        const key = keyText(row.key)
        if (blocked.has(key)) continue
        // One at a time: a row that can never be sent holds up only its own key, and those behind it on other keys are looked at too.
        if (mustWait(row) || !(await isDone(row))) blocked.add(key)
        else {
          tries.delete(row.id)
          await sql`update outbox set published_at = now() where id = ${row.id}`.execute(database)
        }
      }
      if (rows.length < pageRows) return
    }
  }

  const relaySlot = async (slot: number): Promise<void> => {
    const lease = await takeLease(database, slot, writer)
    if (lease === undefined) return
    try {
      await sendSlot(slot, lease.held)
    } finally {
      await lease.release()
    }
  }

  return {
    run: async (inFlight) => {
      try {
        const { rows } = await sql<{ slot: number }>`
          select distinct slot from outbox where published_at is null and not (id = any(${[...inFlight]}::bigint[]))
            and (writer = ${writer} or created_at <= now() - make_interval(secs => ${writersGraceMs / 1000}))`.execute(
          database,
        )
        for (const { slot } of rows) if (!stopped) await relaySlot(slot)
      } catch (error) {
        log.warn({ err: error }, 'the relay could not work, it tries again')
      }
    },
    stop: () => {
      stopped = true
    },
  }
}
