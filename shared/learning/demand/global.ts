import { type Feature, tableOf } from '../table.ts'
import { type BoostingSettings, boost } from '../trees/boosting.ts'
import { scorerOf } from '../trees/ensemble.ts'

/** What was asked for of one kind of goods, by week from the first week of the shop; and its price. */
export interface Series {
  readonly sku: string
  readonly weeks: Float64Array
  /** Of one unit, in minor units. */
  readonly price: number
}

const lags = 8
const names = [
  ...Array.from({ length: lags }, (_, lag) => `lag${lag + 1}`),
  'mean4',
  'mean13',
  'mean26',
  'level',
  'price',
  'zeros13',
  'sinceSale',
  'age',
  'spread13',
  'shop',
] as const
const features: Feature[] = names.map((name) => ({ name, kind: 'number' }))

const meanBefore = (weeks: Float64Array, origin: number, count: number): number => {
  const past = weeks.subarray(Math.max(0, origin - count), origin)
  return past.reduce((sum, each) => sum + each, 0) / Math.max(1, past.length)
}

/** The usual demand of a week, never quite nothing: all of a row is said in shares of it. */
const levelOf = (weeks: Float64Array, origin: number): number => 0.1 + meanBefore(weeks, origin, 13)

/** How the shop's whole demand of the last weeks compares with that of a quarter. */
const shopTrend = (total: Float64Array, origin: number): number =>
  meanBefore(total, origin, 4) / Math.max(1, meanBefore(total, origin, 13))

const cellsOf = ({ weeks, price }: Series, origin: number, total: Float64Array): (number | undefined)[] => {
  const level = levelOf(weeks, origin)
  const quarter = weeks.subarray(Math.max(0, origin - 13), origin)
  const first = weeks.findIndex((units) => units > 0)
  const last = weeks.subarray(0, origin).findLastIndex((units) => units > 0)
  const spread = Math.sqrt(quarter.reduce((sum, each) => sum + (each - level) ** 2, 0) / Math.max(1, quarter.length))
  return [
    ...Array.from({ length: lags }, (_, lag) => (weeks[origin - 1 - lag] ?? 0) / level),
    meanBefore(weeks, origin, 4) / level,
    1,
    meanBefore(weeks, origin, 26) / level,
    level,
    price,
    quarter.filter((each) => each === 0).length,
    last < 0 ? undefined : origin - last,
    first < 0 || first >= origin ? undefined : origin - first,
    spread / level,
    shopTrend(total, origin),
  ]
}

const totalOf = (series: readonly Series[]): Float64Array => {
  const total = new Float64Array(series[0]?.weeks.length ?? 0)
  for (const { weeks } of series) for (const [week, units] of weeks.entries()) total[week] = (total[week] ?? 0) + units
  return total
}

/**
 * One model for all goods: what is asked for in the next `horizon` weeks, in shares of each one's usual week, weighed by it (Poisson with
 * an exposure). Learns from the origins `from` to `until`, whose horizons end before `until + horizon`.
 */
export const learnDemand = (
  series: readonly Series[],
  { from, until, horizon }: { readonly from: number; readonly until: number; readonly horizon: number },
  settings: Partial<BoostingSettings> = {},
) => {
  const total = totalOf(series)
  const rows: { readonly cells: (number | undefined)[]; readonly target: number; readonly weight: number }[] = []
  for (let origin = from; origin <= until; origin += 1)
    for (const each of series) {
      if (each.weeks.subarray(0, origin).every((units) => units === 0)) continue
      const level = levelOf(each.weeks, origin)
      const units = each.weeks.subarray(origin, origin + horizon).reduce((sum, week) => sum + week, 0)
      rows.push({ cells: cellsOf(each, origin, total), target: units / level, weight: level })
    }
  const examples = {
    table: tableOf(
      features,
      rows.map(({ cells }) => cells),
    ),
    targets: Float64Array.from(rows, ({ target }) => target),
    weights: Float64Array.from(rows, ({ weight }) => weight),
  }
  const scorer = scorerOf(
    boost(examples, { loss: 'poisson', trees: 200, leaves: 31, minRows: 100, l2: 1, ...settings }),
  )
  /** Units of the whole horizon after `origin`, for each of the goods. */
  return (asked: readonly Series[], origin: number): Float64Array => {
    const shop = totalOf(asked)
    const table = tableOf(
      features,
      asked.map((each) => cellsOf(each, origin, shop)),
    )
    return scorer.predict(table).map((ratio, nth) => ratio * levelOf(asked[nth]?.weeks ?? new Float64Array(), origin))
  }
}
