import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { said } from '@countermand/contracts'
import type { Database } from '@countermand/database'
import type { Logger } from '@countermand/telemetry'
import { sql } from 'kysely'
import { z } from 'zod'
import type { AnyService } from './service.ts'
import { patienceKind } from './storage.ts'
import type { Transactor } from './transactor.ts'
import type { Work } from './work.ts'

/**
 * Runs tasks: the call outside of any transaction, then its result through the transactor. A task is leased while it runs; one whose process died
 * is taken over when the lease has passed.
 */
export interface Executor {
  start(): void
  /** Tasks were committed; the earliest is due at this time (ms since the epoch). */
  wake(earliestDue: number): void
  /** Takes no new tasks and waits for the running ones, at most `graceMs`. */
  stop(graceMs: number): Promise<void>
}

interface TaskRow {
  readonly id: string
  readonly order_id: string
  readonly kind: string
  readonly payload: unknown
  readonly attempts: number
  readonly traceparent: string | null
}

const leaseMs = 15_000
const renewEveryMs = 5_000
/** Looks this often for tasks of processes that died; its own wake it up. */
const sweepEveryMs = 5_000
const atOnce = 64

const patiencePayload = z.object({ messageId: z.string(), requestId: z.string().optional() })

export const createExecutor = <State>(options: {
  readonly definition: AnyService<State>
  readonly database: Database
  readonly transactor: () => Transactor<State>
  /** How often a task is tried that cannot be run at all: its kind is unknown, or its payload is none. */
  readonly attempts: number
  readonly log: Logger
}): Executor => {
  const { definition, database, log } = options
  const token = randomUUID()
  const running = new Set<string>()
  /** How often each task could not run here. */
  const failures = new Map<string, number>()
  const results: Work<State>[] = []
  let timer: NodeJS.Timeout | undefined
  let wakeAt = Number.POSITIVE_INFINITY
  let renewal: NodeJS.Timeout | undefined
  let draining: Promise<void> | undefined
  let claiming: Promise<void> | undefined
  let claimAgain = false
  let stopped = false

  const save = async (works: readonly Work<State>[]) => {
    for (let attempt = 0; ; attempt++) {
      try {
        return await options.transactor().transact(works)
      } catch (error) {
        log.warn({ err: error, tasks: works.length }, 'results of tasks could not be saved')
        // Their leases pass and they run again, elsewhere or later, with the same idempotency keys.
        if (stopped) return
        await sleep(Math.min(100 * 2 ** attempt, 2_000))
      }
    }
  }

  const drain = async () => {
    while (results.length > 0) {
      const works = results.splice(0)
      await save(works)
      for (const work of works)
        if ('taskId' in work) {
          running.delete(work.taskId)
          failures.delete(work.taskId)
        }
    }
    // In the very moment in which nothing waits: the next result starts it again, and is not left lying.
    draining = undefined
    claim()
  }

  const done = (work: Work<State>) => {
    results.push(work)
    draining ??= drain()
  }

  const run = async (row: TaskRow): Promise<void> => {
    const common = { taskId: row.id, orderId: row.order_id, token }
    if (row.kind === patienceKind) return done({ kind: 'patience', ...common, ...patiencePayload.parse(row.payload) })
    const handler = definition.tasks[row.kind]
    if (handler === undefined) throw new Error(`expected a task handler of ${definition.name}, got kind ${row.kind}`)
    const { kind, traceparent } = row
    done({
      kind: 'task',
      ...common,
      traceparent,
      decide: await handler.run(row.payload, row.order_id, { kind, traceparent }),
      failing: (error) => handler.failed(row.payload, error),
    })
  }

  /**
   * It is tried again when its lease has passed: in another process there may be the code that it was made by. Its attempts do not tell
   * how often it could not run: a task that looks every minute has hundreds of them.
   */
  const couldNotRun = (row: TaskRow, error: unknown) => {
    const times = (failures.get(row.id) ?? 0) + 1
    log.error({ err: error, task: row.id, kind: row.kind, times }, 'a task could not run')
    if (times < options.attempts) {
      failures.set(row.id, times)
      running.delete(row.id)
      return
    }
    const words = said(error instanceof Error ? error.message : String(error))
    done({ kind: 'broken-task', taskId: row.id, orderId: row.order_id, token, error: `task ${row.kind}: ${words}` })
  }

  const claimOnce = async () => {
    const room = atOnce - running.size
    if (room <= 0) return
    const now = new Date()
    const { rows } = await sql<TaskRow>`
      update tasks set lease_token = ${token}, lease_until = ${new Date(now.getTime() + leaseMs)}, attempts = attempts + 1
      where id in (select id from tasks where due_at <= ${now} and last_error is null and (lease_until is null or lease_until < ${now})
                   order by due_at limit ${room} for update skip locked)
      returning id, order_id, kind, payload, attempts, traceparent`.execute(database)
    for (const row of rows) {
      running.add(row.id)
      run(row).catch((error: unknown) => couldNotRun(row, error))
    }
    if (rows.length > 0) claimAgain ||= rows.length === room
    const next = await sql<{
      due: Date | null
    }>`select min(greatest(due_at, coalesce(lease_until, due_at))) as due from tasks where last_error is null`.execute(
      database,
    )
    const due = next.rows[0]?.due
    if (due) schedule(Math.max(due.getTime(), now.getTime() + 5))
  }

  const claim = () => {
    if (stopped) return
    claimAgain = true
    claiming ??= (async () => {
      while (claimAgain && !stopped) {
        claimAgain = false
        await claimOnce().catch((error: unknown) => log.warn({ err: error }, 'tasks could not be claimed'))
      }
      // Synchronously with the end of the loop: who wants a claim next must find nobody at work.
      claiming = undefined
    })()
  }

  const schedule = (at: number) => {
    if (stopped || at >= wakeAt) return
    wakeAt = at
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        wakeAt = Number.POSITIVE_INFINITY
        schedule(Date.now() + sweepEveryMs)
        claim()
      },
      Math.max(0, at - Date.now()),
    )
  }

  const renew = () => {
    if (running.size === 0) return
    // A task that somebody has locked is being settled: waiting for it, with others locked, would be a deadlock in the making.
    sql`update tasks set lease_until = ${new Date(Date.now() + leaseMs)} where id in (
          select id from tasks where lease_token = ${token} and id = any(${[...running]}::text[]) for update skip locked)`
      .execute(database)
      .catch((error: unknown) => log.warn({ err: error }, 'leases could not be renewed'))
  }

  return {
    start: () => {
      renewal = setInterval(renew, renewEveryMs)
      schedule(Date.now())
    },
    wake: (earliestDue) => {
      if (earliestDue <= Date.now()) claim()
      else schedule(earliestDue)
    },
    stop: async (graceMs) => {
      stopped = true
      clearTimeout(timer)
      const until = Date.now() + graceMs
      await claiming
      while (running.size > 0 && Date.now() < until) {
        await draining
        if (running.size > 0) await sleep(20)
      }
      clearInterval(renewal)
    },
  }
}
