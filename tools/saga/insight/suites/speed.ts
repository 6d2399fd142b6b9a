import { rowOf } from '@countermand/learning/table.ts'
import { boost } from '@countermand/learning/trees/boosting.ts'
import { scorerOf } from '@countermand/learning/trees/ensemble.ts'
import { explainerOf } from '@countermand/learning/trees/explain.ts'
import { hotelExamples } from './hotel.ts'
import type { Suite } from './suite.ts'

/** Milliseconds of the processor, which other work on the machine does not lengthen. */
const spent = (work: () => void): number => {
  const before = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const scored = 20_000
const explained = 50

/** What learning, a score and an explanation cost, on the rows and columns of `hotel-all`. */
export const speed: Suite = async (folder, watch) => {
  const examples = await hotelExamples(folder)
  const progress = watch('speed, models', 1)
  let scorer = scorerOf({ link: 'logistic', features: [], base: 0, trees: [] })
  const training = spent(() => {
    scorer = scorerOf(boost(examples, { trees: 400, leaves: 63 }))
  })
  progress.end()
  const rows = Array.from({ length: scored }, (_, nth) => rowOf(examples.table, nth))
  const scoring = spent(() => {
    for (const row of rows) scorer.margin(row)
  })
  const explain = explainerOf(scorer)
  const explaining = spent(() => {
    for (const row of rows.slice(0, explained)) explain(row)
  })
  const what = `${examples.table.rows} × ${examples.table.columns.length}, 400 trees of 63 leaves`
  return [
    {
      suite: 'speed',
      name: 'training, s of CPU',
      value: training / 1000,
      reference: what,
      toReach: { atMost: 20 },
    },
    { suite: 'speed', name: 'a score, ms', value: scoring / scored, toReach: { atMost: 0.1 } },
    { suite: 'speed', name: 'an explanation, ms', value: explaining / explained, toReach: { atMost: 20 } },
  ]
}
