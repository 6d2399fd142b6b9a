/** A store that orders every period up to a level, gets it some periods later, and loses what it cannot sell. */
export interface StockRun {
  readonly demand: ArrayLike<number>
  /** Up to which stock and what is on its way are filled, by period. */
  readonly orderUpTo: ArrayLike<number>
  /** Periods from the order until it can be sold. */
  readonly lead: number
}

export interface StockResult {
  /** Periods in which something could not be sold. */
  readonly short: number
  /** Units that were sold, and that were asked for. */
  readonly sold: number
  readonly asked: number
  /** Units in stock at the end of a period, on average. */
  readonly stock: number
}

/** Plays a store, which begins with its level in stock and nothing on the way. */
export const playStore = ({ demand, orderUpTo, lead }: StockRun): StockResult => {
  let onHand = orderUpTo[0] ?? 0
  const coming: number[] = new Array(lead).fill(0)
  let [short, sold, asked, stock] = [0, 0, 0, 0]
  for (let period = 0; period < demand.length; period += 1) {
    const position = onHand + coming.reduce((sum, each) => sum + each, 0)
    coming.push(Math.max(0, (orderUpTo[period] ?? 0) - position))
    onHand += coming.shift() ?? 0
    const wanted = demand[period] ?? 0
    const taken = Math.min(onHand, wanted)
    if (taken < wanted) short += 1
    onHand -= taken
    sold += taken
    asked += wanted
    stock += onHand
  }
  return { short, sold, asked, stock: stock / Math.max(1, demand.length) }
}

/** What is expected of a store's goods until an order of now could be followed by another, and how far that is off. */
export interface Expected {
  readonly demand: ArrayLike<number>
  /** Of review and lead together, by period. */
  readonly expected: ArrayLike<number>
  /** The spread of the method's own errors over that time. */
  readonly spread: number
  /** What a unit is worth. */
  readonly price: number
}

export interface Played {
  /** The share of goods and periods that were short. */
  readonly short: number
  /** The share of what was asked for that was sold, by value. */
  readonly filled: number
  /** Stock by value, in periods of demand. */
  readonly cover: number
}

const play = (goods: readonly Expected[], lead: number, safety: number): Played => {
  let [short, periods, sold, asked, stock, length] = [0, 0, 0, 0, 0, 1]
  for (const { demand, expected, spread, price } of goods) {
    const orderUpTo = Float64Array.from(expected, (each) => Math.max(0, Math.round(each + safety * spread)))
    const result = playStore({ demand, orderUpTo, lead })
    short += result.short
    periods += demand.length
    sold += result.sold * price
    asked += result.asked * price
    stock += result.stock * price
    length = demand.length
  }
  return { short: short / periods, filled: sold / asked, cover: stock / (asked / length) }
}

/**
 * Plays all goods with the safety stock that makes their stock together cover so many periods of demand.
 * So methods are compared by how often goods are short while the same money lies in the store.
 */
export const playAtCover = (goods: readonly Expected[], lead: number, cover: number): Played => {
  let [low, high] = [-3, 30]
  for (let round = 0; round < 40; round += 1) {
    const middle = (low + high) / 2
    if (play(goods, lead, middle).cover < cover) low = middle
    else high = middle
  }
  return play(goods, lead, high)
}
