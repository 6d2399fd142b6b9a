import type { Cell, Plan } from '../table.ts'

/** A line of an order: units, and the price of one in minor units. */
export interface OrderLine {
  readonly sku: string
  readonly quantity: number
  readonly price: number
}

/** What is learnt from, in the order of its time; `at` in milliseconds since 1970. */
export type OrderEvent =
  | {
      readonly kind: 'placed'
      readonly at: number
      readonly orderId: string
      readonly customerId: string
      readonly lines: readonly OrderLine[]
    }
  | {
      readonly kind: 'cancelled'
      readonly at: number
      readonly orderId: string
      readonly customerId: string
      readonly skus: readonly string[]
    }

export type Placed = Extract<OrderEvent, { kind: 'placed' }>
export type Cancelled = Extract<OrderEvent, { kind: 'cancelled' }>

interface Customer {
  orders: number
  cancelledOrders: number
  cancelledLines: number
  value: number
  firstOrder: number | undefined
  lastOrder: number | undefined
  lastCancel: number | undefined
  readonly cancelledIds: Set<string>
  readonly bought: Set<string>
  readonly cancelledSkus: Set<string>
  readonly recentOrders: Fading
  readonly recentCancels: Fading
}

/** A count of which half is forgotten every so often. */
interface Fading {
  count: number
  at: number
}

interface Sku {
  lines: number
  cancelled: number
  units: number
  price: number
}

const numbers = [
  'lines',
  'units',
  'value',
  'largestLine',
  'largestLineShare',
  'meanPrice',
  'valueToOwnMean',
  'ordersBefore',
  'daysKnown',
  'daysSinceOrder',
  'daysSinceCancel',
  'ownCancelRate',
  'recentOrders',
  'recentCancels',
  'recentCancelRate',
  'boughtBeforeShare',
  'cancelledBefore',
  'ownCancelledLines',
  'highestSkuCancelRate',
  'meanSkuCancelRate',
  'expectedCancels',
  'newSkuShare',
  'largestQuantityToUsual',
  'highestPriceToUsual',
  'hour',
  'weekday',
] as const

/** The columns of `row`. Nothing about who somebody is: no name, place, nation, age, sex, language or device. */
export const orderPlan: Plan = numbers.map((name) => ({ name, kind: 'number' }))

const dayMs = 86_400_000
/** Orders, or lines, that a rate is as if it had been seen on, at what holds for all. */
const pull = { customer: 4, sku: 30 }

const days = (from: number | undefined, to: number): number | undefined =>
  from === undefined ? undefined : (to - from) / dayMs

/** What is known of customers and goods. */
interface Known {
  readonly customers: Map<string, Customer>
  readonly skus: Map<string, Sku>
  orders: number
  cancelledOrders: number
  lines: number
  cancelledLines: number
}

const share = (part: number, of: number): number => (of === 0 ? 0 : part / of)

const noCustomer = (): Customer => ({
  orders: 0,
  cancelledOrders: 0,
  cancelledLines: 0,
  value: 0,
  firstOrder: undefined,
  lastOrder: undefined,
  lastCancel: undefined,
  cancelledIds: new Set(),
  bought: new Set(),
  cancelledSkus: new Set(),
  recentOrders: { count: 0, at: 0 },
  recentCancels: { count: 0, at: 0 },
})

const halfLifeMs = 60 * dayMs

const faded = ({ count, at }: Fading, now: number): number => count * 2 ** ((at - now) / halfLifeMs)

const countOne = (of: Fading, now: number): void => {
  of.count = 1 + faded(of, now)
  of.at = now
}

const noSku = (): Sku => ({ lines: 0, cancelled: 0, units: 0, price: 0 })

/** What is kept under a key; begun where nothing is. */
const kept = <Value>(of: Map<string, Value>, key: string, begin: () => Value): Value => {
  const found = of.get(key) ?? begin()
  of.set(key, found)
  return found
}

/** A customer's share of orders with a cancelled line, pulled towards everybody's where little is known. */
const ownCancelRateOf = (known: Known, customerId: string): number => {
  const { orders, cancelledOrders } = known.customers.get(customerId) ?? { orders: 0, cancelledOrders: 0 }
  const usual = share(known.cancelledOrders, known.orders)
  return (cancelledOrders + pull.customer * usual) / (orders + pull.customer)
}

