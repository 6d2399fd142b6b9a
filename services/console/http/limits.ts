/** How often somebody may call: so many at once, and again as many a second. Each process counts for itself. */
export interface Limit {
  readonly perSecond: number
  readonly burst: number
}

export interface Limiter {
  /** One call more of this one; how many milliseconds to wait before the next try, 0: it may be. What may not be takes nothing. */
  take(who: string): number
  /** The same question, and nothing is taken. */
  wait(who: string): number
}

/** So many callers are told apart; of more, those who may call at once anyway are forgotten, then the oldest. */
const mostCallers = 20_000

/**
 * By the generic cell rate algorithm: of each caller one time is kept, at which all that it took is worn off. `now`: milliseconds of a
 * clock that never goes back.
 */
export const createLimiter = ({ perSecond, burst }: Limit, now: () => number = () => performance.now()): Limiter => {
  const each = 1_000 / perSecond
  const tolerance = each * (burst - 1)
  const wornOff = new Map<string, number>()

  const forget = (at: number) => {
    for (const [who, time] of wornOff) if (time <= at) wornOff.delete(who)
    for (const who of wornOff.keys()) {
      if (wornOff.size < mostCallers) return
      wornOff.delete(who)
    }
  }
  const until = (who: string, at: number) => Math.max(0, (wornOff.get(who) ?? at) - at - tolerance)

  return {
    wait: (who) => until(who, now()),
    take: (who) => {
      const at = now()
      const wait = until(who, at)
      if (wait > 0) return wait
      if (wornOff.size >= mostCallers) forget(at)
      wornOff.set(who, Math.max(wornOff.get(who) ?? at, at) + each)
      return 0
    },
  }
}
