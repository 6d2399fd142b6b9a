import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@countermand/telemetry'

/** What a promise comes to, or the signal's reason as soon as it aborts. What cannot be called off then interests nobody. */
export const unlessAborted = async <T>(signal: AbortSignal, promise: Promise<T>): Promise<T> => {
  const aborted = Promise.withResolvers<never>()
  const abort = () => aborted.reject(signal.reason)
  promise.catch(() => {})
  if (signal.aborted) abort()
  else signal.addEventListener('abort', abort)
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** A process that is not up yet. */
export interface Waiting {
  readonly log: Logger
  readonly signal: AbortSignal
  /** What it waits for, each with the reason in words, which `/readyz` says. */
  readonly waits: Map<string, string>
}

const inWords = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error))

/**
 * Asks a part that a process cannot start without until it answers, ever later, at most every 3 s. Rejects as soon as the signal aborts,
 * also while an answer is open.
 */
export const untilItAnswers = async <T>(
  what: string,
  { log, signal, waits }: Waiting,
  ask: () => Promise<T>,
): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      const answer = await unlessAborted(signal, ask())
      waits.delete(what)
      return answer
    } catch (error) {
      if (signal.aborted) throw new Error(`still waiting for ${what}`, { cause: error })
      log.warn({ err: error, attempt }, `${what} does not answer, it is tried again`)
      waits.set(what, `${what} does not answer: ${inWords(error)}`)
      await sleep(Math.min(200 * attempt, 3_000), undefined, { signal }).catch(() => {
        throw new Error(`still waiting for ${what}`, { cause: error })
      })
    }
  }
}
