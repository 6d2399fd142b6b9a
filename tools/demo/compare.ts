import { isDeepStrictEqual } from 'node:util'
import type { Story } from '@countermand/workflows/operations/story/story.ts'
import { quantity, type Scenario, total } from '../shop/scenarios.ts'

/** What of a story its scenario makes a promise about. */
export interface Kept {
  readonly outcome: string | null
  readonly code: string | null
  readonly stage: string | null
  readonly order: string | null
  /** Units by place. */
  readonly stock: Readonly<Record<string, number>>
  readonly parcels: readonly {
    readonly status: string
    readonly stop: string | null
    readonly trackingNumber: string
  }[]
  readonly refunds: readonly { readonly state: string; readonly amount: number }[]
  /** Minor units, over all tenders. */
  readonly refunded: number
}

const places = ['reserved', 'aside', 'shipped', 'onSale', 'writtenOff'] as const

/** What the four databases say, in the promise's words. */
export const keptOf = ({ outcome, code, stage, order, stock, shipments, payment }: Story): Kept => ({
  outcome,
  code,
  stage,
  order: order?.status ?? null,
  stock: Object.fromEntries(
    places.flatMap((place) => {
      const units = stock.reduce((sum, line) => sum + line[place], 0)
      return units > 0 ? [[place, units]] : []
    }),
  ),
  parcels: shipments.map(({ status, stops, trackingNumber }) => ({
    status,
    stop: stops.at(-1)?.state ?? null,
    trackingNumber,
  })),
  refunds: payment.refunds.map(({ state, amount }) => ({ state, amount })),
  refunded: payment.tenders.reduce((sum, tender) => sum + tender.refunded, 0),
})

/** What the scenario promised, in the same words. */
export const promisedOf = ({ promise, parcel }: Scenario): Kept => ({
  outcome: promise.outcome,
  code: promise.code,
  stage: promise.stage,
  order: promise.order,
  stock: { [promise.stock]: quantity },
  parcels:
    promise.parcel === undefined || parcel === undefined
      ? []
      : [{ trackingNumber: parcel.trackingNumber, ...promise.parcel }],
  refunds: promise.refund === 'none' ? [] : [{ state: promise.refund, amount: total }],
  refunded: promise.refund === 'succeeded' ? total : 0,
})

/** Where a story is not what its scenario promised, in words. */
export const differences = (scenario: Scenario, story: Story): string[] => {
  const kept = Object.entries(keptOf(story))
  return Object.entries(promisedOf(scenario)).flatMap(([name, promised]) => {
    const [, got] = kept.find(([key]) => key === name) ?? []
    return isDeepStrictEqual(got, promised)
      ? []
      : [`${scenario.name}: ${name}: expected ${JSON.stringify(promised)}, got ${JSON.stringify(got)}`]
  })
}
