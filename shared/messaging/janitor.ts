import type { Database } from '@countermand/database'
import type { Logger, Metrics } from '@countermand/telemetry'
import { sql } from 'kysely'

/** How long the topics keep messages; nothing older than that can come again. Kafka's default retention is seven days. */
const topicRetentionMs = 7 * 86_400_000
const outboxKeptMs = 6 * 3_600_000
const everyMs = 10 * 60_000
const measureEveryMs = 5_000

/** Forgets what can have no duplicate any more, and measures what waits. */
export const startJanitor = (options: {
  readonly database: Database
  /** Milliseconds. */
  readonly refundPatience: number
  readonly metrics: Metrics
  readonly log: Logger
}): { stop(): void } => {
  const { database, log } = options
  const waiting = options.metrics.gauge({
    name: 'countermand_outbox_waiting',
    help: 'Rows of the outbox not published yet',
  })
  const age = options.metrics.gauge({
    name: 'countermand_outbox_age_seconds',
    help: 'Age of the oldest row of the outbox that is not published',
  })

  const sweep = async () => {
    const kept = (topicRetentionMs + options.refundPatience) / 1000
    await sql`delete from outbox where published_at < now() - make_interval(secs => ${outboxKeptMs / 1000})`.execute(
      database,
    )
    await sql`delete from inbox where received_at < now() - make_interval(secs => ${kept})`.execute(database)
    await sql`delete from steps where received_at < now() - make_interval(secs => ${kept})`.execute(database)
  }
  const measure = async () => {
    const { rows } = await sql<{ count: number; age: number }>`
      select count(*) as count, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as age from outbox where published_at is null`.execute(
      database,
    )
    waiting.set(rows[0]?.count ?? 0)
    age.set(rows[0]?.age ?? 0)
  }
  const quietly = (work: () => Promise<void>) => () =>
    void work().catch((error: unknown) => log.debug({ err: error }, 'the janitor tries again later'))
  const timers = [setInterval(quietly(sweep), everyMs), setInterval(quietly(measure), measureEveryMs)]
  for (const timer of timers) timer.unref()
  return { stop: () => timers.forEach(clearInterval) }
}
