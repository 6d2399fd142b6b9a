import { expect, it } from 'vitest'
import { auc } from '../metrics.ts'
import { tableOf } from '../table.ts'
import { examples } from '../test/given.ts'
import { trainYggdrasil } from '../test/yggdrasil.ts'
import { boost } from './boosting.ts'
import { scorerOf } from './ensemble.ts'

it.each([0, 1])('our trees are no worse than Yggdrasil’s, whichever label is the rarer: %i', async (rarer) => {
  const given = examples(4000)
  const fresh = examples(8000, 2)
  const turn = (targets: Float64Array) => targets.map((target) => Math.abs(target - rarer))
  const learnt = { table: given.table, targets: turn(given.targets) }
  const table = tableOf(given.features, fresh.cells)
  const theirs = auc((await trainYggdrasil(learnt)).predict(table), turn(fresh.targets))
  const ours = auc(scorerOf(boost(learnt, { trees: 60, leaves: 15, rate: 0.1 })).predict(table), turn(fresh.targets))
  expect(theirs).toBeGreaterThan(0.75)
  expect(ours).toBeGreaterThan(theirs - 0.005)
})
