import { setTimeout as sleep } from 'node:timers/promises'
import type { StackCrash } from '../stack/index.ts'
import type { Victim } from './system.ts'

/** What a supervisor of the machine does: starts again what has ended by itself, or lives and can do nothing any more. */
export interface Supervisor {
  /** What was started again, and why. */
  readonly restarts: readonly string[]
  readonly onCrash: (error: StackCrash) => void
  /** Looks after the Temporal server until the signal aborts. */
  watch(victim: Victim): Promise<void>
}

const everyMs = 2_000

/**
 * The dev server's SQLite is stuck when a query is cancelled at the wrong moment: every later one is "interrupted" until the server is
 * started again (gitlab.com/cznic/sqlite, issue 241). A server on PostgreSQL knows no such thing.
 */
const isStuck = async ({ temporal, where }: Victim): Promise<boolean> => {
  const ask = () => temporal.client.workflowService.describeNamespace({ namespace: where.namespace })
  const error = await temporal.client.connection.withDeadline(Date.now() + 5_000, ask).then(
    () => undefined,
    (cause: unknown) => cause,
  )
  return error instanceof Error && error.message.includes('interrupted (9)')
}

export const createSupervisor = (log: (line: string) => void, signal: AbortSignal): Supervisor => {
  const restarts: string[] = []
  let supervised: Victim | undefined

  const startAgain = async (logFile: string): Promise<void> => {
    const ours = supervised?.processes.find((each) => each.logFile === logFile)
    while (ours !== undefined && !signal.aborted) {
      try {
        await ours.restart()
        return
      } catch (error) {
        log(`not started again: ${error instanceof Error ? error.message : error}`)
        await sleep(1_000)
      }
    }
  }

  return {
    restarts,
    onCrash: (error) => {
      log(error.message)
      restarts.push(error.message.split('\n')[0] ?? error.part)
      void startAgain(error.logFile)
    },
    watch: async (victim) => {
      supervised = victim
      while (!signal.aborted) {
        await sleep(everyMs, undefined, { signal }).catch(() => undefined)
        if (signal.aborted || !(await isStuck(victim)) || !(await isStuck(victim))) continue
        log('temporal: its SQLite is stuck: started again')
        restarts.push('temporal: its SQLite was stuck')
        await victim.stack.temporal.kill('SIGKILL')
        await victim.stack.temporal.restart()
      }
    },
  }
}
