import { setTimeout as sleep } from 'node:timers/promises'

/** Awaits a condition: asks until the answer is not `undefined` or `false`. Throws what was expected after `withinMs`. */
export const eventually = async <T>(
  what: string,
  ask: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 100_000,
): Promise<T> => {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (Date.now() > until) throw new Error(`expected ${what} within ${withinMs} ms`)
    await sleep(20)
  }
}

/** Awaits, in real time, that a check holds: asks, at first often, until it does not throw. Throws what it last did after `withinMs`. */
export const eventuallyHolds = async <T>(check: () => T | Promise<T>, withinMs = 90_000): Promise<T> => {
  const until = performance.now() + withinMs
  for (let times = 1; ; times++) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() > until) throw error
      await sleep(Math.min(20 * times, 100))
    }
  }
}
