import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { disabledAfterMs, disabledBecause, outcomeOf, type Try, waits } from './tries.ts'

const now = Date.parse('2026-11-20T10:00:00Z')
const tried: fc.Arbitrary<Try> = fc.oneof(
  fc.integer({ min: 100, max: 599 }).map((status) => ({ status })),
  fc.constant({ error: 'nobody answered' }),
)

describe('a delivery', () => {
  it.each([200, 202, 204, 299])('has arrived with %i', (status) => {
    expect(outcomeOf({ status }, 1, now, 0.5)).toEqual({ state: 'delivered' })
  })

  it.each([100, 199, 300, 301, 302, 400, 404, 410, 429, 500, 503])('has not arrived with %i', (status) => {
    expect(outcomeOf({ status }, 1, now, 0.5)).toEqual({ state: 'waiting', dueAt: now + 5_000 })
  })

  it('is tried again later and later, a last time, and then given up', () => {
    const all = [...waits, undefined].map((_, index) => outcomeOf({ status: 500 }, index + 1, now, 0.5))
    expect(all.map((each) => ('dueAt' in each ? each.dueAt - now : each.state))).toEqual([...waits, 'given-up'])
    expect(waits.toSorted((one, other) => one - other)).toEqual(waits)
  })

  it('comes neither before its time nor long after it, whatever chance says', () => {
    fc.assert(
      fc.property(
        tried,
        fc.integer({ min: 1, max: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (one, nth, chance) => {
          const outcome = outcomeOf(one, nth, now, chance)
          if (outcome.state !== 'waiting') return
          expect(outcome.dueAt - now).toBeGreaterThanOrEqual(0.9 * (waits[nth - 1] ?? Number.NaN))
          expect(outcome.dueAt - now).toBeLessThanOrEqual(1.1 * (waits[nth - 1] ?? Number.NaN) + 1)
        },
      ),
    )
  })
})

describe('an endpoint', () => {
  it('is called no more once it says that it is gone, or when nothing has arrived for five days', () => {
    expect(disabledBecause({ status: 410 }, undefined, now)).toContain('410')
    expect(disabledBecause({ status: 500 }, now - disabledAfterMs, now)).toContain('2026-11-15T10:00:00.000Z')
    expect(disabledBecause({ status: 500 }, now - disabledAfterMs + 1, now)).toBeUndefined()
    expect(disabledBecause({ status: 500 }, undefined, now)).toBeUndefined()
  })

  it('is called on once something arrives, however late', () => {
    expect(disabledBecause({ status: 204 }, now - 2 * disabledAfterMs, now)).toBeUndefined()
  })
})
