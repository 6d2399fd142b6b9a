/** How long to wait before the next consumer takes over from one that crashed. */
export interface CrashPause {
  /** In ms: nothing the first time, then twice as long each time. */
  next(): number
  /** A batch was done: what crashed it is over. */
  well(): void
}

const longestMs = 10_000

/** What crashes each consumer at once must not keep the process and the broker busy with it. */
export const createCrashPause = (): CrashPause => {
  let crashes = 0
  return {
    next: () => {
      const ms = crashes === 0 ? 0 : Math.min(200 * 2 ** crashes, longestMs)
      crashes += 1
      return ms
    },
    well: () => {
      crashes = 0
    },
  }
}
