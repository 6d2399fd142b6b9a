import { Problem } from './problems.ts'

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

/** By how long somebody has to wait at a moment, and what counts a call of theirs then. */
const limiterOf = (
  now: () => number,
  until: (who: string, at: number) => number,
  count: (who: string, at: number) => void,
): Limiter => ({
  wait: (who) => until(who, now()),
  take: (who) => {
    const at = now()
    const wait = until(who, at)
    if (wait === 0) count(who, at)
    return wait
  },
})

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

  return limiterOf(now, until, (who, at) => {
    if (wornOff.size >= mostCallers) forget(at)
    wornOff.set(who, Math.max(wornOff.get(who) ?? at, at) + each)
  })
}

/**
 * So many in any stretch of so many ms, exactly: of each caller that many times are kept, so that it is for what costs a mail or opens
 * something, not for what is called often.
 */
export const createWindow = (most: number, ms: number, now: () => number = () => performance.now()): Limiter => {
  const calls = new Map<string, readonly number[]>()
  const recent = (who: string, at: number) => (calls.get(who) ?? []).filter((each) => each > at - ms)
  const until = (who: string, at: number) => {
    const times = recent(who, at)
    const first = times.at(-most)
    return first === undefined ? 0 : first + ms - at
  }
  return limiterOf(now, until, (who, at) => {
    const times = [...recent(who, at), at]
    calls.delete(who)
    calls.set(who, times)
    const [oldest] = calls.keys()
    if (calls.size > mostCallers && oldest !== undefined) calls.delete(oldest)
  })
}

/** Throws when it has to wait; says for how long. */
export const inLimit = (waitMs: number): void => {
  if (waitMs === 0) return
  const after = Math.ceil(waitMs / 1_000)
  throw new Problem('too-many-calls', `expected fewer calls: try again in ${after} s`, { after })
}

/** Lets through whom all limits let through, by all that they are known by, and counts them; of who is not let through nothing is counted. */
export type Gate = (whom: readonly string[]) => void

export const createGate =
  (limiters: readonly Limiter[]): Gate =>
  (whom) => {
    inLimit(Math.max(...whom.flatMap((who) => limiters.map((each) => each.wait(who)))))
    for (const who of whom) for (const each of limiters) each.take(who)
  }

const [minuteMs, hourMs] = [60_000, 3_600_000]

/** What customers do on their pages, and how often. A look-up and a statement may cost a mail: of one network the 31st in an hour is refused. */
export const customerGates = (now?: () => number) => {
  const mails = () => createGate([createWindow(5, minuteMs, now), createWindow(30, hourMs, now)])
  return {
    lookUps: mails(),
    // Who looks for orders shall not keep anybody behind the same address from a statement.
    statements: mails(),
    /** Links that a look-up sends, by order and address: who has asked for that many has them, whoever else asked. */
    letters: createWindow(5, hourMs, now),
    /** Links that are opened, by network. */
    links: createGate([createLimiter({ perSecond: 1, burst: 30 }, now)]),
    /** Forms that are sent, by session. */
    forms: createGate([createWindow(20, minuteMs, now)]),
  }
}
export type CustomerGates = ReturnType<typeof customerGates>
