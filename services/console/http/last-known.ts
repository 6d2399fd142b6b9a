import { setTimeout as sleep } from 'node:timers/promises'
import { isInfrastructureError } from '@countermand/database'
import { Problem } from './problems.ts'

/** What was read, and when: as it is now, or, while that cannot be asked, as it was last. */
export interface Read<Value> {
  readonly value: Value
  /** ISO 8601. */
  readonly at: string
  readonly isOld: boolean
}

/** So that whoever asks hears of it within 2 s: who has waited for one answer in vain does not wait as long for the next. */
const [patienceMs, shortMs, shortForMs] = [1_000, 200, 2_000]

/** For how long an answer is waited for, by what became of the last one. */
export const createPatience = (now: () => number = () => performance.now()) => {
  let shortUntil = 0
  return {
    ms: () => (now() < shortUntil ? shortMs : patienceMs),
    late: () => {
      shortUntil = now() + shortForMs
    },
    answered: () => {
      shortUntil = 0
    },
  }
}
type Patience = ReturnType<typeof createPatience>

const keptAtMost = 2_000
/** What was known longer ago says little, and its reader may not be the same any more. */
const keptMs = 1_800_000

/** The last of what was read, for a while in which it cannot be read again. Of this process alone: nothing of it is written down. */
export const createLastKnown = <Value>(patience: Patience) => {
  const kept = new Map<string, { readonly value: Value; readonly at: number }>()
  const keep = (key: string, value: Value) => {
    kept.delete(key)
    kept.set(key, { value, at: Date.now() })
    const [oldest] = kept.keys()
    if (kept.size > keptAtMost && oldest !== undefined) kept.delete(oldest)
  }
  const before = (key: string): Read<Value> | undefined => {
    const found = kept.get(key)
    return found === undefined || Date.now() - found.at > keptMs
      ? undefined
      : { value: found.value, at: new Date(found.at).toISOString(), isOld: true }
  }
  return {
    /** Reads it, or gives back what was read last. Throws when it was never read. */
    read: async (key: string, work: () => Promise<Value>): Promise<Read<Value>> => {
      const over = new AbortController()
      const waitMs = patience.ms()
      const late = sleep(waitMs, undefined, { signal: over.signal, ref: false }).then(
        () => {
          patience.late()
          throw new Problem('away', `nothing was answered within ${waitMs} ms: try again`)
        },
        () => new Promise<never>(() => {}),
      )
      try {
        const value = await Promise.race([work(), late])
        patience.answered()
        keep(key, value)
        return { value, at: new Date().toISOString(), isOld: false }
      } catch (error) {
        const isAway = isInfrastructureError(error) || (error instanceof Problem && error.code === 'away')
        const old = isAway ? before(key) : undefined
        if (old === undefined) throw error
        return old
      } finally {
        over.abort()
      }
    },
  }
}
export type LastKnown<Value> = ReturnType<typeof createLastKnown<Value>>
