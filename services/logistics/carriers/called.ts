import { CallFailed, type FailedFacts } from '@countermand/providers/call-failed.ts'
import { nextAttemptAt, type TaskMoment, type TaskResult } from '@countermand/service'
import type { Again, CallResult } from '../decide/tasks.ts'

/** What a call to a carrier came to, on its way from the task that made it to the decision. */

/** Its value, or a failure of which more is known than its words. */
export type Said<Value> =
  | { readonly value: Value }
  | (FailedFacts & { readonly error: string; readonly unasked: boolean })

export const saidBy = async <Value>(call: () => Promise<Value>): Promise<Said<Value>> => {
  try {
    return { value: await call() }
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    return { ...error.facts, error: error.message, unasked: error.reached === 'before-anything' }
  }
}

interface Tries {
  /** How often in one round. */
  readonly attempts: number
  readonly backoffMs: number
  /** When the call was first due in this round (ISO 8601). */
  readonly since: string
  /** For how long from then a carrier that is away is waited for. */
  readonly outageMs: number
  /** Whether a failure of which nothing is known cannot have reached the carrier. */
  readonly unasked: boolean
}

/** No longer than this is waited for a carrier at once, whatever it says. */
const longestWaitMs = 3_600_000
/** Of one that is away and does not say for how long. */
const awayMs = 30_000

const later = (time: string, ms: number): string => new Date(Date.parse(time) + ms).toISOString()

/**
 * When it is tried again; `undefined`: not by itself. What only a person can mend is not, and while a carrier is away nobody was asked,
 * so that no attempt was made. What waits without end (of infinite `attempts`) goes on whatever comes.
 */
const againAfter = ({ trouble, retryAfterMs }: FailedFacts, at: TaskMoment, tries: Tries): Again | undefined => {
  const { attempts, since, outageMs } = tries
  const isEndless = !Number.isFinite(attempts)
  const wished = Math.min(retryAfterMs ?? 0, longestWaitMs)
  if (trouble === 'setup' && !isEndless) return undefined
  if (trouble === 'outage') {
    if (!isEndless && at.now >= later(since, outageMs)) return undefined
    return { dueAt: later(at.now, retryAfterMs === undefined ? awayMs : wished), since, uncounted: true }
  }
  const next = nextAttemptAt(at, tries)
  const earliest = later(at.now, wished)
  return next === undefined ? undefined : { dueAt: next > earliest ? next : earliest, since }
}

export const calledWith = <Value>(
  result: TaskResult<Said<Value> | undefined>,
  at: TaskMoment,
  tries: Tries,
): CallResult<Value> => {
  const said = result.ok ? result.value : undefined
  if (said !== undefined && 'value' in said) return { ok: true, value: said.value }
  const none = result.ok ? 'expected an answer of the carrier, got none' : result.error
  const { error, unasked, ...facts } = said ?? { error: none, unasked: tries.unasked }
  return { ok: false, error, attempts: at.attempt, unasked, again: againAfter(facts, at, tries) }
}
