import type { OrderEvent, OrderLine, Placed } from '../orders/history.ts'
import { type Random, streamOf } from '../random.ts'
import { chanceOf, exponential, normal, pick } from './draws.ts'

/**
 * The numbers by which the simulated shop works. All of them are made up: what is learnt from it says whether the learning works, and
 * nothing about any real shop.
 */
export const coefficients = {
  customers: 0.04,
  goods: 400,
  /** A share of the goods disappoints; it is cancelled more often. */
  disappointing: 0.08,
  days: 365,
  cancel: {
    base: -2.9,
    /** Spread of what customers are like, that nobody sees but in what they do. */
    customer: 0.6,
    disappointing: 1.6,
    /** By each line, up to ten. */
    line: 0.12,
    /** When the largest line is more than three times what is usual. */
    muchOfOne: 1.1,
    night: 0.5,
    /** Mean age of an order that is cancelled, in days; at most the horizon. */
    ageDays: 4,
  },
  refuse: {
    /** What has left is often refused; what has not, hardly ever. */
    sent: -0.6,
    notSent: -7,
    /** For a customer that has cancelled often before, in shares of the own orders. */
    ownCancelRate: 4,
    /** By the logarithm of the value over what is usual. */
    value: 0.8,
    /** Days until an order leaves, on average. */
    sentAfterDays: 2.5,
  },
} as const

export const horizonDays = 30
const dayMs = 86_400_000
const begins = Date.UTC(2025, 0, 1)

/** A request to cancel, what was known of it, and what its merchant said. */
export interface SimulatedRequest {
  readonly orderId: string
  readonly at: number
  readonly ageDays: number
  readonly isSent: boolean
  readonly value: number
  readonly ownCancelRate: number
  /** The true chance of a no, and what was said. */
  readonly chanceOfNo: number
  readonly refused: boolean
}

export interface SimulatedShop {
  /** In the order of their time. */
  readonly events: readonly OrderEvent[]
  /** By order, the true chance that some line is cancelled within the horizon. */
  readonly chances: ReadonlyMap<string, number>
  readonly requests: readonly SimulatedRequest[]
}

interface Sku {
  readonly name: string
  readonly price: number
  readonly usual: number
  readonly isDisappointing: boolean
}

const goodsOf = (random: Random): Sku[] =>
  Array.from({ length: coefficients.goods }, (_, nth) => ({
    name: `sku-${nth}`,
    price: Math.round(500 * Math.exp(normal(random))),
    usual: 1 + Math.floor(3 * exponential(random)),
    isDisappointing: random() < coefficients.disappointing,
  }))

const linesOf = (random: Random, goods: readonly Sku[], popularity: Float64Array) => {
  const wanted = 1 + Math.min(11, Math.floor(2.2 * exponential(random)))
  const chosen = new Set(Array.from({ length: wanted }, () => pick(random, popularity)))
  return [...chosen].flatMap((at) => {
    const sku = goods[at]
    return sku === undefined ? [] : [{ sku, quantity: 1 + Math.floor(sku.usual * exponential(random)) }]
  })
}

type Chosen = ReturnType<typeof linesOf>[number]

/** More in the day than at night, as people buy. */
const placedAt = (random: Random): number => {
  const day = Math.floor(random() * coefficients.days)
  const hour = random() < 0.08 ? random() * 6 : 7 + random() * 16
  return begins + day * dayMs + Math.floor(hour * 3600) * 1000
}

const isNight = (at: number): boolean => new Date(at).getUTCHours() < 6

const cancelChance = (lines: readonly Chosen[], at: number, leaning: number): number => {
  const { cancel } = coefficients
  const muchOfOne = lines.some(({ sku, quantity }) => quantity > 3 * (sku.usual + 1))
  return chanceOf(
    cancel.base +
      leaning +
      (lines.some(({ sku }) => sku.isDisappointing) ? cancel.disappointing : 0) +
      cancel.line * Math.min(10, lines.length) +
      (muchOfOne ? cancel.muchOfOne : 0) +
      (isNight(at) ? cancel.night : 0),
  )
}

interface Draft {
  readonly order: Placed
  readonly chosen: readonly Chosen[]
  readonly chance: number
  readonly value: number
}

