import { expect, it } from 'vitest'
import { createCrashPause } from './crash-pause.ts'

it('lets a consumer that crashes again and again start a handful of times a minute', () => {
  const pause = createCrashPause()
  let now = 0
  let restarts = 0
  while (now < 60_000) {
    now += pause.next()
    restarts += 1
  }
  expect(restarts).toBeLessThan(15)
})

it('starts the next consumer at once when the last one did its work', () => {
  const pause = createCrashPause()
  expect([pause.next(), pause.next(), pause.next()]).toEqual([0, 400, 800])
  pause.well()
  expect(pause.next()).toBe(0)
})