const ofGoods = (known: Known, order: Placed) => {
  const usual = share(known.cancelledLines, known.lines)
  const goods = order.lines.map((line) => ({ line, sku: known.skus.get(line.sku) }))
  const rates = goods.map(({ sku }) => ((sku?.cancelled ?? 0) + pull.sku * usual) / ((sku?.lines ?? 0) + pull.sku))
  const highest = (of: (line: OrderLine, sku: Sku) => number): number | undefined => {
    const found = goods.flatMap(({ line, sku }) => (sku === undefined || sku.lines < 3 ? [] : [of(line, sku)]))
    return found.length === 0 ? undefined : Math.max(...found)
  }
  const expectedCancels = rates.reduce((all, rate) => all + rate, 0)
  return {
    highestSkuCancelRate: Math.max(0, ...rates),
    meanSkuCancelRate: share(expectedCancels, rates.length),
    expectedCancels,
    newSkuShare: share(goods.filter(({ sku }) => sku === undefined).length, goods.length),
    largestQuantityToUsual: highest(({ quantity }, { units, lines }) => (quantity * lines) / Math.max(1, units)),
    highestPriceToUsual: highest(({ price }, sku) => (price * sku.lines) / Math.max(1, sku.price)),
  }
}

const ofCustomer = (known: Known, { customerId, at, lines }: Placed, value: number) => {
  const customer = known.customers.get(customerId)
  const recentOrders = customer === undefined ? 0 : faded(customer.recentOrders, at)
  const recentCancels = customer === undefined ? 0 : faded(customer.recentCancels, at)
  const usual = share(known.cancelledOrders, known.orders)
  return {
    valueToOwnMean: customer?.value ? (value * customer.orders) / customer.value : undefined,
    ordersBefore: customer?.orders ?? 0,
    daysKnown: days(customer?.firstOrder, at),
    daysSinceOrder: days(customer?.lastOrder, at),
    daysSinceCancel: days(customer?.lastCancel, at),
    ownCancelRate: ownCancelRateOf(known, customerId),
    recentOrders,
    recentCancels,
    recentCancelRate: (recentCancels + usual) / (recentOrders + 1),
    boughtBeforeShare: share(lines.filter(({ sku }) => customer?.bought.has(sku)).length, lines.length),
    cancelledBefore: lines.filter(({ sku }) => customer?.cancelledSkus.has(sku)).length,
    ownCancelledLines: customer?.cancelledLines ?? 0,
  }
}

const rowOf = (known: Known, order: Placed): Cell[] => {
  const values = order.lines.map(({ quantity, price }) => quantity * price)
  const value = values.reduce((sum, each) => sum + each, 0)
  const units = order.lines.reduce((sum, { quantity }) => sum + quantity, 0)
  const largestLine = Math.max(0, ...values)
  const at = new Date(order.at)
  const cells: Record<(typeof numbers)[number], number | undefined> = {
    lines: order.lines.length,
    units,
    value,
    largestLine,
    largestLineShare: share(largestLine, value),
    meanPrice: share(value, units),
    ...ofCustomer(known, order, value),
    ...ofGoods(known, order),
    hour: at.getUTCHours(),
    weekday: at.getUTCDay(),
  }
  return numbers.map((name) => cells[name])
}

const place = (known: Known, { customerId, at, lines }: Placed): void => {
  const customer = kept(known.customers, customerId, noCustomer)
  known.orders += 1
  customer.orders += 1
  customer.firstOrder ??= at
  customer.lastOrder = at
  countOne(customer.recentOrders, at)
  for (const { sku: name, quantity, price } of lines) {
    const sku = kept(known.skus, name, noSku)
    known.lines += 1
    sku.lines += 1
    sku.units += quantity
    sku.price += price
    customer.value += quantity * price
    customer.bought.add(name)
  }
}

const cancel = (known: Known, { customerId, orderId, at, skus }: Cancelled): void => {
  const customer = kept(known.customers, customerId, noCustomer)
  customer.lastCancel = at
  if (!customer.cancelledIds.has(orderId)) {
    customer.cancelledIds.add(orderId)
    customer.cancelledOrders += 1
    countOne(customer.recentCancels, at)
    known.cancelledOrders += 1
  }
  for (const name of skus) {
    kept(known.skus, name, noSku).cancelled += 1
    customer.cancelledLines += 1
    customer.cancelledSkus.add(name)
    known.cancelledLines += 1
  }
}

/**
 * What was known of customers and goods at each moment. Events are told in the order of their time; a row holds only what was told before,
 * so that what is learnt from is what can be known when it counts.
 */
export const createHistory = () => {
  const known: Known = {
    customers: new Map(),
    skus: new Map(),
    orders: 0,
    cancelledOrders: 0,
    lines: 0,
    cancelledLines: 0,
  }
  return {
    /** What is known of an order when it is placed, in the columns of `orderPlan`. */
    row: (order: Placed): Cell[] => rowOf(known, order),
    /** A customer's own cancel rate: alone it is the simple rival of a model. */
    ownCancelRate: (customerId: string): number => ownCancelRateOf(known, customerId),
    tell: (event: OrderEvent): void => (event.kind === 'placed' ? place(known, event) : cancel(known, event)),
  }
}
