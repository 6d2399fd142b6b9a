/** So many callers are told apart; of more, the oldest are forgotten. */
const mostCallers = 20_000

/** Lets a caller through `most` times in any stretch of `ms`. Each process counts for itself. `now`: milliseconds of a clock that never goes back. */
export const createWindow = (most: number, ms: number, now: () => number = () => performance.now()) => {
  const calls = new Map<string, readonly number[]>()
  const recent = (who: string) => (calls.get(who) ?? []).filter((at) => at > now() - ms)
  return {
    /** Whether one more may be; nothing is counted. */
    mayCall: (who: string): boolean => recent(who).length < most,
    count: (who: string): void => {
      const times = [...recent(who), now()]
      calls.delete(who)
      calls.set(who, times)
      const [oldest] = calls.keys()
      if (calls.size > mostCallers && oldest !== undefined) calls.delete(oldest)
    },
  }
}
