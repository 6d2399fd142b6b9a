import type { Database } from '@countermand/database'
import type { Logger } from '@countermand/telemetry'
import { sql } from 'kysely'

/** How long the topics keep messages; nothing older than that can come again. Kafka's default retention is seven days. */
const topicRetentionMs = 7 * 86_400_000
const outboxKeptMs = 6 * 3_600_000
const everyMs = 10 * 60_000

/** Forgets what can have no duplicate any more. */
export const startJanitor = (options: {
  readonly database: Database
  /** Milliseconds. */
  readonly refundPatience: number
  readonly log: Logger
}): { stop(): void } => {
  const { database, log } = options
  const sweep = async () => {
    const kept = (topicRetentionMs + options.refundPatience) / 1000
    await sql`delete from outbox where published_at < now() - make_interval(secs => ${outboxKeptMs / 1000})`.execute(
      database,
    )
    await sql`delete from inbox where received_at < now() - make_interval(secs => ${kept})`.execute(database)
    await sql`delete from steps where received_at < now() - make_interval(secs => ${kept})`.execute(database)
  }
  const timer = setInterval(
    () => void sweep().catch((error: unknown) => log.debug({ err: error }, 'the janitor tries again later')),
    everyMs,
  ).unref()
  return { stop: () => clearInterval(timer) }
}
