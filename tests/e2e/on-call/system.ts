import { afterAll, beforeAll, inject } from 'vitest'
import { startWorld, type World } from '../world.ts'

const settings = { SWEEP_INTERVAL: '1h', STEP_ATTEMPTS: '2', STEP_BACKOFF: '20ms' }

/** The system that all tests of this room run on. */
export let world: World
beforeAll(async () => {
  world = await startWorld(inject('stack'), settings)
})
afterAll(async () => {
  await world?.stop()
})
