import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { said } from '@countermand/contracts'
import type { Database } from '@countermand/database'
import type { Logger } from '@countermand/telemetry'
import { z } from 'zod'
import { createAlarm } from './alarm.ts'
import { claimTasks, nextDue, renewLeases, type TaskRow } from './claim-tasks.ts'
import { oneAtATime } from './one-at-a-time.ts'
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

const renewEveryMs = 5_000
/** Looks this often for tasks of processes that died; its own wake it up. */
const sweepEveryMs = 5_000

const patiencePayload = z.object({
  messageId: z.string(),
  requestId: z.string().optional(),
  arrived: z.boolean().optional(),
})

interface ExecutorOptions<State> {
  readonly definition: AnyService<State>
  readonly database: Database
  readonly transactor: () => Transactor<State>
  /** How often a task is tried that cannot be run at all: its kind is unknown, or its payload is none. */
  readonly attempts: number
  readonly log: Logger
}

/** The call of a task, and the work that its result is. */
const workOf = async <State>(definition: AnyService<State>, row: TaskRow, token: string): Promise<Work<State>> => {
  const common = { taskId: row.id, orderId: row.order_id, token }
  if (row.kind === patienceKind) return { kind: 'patience', ...common, ...patiencePayload.parse(row.payload) }
  const handler = definition.tasks[row.kind]
  if (handler === undefined) throw new Error(`expected a task handler of ${definition.name}, got kind ${row.kind}`)
  const { kind, traceparent } = row
  return {
    kind: 'task',
    ...common,
    traceparent,
    decide: await handler.run(row.payload, row.order_id, { kind, traceparent }),
    failing: (error) => handler.failed(row.payload, error),
  }
}

export const createExecutor = <State>(options: ExecutorOptions<State>): Executor => {
  const { definition, database, log } = options
  const token = randomUUID()
  const running = new Map<string, string | null>()
  /** How often each task could not run here. */
  const failures = new Map<string, number>()
  const results: Work<State>[] = []
  let renewal: NodeJS.Timeout | undefined
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

  const saving = oneAtATime(async () => {
    const works = results.splice(0)
    await save(works)
    for (const work of works)
      if ('taskId' in work) {
        running.delete(work.taskId)
        failures.delete(work.taskId)
      }
    if (results.length === 0) claiming.ask()
  })

  const done = (work: Work<State>) => {
    results.push(work)
    saving.ask()
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

  const claim = async () => {
    if (stopped) return
    const now = new Date()
    const { rows, more } = await claimTasks(database, token, running, now)
    for (const row of rows) {
      running.set(row.id, row.party)
      workOf(definition, row, token).then(done, (error: unknown) => couldNotRun(row, error))
    }
    if (more) claiming.ask()
    const due = await nextDue(database, running)
    if (due) alarm.set(Math.max(due.getTime(), now.getTime() + 5))
  }
  const claiming = oneAtATime(() =>
    claim().catch((error: unknown) => log.warn({ err: error }, 'tasks could not be claimed')),
  )
  const alarm = createAlarm(sweepEveryMs, claiming.ask)

  const renew = () => {
    if (running.size === 0) return
    renewLeases(database, token, [...running.keys()]).catch((error: unknown) =>
      log.warn({ err: error }, 'leases could not be renewed'),
    )
  }

  return {
    start: () => {
      renewal = setInterval(renew, renewEveryMs)
      alarm.set(Date.now())
    },
    wake: (earliestDue) => {
      if (earliestDue <= Date.now()) claiming.ask()
      else alarm.set(earliestDue)
    },
    stop: async (graceMs) => {
      stopped = true
      alarm.stop()
      const until = Date.now() + graceMs
      await claiming.running()
      while (running.size > 0 && Date.now() < until) {
        await saving.running()
        if (running.size > 0) await sleep(20)
      }
      clearInterval(renewal)
    },
  }
}
