import { setTimeout as sleep } from 'node:timers/promises'

/** What a promise comes to, if it does within `ms`; otherwise it throws, and what the promise comes to later interests nobody. */
export const within = async <T>(ms: number, what: string, promise: Promise<T>): Promise<T> => {
  const over = new AbortController()
  const late = sleep(ms, undefined, { signal: over.signal, ref: false }).then(() => {
    throw new Error(`expected ${what} within ${ms} ms`)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    over.abort()
    late.catch(() => {})
    promise.catch(() => {})
  }
}

/** Whoever asks while a question is open gets its answer: what does not answer is not asked again and again. */
export const singleFlight = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let open: Promise<T> | undefined
  return () => {
    open ??= ask().finally(() => {
      open = undefined
    })
    return open
  }
}
