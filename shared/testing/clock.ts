/** The time of what runs in memory. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** ISO 8601. */
  iso(): string
  /** To a moment, if it is not past it. */
  advanceTo(milliseconds: number): void
  advance(milliseconds: number): void
}

/** `standsAt` (ISO 8601): it moves only when it is told to. Without it: the machine's, and ahead of that once something was waited for. */
export const createClock = (standsAt?: string): Clock => {
  const machine = standsAt === undefined ? Date.now : () => Number.NEGATIVE_INFINITY
  let ahead = standsAt === undefined ? 0 : Date.parse(standsAt)
  const now = () => Math.max(ahead, machine())
  const advanceTo = (milliseconds: number) => {
    ahead = Math.max(ahead, milliseconds)
  }
  return {
    now,
    iso: () => new Date(now()).toISOString(),
    advanceTo,
    advance: (milliseconds) => advanceTo(now() + milliseconds),
  }
}
