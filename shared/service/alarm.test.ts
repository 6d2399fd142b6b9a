import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createAlarm } from './alarm.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const rung = () => {
  const times: number[] = []
  return { times, alarm: createAlarm(1_000, () => times.push(Date.now())) }
}

it('rings at the earliest moment it was set to, and every so often after it', () => {
  const { alarm, times } = rung()
  alarm.set(700)
  alarm.set(300)
  alarm.set(900)
  vi.advanceTimersByTime(3_000)
  expect(times).toEqual([300, 1_300, 2_300])
})

it('rings at once for a moment that has passed, and not any more when it is stopped', () => {
  const { alarm, times } = rung()
  alarm.set(-5)
  vi.advanceTimersByTime(0)
  alarm.stop()
  alarm.set(10)
  vi.advanceTimersByTime(3_000)
  expect(times).toEqual([0])
})
