import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { Carrier, CarrierCall } from '../carriers/carrier.ts'
import { carrierThat } from './given.ts'

/** Throw-away adapters of the shapes that carriers have, each on a carrier in memory that does what a test makes it do. */

/** What happens to one request for an intercept, or its undo. */
export type Fault = 'none' | 'lost-question' | 'lost-answer'

const lost = (what: string) => new CallFailed(`told to lose the ${what}`, 'unknown')

const played = (faults: Fault[], does: () => void): void => {
  const fault = faults.shift() ?? 'none'
  if (fault === 'lost-question') throw lost('question')
  does()
  if (fault === 'lost-answer') throw lost('answer')
}

const day = 86_400_000

export const shapes = {
  /** It takes an intercept on, and says by a callback alone what became of it. None can be taken back. */
  kuaidi100: () => {
    const faults: Fault[] = []
    /** Its own number of an order, by the number that we give. */
    const orders = new Map<string, string>()
    const orderOf = (key: string) => orders.get(key) ?? `KD${orders.size + 1}`
    const carrier: Carrier = carrierThat({
      asksFirst: true,
      voidLabel: async () => ({ result: 'refused', failure: 'ineligible', reason: 'it intercepts only' }),
      requestIntercept: async ({ idempotencyKey: key }) => {
        const carrierRef = orderOf(key)
        played(faults, () => void orders.set(key, carrierRef))
        return { result: 'accepted', askAgainMs: day, carrierRef }
      },
      // What it has taken on it tells of by itself; of what nobody has heard it may have taken on all the same.
      stopStatus: async ({ carrierRef }) =>
        carrierRef === undefined ? { result: 'none', unsure: true } : { result: 'pending', askAgainMs: day },
      resume: async () => ({ result: 'refused', failure: 'refused', reason: 'an intercept cannot be taken back' }),
    })
    return { carrier, faults, orders }
  },
  /** One intercept of an order succeeds, ever; it is taken back by the number that it was ordered under. */
  sfExpress: () => {
    const faults: Fault[] = []
    const intercepts = new Map<string, 'standing' | 'taken back'>()
    const carrier: Carrier = carrierThat({
      asksFirst: true,
      requestIntercept: async ({ trackingNumber }) => {
        if (intercepts.has(trackingNumber))
          return { result: 'refused', failure: 'ineligible', reason: 'an order is intercepted once' }
        played(faults, () => void intercepts.set(trackingNumber, 'standing'))
        return { result: 'intercepted' }
      },
      stopStatus: async ({ trackingNumber }: CarrierCall) =>
        intercepts.get(trackingNumber) === 'standing' ? { result: 'intercepted' } : { result: 'none' },
      resume: async ({ trackingNumber }) => {
        played(faults, () => void intercepts.set(trackingNumber, 'taken back'))
        return { result: 'resumed' }
      },
    })
    return { carrier, faults, intercepts }
  },
} as const
