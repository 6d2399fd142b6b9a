import { afterAll, beforeAll, inject } from 'vitest'
import { startWorld, type World } from '../world.ts'

/** All processes, for the tests of this room, which end them and start them again. */
export let world: World
beforeAll(async () => {
  world = await startWorld(inject('stack'), { CONSOLE: 'on', WEBHOOK_ALLOW: '127.0.0.1' })
})
afterAll(async () => {
  await world?.stop()
})
