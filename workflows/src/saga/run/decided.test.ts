import type { Resolution } from '@countermand/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { roundOf } from '../ask/rounds.ts'
import { areNews, at, decidedAbout, takeUp } from './decided.ts'
import { openSaga } from './saga.ts'

const resolution: fc.Arbitrary<Resolution> = fc.record({
  step: fc.constantFrom('refund', 'stop-parcels'),
  direction: fc.constantFrom('do' as const, 'undo' as const),
  round: fc.integer({ min: 1, max: 3 }),
  decision: fc.constantFrom('retry' as const, 'skip' as const, 'refund-elsewhere' as const),
  by: fc.constantFrom('ana', 'ben'),
  reason: fc.constant('looked into it'),
  at: fc.integer({ min: 10, max: 59 }).map((minute) => `2026-11-20T10:${minute}:00Z`),
})

/** What the order service keeps: one decision of each round of a step. */
const recorded = fc.uniqueArray(resolution, { selector: at, maxLength: 8 })

test('a run that was reset, at whichever moment, goes on with what is recorded as the run that recorded it', () => {
  fc.assert(
    fc.property(recorded, fc.nat(8), fc.nat(8), (all, knew, hears) => {
      const saga = { ...openSaga({ orderId: 'ord-1', requestId: 'req-1' }), resolutions: all.slice(0, knew) }
      const told = all.slice(0, Math.max(knew, hears))
      expect(areNews(saga, told)).toBe(told.length > saga.resolutions.length)
      takeUp(saga, told)
      expect(areNews(saga, told)).toBe(false)
      expect(saga.resolutions).toEqual(told)
      takeUp(saga, all)
      expect(saga.resolutions).toEqual(all)
      expect(roundOf(saga.resolutions, 'RefundOrder')).toBe(roundOf(all, 'RefundOrder'))
    }),
  )
})

test('what a run has decided, and its order service does not tell, comes after what is recorded', () => {
  fc.assert(
    fc.property(recorded, resolution, (all, said) => {
      const mine = { ...said, at: '2026-11-20T11:00:00Z' }
      const saga = { ...openSaga({ orderId: 'ord-1', requestId: 'req-1' }), resolutions: [mine] }
      takeUp(saga, all)
      expect(decidedAbout(saga, mine)).toContainEqual(mine)
      expect(saga.resolutions.slice(0, all.length)).toEqual(all)
      takeUp(saga, all)
      expect(saga.resolutions.length).toBeLessThanOrEqual(all.length + 1)
    }),
  )
})
