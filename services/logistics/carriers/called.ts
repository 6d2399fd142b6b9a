import { CallFailed, type FailedFacts } from '@countermand/providers/call-failed.ts'
import { nextAttemptAt, type TaskMoment, type TaskResult } from '@countermand/service'
import type { CallResult } from '../decide/tasks.ts'

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
  /** Whether a failure of which nothing is known cannot have reached the carrier. */
  readonly unasked: boolean
}

/** Trying again is worth nothing while nobody can be called as it is configured: a person is asked at once. What waits without end goes on. */
const isHopeless = ({ trouble }: FailedFacts, { attempts }: Tries): boolean =>
  trouble === 'setup' && Number.isFinite(attempts)

export const calledWith = <Value>(
  result: TaskResult<Said<Value> | undefined>,
  at: TaskMoment,
  tries: Tries,
): CallResult<Value> => {
  const said = result.ok ? result.value : undefined
  if (said !== undefined && 'value' in said) return { ok: true, value: said.value }
  const none = result.ok ? 'expected an answer of the carrier, got none' : result.error
  const { error, unasked, ...facts } = said ?? { error: none, unasked: tries.unasked }
  const next = nextAttemptAt(at, tries)
  const earliest = Date.parse(at.now) + (facts.retryAfterMs ?? 0)
  const retryAt = next === undefined ? undefined : new Date(Math.max(Date.parse(next), earliest)).toISOString()
  return { ok: false, error, attempts: at.attempt, unasked, retryAt: isHopeless(facts, tries) ? undefined : retryAt }
}
