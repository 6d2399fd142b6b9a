import { createClock } from '@countermand/testing/clock.ts'
import { describe, expect } from 'vitest'
import { bankInMemory } from '../test/memory-book.ts'
import { listingConformance, outsideConformance, sandboxAsks, unheard, type WholeRig } from './conformance.ts'
import { channels } from './index.ts'

const clock = createClock(new Date().toISOString())
const bank = bankInMemory(clock.iso)

/** The bank of random orders and of the failure table is held to what channels are held to. */
describe('the sandbox with its book in memory', () => {
  const rig: WholeRig = {
    open: () => channels(bank)['sandbox-card'],
    openSilent: () => channels(unheard(bank.sandbox))['sandbox-card'],
    moved: async ({ idempotencyKey }) => bank.moved().get(idempotencyKey) ?? 0,
    until: async (what, is) => {
      for (let looks = 0; looks < 10 && !(await is()); looks++) clock.advance(100)
      expect(await is(), what).toBe(true)
    },
    asks: sandboxAsks,
  }
  outsideConformance(rig)
  listingConformance({ ...rig, many: 3 })
})
