import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@countermand/telemetry'

/** Asks a part that a process cannot start without until it answers, ever later, at most every 3 s. */
export const untilItAnswers = async <T>(what: string, log: Logger, ask: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask()
    } catch (error) {
      log.warn({ err: error, attempt }, `${what} does not answer, it is tried again`)
      await sleep(Math.min(200 * attempt, 3_000))
    }
  }
}
