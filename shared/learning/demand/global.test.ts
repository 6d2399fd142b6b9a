import { expect, it } from 'vitest'
import { wape } from '../metrics.ts'
import { seeded } from '../random.ts'
import { learnDemand, type Series } from './global.ts'
import { movingAverage } from './smooth.ts'

/** Goods of which every second halves after a peak, and others that stay: what one kind shows the others may know. */
const random = seeded(3)
const series: Series[] = Array.from({ length: 150 }, (_, nth) => ({
  sku: `s${nth}`,
  price: 100,
  weeks: Float64Array.from({ length: 40 }, (_, week) => {
    const wave = 1 + Math.sin((2 * Math.PI * (week + nth)) / 8)
    return Math.round((5 + (nth % 20)) * (wave + 0.4 * random()))
  }),
}))

it('one model for all goods knows what the goods have in common, and a mean does not', () => {
  const horizon = 2
  const predict = learnDemand(series, { from: 10, until: 30, horizon }, { trees: 80, minRows: 40 })
  const origin = 36
  const came = series.map(({ weeks }) => (weeks[origin] ?? 0) + (weeks[origin + 1] ?? 0))
  const simple = series.map(({ weeks }) => horizon * movingAverage(4)(weeks.subarray(0, origin)))
  expect(wape(predict(series, origin), came)).toBeLessThan(0.5 * wape(simple, came))
})

it('what comes after the origin changes nothing', () => {
  const predict = learnDemand(series, { from: 10, until: 20, horizon: 2 }, { trees: 5 })
  const cut = series.map((each) => ({ ...each, weeks: each.weeks.map((units, week) => (week < 30 ? units : 999)) }))
  expect(predict(cut, 30)).toEqual(predict(series, 30))
})
