/** How the sandbox treats a payment. Counts are per tender; an absent time means that it never happens. */
export interface Behaviour {
  /** Rounds before this one meet a technical error before anything is done. */
  readonly firstRound: number
  /** So many calls meet a technical error before anything is done. */
  readonly errors: number
  /** So many calls do their work and lose their answer. */
  readonly lostAnswers: number
  readonly movesAfterMs?: number
  readonly refusedAfterMs?: number
  readonly reversedAfterMs?: number
}

const plain = { firstRound: 1, errors: 0, lostAnswers: 0 } as const

const behaviours: readonly (readonly [RegExp, (n: number) => Behaviour])[] = [
  [/^pay_slow_(\d+)/, (ms) => ({ ...plain, movesAfterMs: ms })],
  [/^pay_refuse/, () => ({ ...plain, refusedAfterMs: 0 })],
  [/^pay_flaky_(\d+)/, (n) => ({ ...plain, errors: n, movesAfterMs: 0 })],
  [/^pay_lost_(\d+)/, (n) => ({ ...plain, lostAnswers: n, movesAfterMs: 0 })],
  [/^pay_late_refuse_(\d+)/, (ms) => ({ ...plain, refusedAfterMs: ms })],
  [/^pay_reverse_(\d+)/, (ms) => ({ ...plain, movesAfterMs: 0, reversedAfterMs: ms })],
  [/^pay_down/, () => ({ ...plain, firstRound: 2, movesAfterMs: 0 })],
]

/** More than any test waits, and still a date. */
const longest = 10 * 365 * 86_400_000

/** Reads a behaviour off the beginning of a payment reference; anything unknown succeeds at once, as `pay_ok` does. */
export const behaviourOf = (paymentRef: string): Behaviour => {
  for (const [pattern, behave] of behaviours) {
    const match = pattern.exec(paymentRef)
    if (match !== null) return behave(Math.min(Number(match[1] ?? 0), longest))
  }
  return { ...plain, movesAfterMs: 0 }
}
