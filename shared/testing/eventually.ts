import { setTimeout as sleep } from 'node:timers/promises'

/** Awaits a condition: asks until the answer is not `undefined` or `false`. Throws what was expected after `withinMs`. */
export const eventually = async <T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 20_000,
): Promise<T> => {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > until) throw new Error(`expected ${what} within ${withinMs} ms`)
    await sleep(20)
  }
}
