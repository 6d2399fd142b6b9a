import { learnDemand, type Series } from '@countermand/learning/demand/global.ts'
import { exponentialSmoothing, type Forecast, movingAverage, naive, tsb } from '@countermand/learning/demand/smooth.ts'
import { pooledSpread } from '@countermand/learning/demand/spread.ts'
import { type Expected, playAtCover } from '@countermand/learning/demand/stock.ts'
import { wape } from '@countermand/learning/metrics.ts'
import { readLines } from './retail.ts'
import type { Suite } from './suite.ts'

const begins = Date.UTC(2010, 11, 1)
const weekMs = 7 * 86_400_000
/** Whole weeks of the set. */
const weeks = 53
/** Weeks in which goods were sold before they are forecast. */
const soldWeeks = 10
const tested = 16
const stockWeeks = 13
/** Weeks from an order to its coming, and from one order to the next. */
const lead = 2
const review = 1

/** What was asked for of each of the goods, by week. */
export const readSeries = async (folder: string): Promise<Series[]> => {
  const sold = (await readLines(folder)).filter(
    ({ isCancel, quantity, price }) => !isCancel && quantity > 0 && price > 0,
  )
  return [...Map.groupBy(sold, ({ sku }) => sku)].flatMap(([sku, lines]) => {
    const units = new Float64Array(weeks)
    let value = 0
    for (const { at, quantity, price } of lines) {
      const week = Math.floor((at - begins) / weekMs)
      if (week < weeks) units[week] = (units[week] ?? 0) + quantity
      value += quantity * price
    }
    const before = units.subarray(0, weeks - tested).filter((each) => each > 0).length
    const all = lines.reduce((sum, { quantity }) => sum + quantity, 0)
    return before < soldWeeks ? [] : [{ sku, weeks: units, price: value / all }]
  })
}

/** From its first sale on. */
const pastOf = ({ weeks: units }: Series, origin: number): Float64Array =>
  units.subarray(
    Math.max(
      0,
      units.findIndex((each) => each > 0),
    ),
    origin,
  )

/** What is expected of each of the goods in the weeks after `origin`, together. */
type Method = (series: readonly Series[], origin: number, horizon: number) => Float64Array

const eachAlone =
  (forecast: Forecast): Method =>
  (series, origin, horizon) =>
    Float64Array.from(series, (each) => horizon * forecast(pastOf(each, origin)))

const mixed =
  (methods: readonly Method[]): Method =>
  (series, origin, horizon) => {
    const said = methods.map((method) => method(series, origin, horizon))
    return Float64Array.from(series, (_, nth) => said.reduce((sum, each) => sum + (each[nth] ?? 0), 0) / said.length)
  }

const firstOrigin = 16

/** The global model, learnt once for each horizon from what had come before `end`. */
const boosted = (series: readonly Series[], end: number, horizons: readonly number[]): Method => {
  const models = new Map(
    horizons.map((horizon) => [horizon, learnDemand(series, { from: firstOrigin, until: end - horizon, horizon })]),
  )
  return (asked, origin, horizon) => models.get(horizon)?.(asked, origin) ?? new Float64Array(asked.length)
}

const actual = (series: readonly Series[], origin: number, horizon: number): Float64Array =>
  Float64Array.from(series, (each) =>
    each.weeks.subarray(origin, origin + horizon).reduce((sum, week) => sum + week, 0),
  )

const horizon = 4

/** The error by what came, over four origins of four weeks. */
const errorOf = (series: readonly Series[], method: Method): number => {
  const origins = [0, 1, 2, 3].map((nth) => weeks - tested + nth * horizon)
  const said = origins.flatMap((origin) => [...method(series, origin, horizon)])
  const came = origins.flatMap((origin) => [...actual(series, origin, horizon)])
  return wape(said, came)
}

/** How a method fares as a store's buyer in the last weeks; the spread is that of its own errors before them. */
const expectedOf = (series: readonly Series[], method: Method): Expected[] => {
  const first = weeks - stockWeeks
  const until = lead + review
  const backtest = Array.from({ length: 8 }, (_, nth) => first - until - nth)
  const errors = backtest.map((origin) => {
    const [said, came] = [method(series, origin, until), actual(series, origin, until)]
    return said.map((each, nth) => (came[nth] ?? 0) - each)
  })
  const byWeek = Array.from({ length: stockWeeks }, (_, nth) => method(series, first + nth, until))
  const level = (nth: number) => byWeek[0]?.[nth] ?? 0
  const spread = pooledSpread(
    series.map((_, nth) => ({
      expected: level(nth),
      // Never quite sure: as if one unit more or less had been seen.
      error: Math.sqrt(errors.reduce((sum, error) => sum + (error[nth] ?? 0) ** 2, 0) / errors.length + 1),
    })),
  )
  return series.map((each, nth) => ({
    demand: each.weeks.subarray(first),
    expected: byWeek.map((said) => said[nth] ?? 0),
    spread: spread(level(nth)),
    price: each.price,
  }))
}

/** Demand of a web shop's goods by week: the error of a forecast, and how often goods are short when it fills the store. */
export const retailDemand: Suite = async (folder, watch) => {
  const series = await readSeries(folder)
  const progress = watch('retail-demand, methods', 8)
  const global = boosted(series, weeks - tested, [horizon, lead + review])
  progress.step()
  const mean4 = eachAlone(movingAverage(4))
  const fading = eachAlone(tsb)
  const mix = mixed([global, eachAlone(exponentialSmoothing), fading])
  const measure = <Found>(method: Method, of: (series: readonly Series[], method: Method) => Found): Found => {
    const found = of(series, method)
    progress.step()
    return found
  }
  const errorOfMix = measure(mix, errorOf)
  const errorOfMean = measure(mean4, errorOf)
  const errorOfLast = measure(eachAlone(naive), errorOf)
  const stores = {
    boosting: measure(global, expectedOf),
    mean: measure(mean4, expectedOf),
    TSB: measure(fading, expectedOf),
    'mean of three': measure(mix, expectedOf),
  }
  progress.end()
  const shortages = ([2, 3, 4, 6] as const).map((cover) => {
    const shortOf = (goods: readonly Expected[]) => playAtCover(goods, lead, cover).short
    const simple = shortOf(stores.mean)
    const inPercent = Object.entries(stores).map(([name, goods]) => `${name} ${(100 * shortOf(goods)).toFixed(1)}`)
    return {
      suite: 'retail-demand',
      name: `shortages at ${cover} weeks of stock, by those of a mean of 4 weeks`,
      value: shortOf(stores.boosting) / simple,
      rival: { name: 'TSB', value: shortOf(stores.TSB) / simple },
      reference: `of goods and weeks ${inPercent.join(', ')} %; first measured 0.75`,
      ...((cover === 4 || cover === 6) && { toReach: { atMost: 0.75 } }),
    }
  })
  return [
    {
      suite: 'retail-demand',
      name: 'WAPE of 4 weeks, mean of boosting, SES and TSB',
      value: errorOfMix,
      rival: { name: 'mean of 4 weeks', value: errorOfMean },
      reference: `last week ${errorOfLast.toFixed(3)} here; first measured 0.480`,
      toReach: { atMost: 0.5 },
    },
    ...shortages,
    { suite: 'retail-demand', name: 'goods', value: series.length, reference: 'first measured 2,341' },
  ]
}
