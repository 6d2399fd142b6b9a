import { randomInt } from 'node:crypto'
import type { Wish } from '../shop/wish.ts'
import { atProviders } from './at-providers.ts'
import { type RandomOrder, type RandomRequest, randomOrders } from './random-orders.ts'

const whole: RandomRequest = {
  atMs: 0,
  lines: undefined,
  refundTo: 'original',
  by: 'customer',
  copies: 1,
  input: undefined,
  inputAtMs: 0,
}

const asked = (wish: Wish): RandomOrder => ({ wish, atMs: 0, requests: [whole], news: [], garbage: false })

/** An order that nothing stands in the way of. */
export const plainOrder = (name: string): RandomOrder => asked({ name, tenders: [{ ref: 'pay_ok' }] })

/** The merchant who is always asked, and has `waitMs` to answer. */
export const patientMerchant = 'mer-patient'

/** The merchant who decides only when something breaks. */
export const crowdMerchant = 'mer-crowd'

/** An order whose saga waits for that merchant. */
export const crowdOrder = (): RandomOrder =>
  asked({ name: 'crowd', merchantId: crowdMerchant, parcels: [{ number: 'OK-1' }] })

/** The merchant whose refunds go to bank accounts when they cannot go back. */
export const bankMerchant = 'mer-bank'

const collected = { channel: 'cash-on-delivery', isPaid: true } as const

/** Sagas that wait for somebody else: merchant, bank, carrier, or the shop's own treasury. */
const waitingOrders = (waitMs: number): readonly RandomOrder[] => [
  asked({ name: 'slow-bank', tenders: [{ ref: `pay_slow_${waitMs}` }] }),
  asked({ name: 'patient', merchantId: patientMerchant, parcels: [{ number: 'OK-1' }] }),
  asked({ name: 'slow-carrier', parcels: [{ number: `SLOW-${waitMs}`, status: 'in-transit' }] }),
  asked({ name: 'to-bank', merchantId: bankMerchant, tenders: [{ ref: 'pay_refuse' }] }),
  asked({ name: 'collected', tenders: [{ ref: 'collected', ...collected }] }),
  asked({ name: 'closed', tenders: [{ ref: 'closed', ...collected }] }),
]

const atOnce = 200

/**
 * Orders without end, the same for the same seed: a third plain, a third that wait for `waitMs` so that many are in flight, a third
 * random with everything that the sandbox can do. Of the first and the last, two in three are paid at a real channel, and two in three sent
 * with a real carrier.
 */
export function* mixedOrders(seed: number, waitMs: number): Generator<RandomOrder, never> {
  const waiting = waitingOrders(waitMs)
  for (let round = 0; ; round += 1) {
    for (const [place, random] of randomOrders(seed + round, atOnce).entries()) {
      const name = `${seed}/${round}/${place}`
      yield atProviders(random, place, name)
      yield atProviders(plainOrder('plain'), place, `${name}/plain`)
      const slow = waiting[place % waiting.length]
      if (slow !== undefined) yield slow
    }
  }
}

/** A seed as text, as a number for generators; without one, any. */
export const seedOf = (text: string): number =>
  [...text].reduce((sum, character) => (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) >>> 0, 7)

export const anySeed = (): string => String(randomInt(2 ** 31))
