/** The time of a shop: the machine's, and ahead of it once something was waited for. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** What is due then is done now. */
  advanceTo(milliseconds: number): void
}

export const createClock = (): Clock => {
  let ahead = 0
  return {
    now: () => Math.max(ahead, Date.now()),
    advanceTo: (milliseconds) => {
      ahead = Math.max(ahead, milliseconds)
    },
  }
}
