import { afterAll, beforeAll, inject } from 'vitest'
import { startWorld, type World } from '../world.ts'

/** How long a request waits for its order. */
export const patienceMs = 3_000

const always = { MERCHANT_APPROVAL: 'always', MERCHANT_DEADLINE: '24h' }
const merchants = {
  'mer-approve': { ...always, MERCHANT_DEADLINE: '1s', MERCHANT_SILENCE: 'approve' },
  'mer-reject': { ...always, MERCHANT_DEADLINE: '1s', MERCHANT_SILENCE: 'reject' },
  'mer-never': { MERCHANT_APPROVAL: 'never' },
  'mer-always': always,
  'mer-credit': { REFUND_FALLBACK: 'store-credit' },
}
const settings = {
  ...{ STEP_ATTEMPTS: '4', STEP_BACKOFF: '100ms', ORDER_PATIENCE: `${patienceMs}ms` },
  BLOCKED_CUSTOMERS: 'cus-13,cus-14',
}

/** The system that all tests of this room run on: starting one takes longer than most of them. */
export let world: World
beforeAll(async () => {
  world = await startWorld(inject('stack'), settings, merchants)
})
afterAll(async () => {
  await world?.stop()
})