const draftsOf = (count: number, seed: number): Draft[] => {
  const goods = goodsOf(streamOf(seed, 'goods'))
  const popularity = Float64Array.from(goods, (_, nth) => 1 / (nth + 10))
  const people = streamOf(seed, 'customers')
  const leanings = Float64Array.from(
    { length: Math.max(1, Math.round(count * coefficients.customers)) },
    () => coefficients.cancel.customer * normal(people),
  )
  const random = streamOf(seed, 'orders')
  return Array.from({ length: count }, (_, nth): Draft => {
    const customer = Math.floor(random() * leanings.length)
    const at = placedAt(random)
    const chosen = linesOf(random, goods, popularity)
    const lines: OrderLine[] = chosen.map(({ sku, quantity }) => ({ sku: sku.name, quantity, price: sku.price }))
    return {
      order: { kind: 'placed', at, orderId: `order-${nth}`, customerId: `customer-${customer}`, lines },
      chosen,
      chance: cancelChance(chosen, at, leanings[customer] ?? 0),
      value: lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0),
    }
  })
}

/** What is cancelled: what disappoints, else one line. */
const takenOf = (chosen: readonly Chosen[], random: Random): string[] => {
  const disappointing = chosen.filter(({ sku }) => sku.isDisappointing)
  const among = disappointing.length > 0 ? disappointing : chosen
  const one = among[Math.floor(random() * among.length)]
  return one === undefined ? [] : [one.sku.name]
}

/** Shares of each customer's orders before, that were cancelled. */
const ownRates = () => {
  const counts = new Map<string, { orders: number; cancelled: number }>()
  const of = (id: string) => {
    const found = counts.get(id) ?? { orders: 0, cancelled: 0 }
    counts.set(id, found)
    return found
  }
  return { of, rate: (id: string): number => of(id).cancelled / Math.max(1, of(id).orders) }
}

const requestOf = (draft: Draft, at: number, ownCancelRate: number, usualValue: number, random: Random) => {
  const { refuse } = coefficients
  const ageDays = (at - draft.order.at) / dayMs
  const isSent = ageDays > refuse.sentAfterDays * exponential(random)
  const margin =
    (isSent ? refuse.sent : refuse.notSent) +
    refuse.ownCancelRate * ownCancelRate +
    refuse.value * Math.log(draft.value / usualValue)
  const chanceOfNo = chanceOf(margin)
  const { orderId } = draft.order
  const refused = random() < chanceOfNo
  return { orderId, at, ageDays, isSent, value: draft.value, ownCancelRate, chanceOfNo, refused }
}

/** A year of a shop that never was, with the true chance of all that happens by chance. The same seed is the same year. */
export const simulateShop = ({ orders, seed }: { readonly orders: number; readonly seed: number }): SimulatedShop => {
  const drafts = draftsOf(orders, seed).sort((a, b) => a.order.at - b.order.at)
  const random = streamOf(seed, 'cancellations')
  const usualValue = drafts.map(({ value }) => value).sort((a, b) => a - b)[orders >> 1] ?? 1
  const cancels = drafts.flatMap((draft) => {
    const [isCancelled, age] = [random() < draft.chance, coefficients.cancel.ageDays * exponential(random)]
    const at = draft.order.at + Math.round(Math.min(age, horizonDays - 1) * dayMs)
    return isCancelled ? [{ draft, at }] : []
  })
  const at = new Map(cancels.map((each) => [each.draft.order.orderId, each.at]))
  const rates = ownRates()
  const requests: SimulatedRequest[] = []
  const events: OrderEvent[] = []
  const told = drafts
    .flatMap((draft) => [
      { draft, at: draft.order.at, isCancel: false },
      ...[at.get(draft.order.orderId)].flatMap((when) =>
        when === undefined ? [] : [{ draft, at: when, isCancel: true }],
      ),
    ])
    .sort((a, b) => a.at - b.at)
  for (const each of told) {
    const { orderId, customerId } = each.draft.order
    if (!each.isCancel) {
      rates.of(customerId).orders += 1
      events.push(each.draft.order)
      continue
    }
    const request = requestOf(each.draft, each.at, rates.rate(customerId), usualValue, random)
    requests.push(request)
    rates.of(customerId).cancelled += 1
    const skus = takenOf(each.draft.chosen, random)
    events.push({ kind: 'cancelled', at: each.at, orderId, customerId, skus })
  }
  return { events, requests, chances: new Map(drafts.map(({ order, chance }) => [order.orderId, chance])) }
}
