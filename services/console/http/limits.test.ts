import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createLimiter } from './limits.ts'

const limit = fc.record({ perSecond: fc.integer({ min: 1, max: 100 }), burst: fc.integer({ min: 1, max: 50 }) })
const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { minLength: 1, maxLength: 200 })

it('lets nobody have more than a burst and what the time between makes up for, in any stretch of time', () => {
  fc.assert(
    fc.property(limit, gaps, (given, all) => {
      let now = 0
      const limiter = createLimiter(given, () => now)
      const taken = all.flatMap((gap) => {
        now += gap
        return limiter.take('one') === 0 ? [now] : []
      })
      for (const [first, from] of taken.entries())
        for (const [last, to] of taken.entries())
          if (last >= first)
            expect(last - first + 1).toBeLessThanOrEqual(given.burst + ((to - from) * given.perSecond) / 1_000 + 1e-6)
    }),
  )
})

it('lets whoever waits as long as they are told, and no longer, and tells no one to wait who may call', () => {
  fc.assert(
    fc.property(limit, gaps, (given, all) => {
      let now = 0
      const limiter = createLimiter(given, () => now)
      for (const gap of all) {
        now += gap
        const wait = limiter.take('one')
        if (wait === 0) continue
        now += wait - 0.01
        expect(limiter.wait('one')).toBeGreaterThan(0)
        now += 0.02
        expect(limiter.take('one')).toBe(0)
      }
    }),
  )
})

it('counts each caller alone', () => {
  const limiter = createLimiter({ perSecond: 1, burst: 2 }, () => 0)
  expect([limiter.take('one'), limiter.take('one'), limiter.take('one')]).toEqual([0, 0, 1_000])
  expect(limiter.take('other')).toBe(0)
})

it('keeps who is over the limit when others come, and forgets who is not', () => {
  let now = 0
  const limiter = createLimiter({ perSecond: 1, burst: 1 }, () => now)
  for (let each = 0; each < 19_999; each++) limiter.take(`early ${each}`)
  now = 1_001
  limiter.take('late')
  limiter.take('last')
  expect(limiter.wait('late')).toBeGreaterThan(0)
})
