import type { CommandName, Remedy } from '@countermand/contracts'
import { type RandomOrder, randomOrders } from '@countermand/tools/chaos/random-orders.ts'
import type { StepLane } from '@countermand/workflows/src/protocol/inputs.ts'
import fc from 'fast-check'

/** What befalls a command on its way, the first `times` times. */
export interface Mishap {
  readonly command: CommandName
  readonly kind: /** The attempt has no answer: the service never got it. */
    | 'question-lost'
    /** The attempt has no answer, but the service did it. */
    | 'answer-lost'
    /** The attempt has no answer, and the service gets it late. */
    | 'late'
    /** It is on its way for long, and so may come after its undo. */
    | 'slow'
    /** The service could not do it, and has given up. */
    | 'fails'
  readonly times: number
}

/** What comes in between when a request asks a command for the first time, however long that takes on a busy machine. */
export interface Interruption {
  readonly kind: 'withdraw' | 'terminate' | 'cancel' | 'reset'
  readonly of: number
  readonly on: CommandName
  /** Which workflow task a reset goes back to. */
  readonly place: number
}

/** All that happens to one order, made of a seed. */
export interface Scenario {
  readonly seed: number
  readonly order: RandomOrder
  /** False: nobody ever places it. */
  readonly placed: boolean
  readonly lane: StepLane
  readonly silence: 'approve' | 'reject'
  /** The second request has the first's id. */
  readonly reusesId: boolean
  readonly saysTwice: boolean
  /** Parcels that are not handed over are kept until money has moved; `no`: the warehouse cannot. */
  readonly holds: 'yes' | 'no' | 'never'
  /** One refund is reversed after it succeeded. */
  readonly reverses: boolean
  /** How long a channel may take before a person is asked, in milliseconds of the shop's clock. */
  readonly refundPatience: number
  /** Whoever decides does so twice at once, as two who look at the same. */
  readonly decidesTwice: boolean
  /** Commands that failed are sent again after everything is over, as if nobody had looked whether they are still wanted. */
  readonly redrives: boolean
  /** A parcel comes back after the ends of all requests. */
  readonly comesBack: boolean
  readonly mishaps: readonly Mishap[]
  readonly interruptions: readonly Interruption[]
  /** Milliseconds, taken in turn, that messages and calls take. */
  readonly delays: readonly number[]
  /** What an operator would rather do, in turn. */
  readonly wishes: readonly Remedy[]
}

const often = fc.boolean()
const seldom = fc.integer({ min: 0, max: 9 }).map((number) => number === 0)

const steps: CommandName[] = ['BeginCancellation', 'PauseFulfilment', 'StopShipment', 'SetStockAside', 'RefundOrder']
const after: CommandName[] = ['ReturnStockToSale', 'ReleaseLabels', 'ConfirmCancellation', 'CloseRound']
const undos: CommandName[] = ['ForbidRefund', 'ReserveAgain', 'ResumeShipment', 'AbandonCancellation']

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({
    command: fc.constantFrom(...steps, ...after, ...undos, 'RecordCancellation' as const),
    kind: fc.constantFrom('question-lost' as const, 'answer-lost' as const, 'late' as const, 'slow' as const),
    times: fc.integer({ min: 1, max: 2 }),
  }),
  fc.record({
    command: fc.constantFrom(...steps, ...after, ...undos),
    kind: fc.constant('fails' as const),
    times: fc.constant(1),
  }),
)

const scenario = fc.record({
  placed: seldom.map((never) => !never),
  lane: fc.constantFrom<StepLane[]>('adaptive', 'slow'),
  silence: fc.constantFrom('approve' as const, 'reject' as const),
  reusesId: seldom,
  saysTwice: often,
  holds: fc.constantFrom('yes' as const, 'yes' as const, 'no' as const, 'never' as const, 'never' as const),
  reverses: seldom,
  comesBack: often,
  refundPatience: fc.constantFrom(60_000, 60_000, 300),
  decidesTwice: often,
  redrives: often,
  mishaps: fc.array(mishap, { maxLength: 3 }),
  interruptions: fc.array(
    fc.record({
      kind: fc.constantFrom('withdraw' as const, 'terminate' as const, 'cancel' as const, 'reset' as const),
      of: fc.constantFrom(0, 0, 1),
      on: fc.constantFrom(...steps, ...after, ...undos),
      place: fc.integer({ min: 0, max: 4 }),
    }),
    { maxLength: 2 },
  ),
  delays: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 20, maxLength: 60 }),
  wishes: fc.array(fc.constantFrom<Remedy[]>('retry', 'undo', 'refund-elsewhere', 'skip'), {
    minLength: 5,
    maxLength: 12,
  }),
})

/** The same seed makes the same scenario; when its parts meet each other still depends on the machine. */
export const scenarioOf = (seed: number): Scenario => {
  const [order] = randomOrders(seed, 1)
  const [rest] = fc.sample(scenario, { seed, numRuns: 1 })
  if (order === undefined || rest === undefined) throw new Error(`expected a scenario of seed ${seed}, got none`)
  return { seed, order, ...rest }
}
