import { createRequire } from 'node:module'
import type { Table } from '../table.ts'
import type { Examples } from '../trees/boosting.ts'
import type { Predictor } from '../trees/ensemble.ts'

/** What is used of `ydf-training`: Google's Yggdrasil Decision Forests in WebAssembly. */
interface Yggdrasil {
  readonly GradientBoostedTreesLearner: new (
    label: string,
    task: 'CLASSIFICATION',
  ) => { train(csv: string): { predict(csv: string): ArrayLike<number>; unload(): void } }
}
const load: (options: { readonly print: () => void; readonly printErr: () => void }) => Promise<Yggdrasil> =
  createRequire(import.meta.url)('ydf-training')

const quiet = () => undefined

const csvOf = ({ features, columns, rows }: Table, targets: Float64Array): string => {
  const lines = [[...features.map((_, nth) => `f${nth}`), 'label'].join(',')]
  for (let row = 0; row < rows; row += 1) {
    const cells = features.map((feature, nth) => {
      const value = columns[nth]?.[row] ?? Number.NaN
      if (Number.isNaN(value)) return ''
      return feature.kind === 'category' ? `c${value}` : String(value)
    })
    lines.push([...cells, targets[row] === 1 ? 'yes' : 'no'].join(','))
  }
  return lines.join('\n')
}

/** Another's trees, trained with the settings that it has by itself, behind the same interface as ours. */
export const trainYggdrasil = async ({ table, targets }: Examples): Promise<Predictor> => {
  const { GradientBoostedTreesLearner } = await load({ print: quiet, printErr: quiet })
  const model = new GradientBoostedTreesLearner('label', 'CLASSIFICATION').train(csvOf(table, targets))
  // It gives the probability of the label that is the rarer one.
  const rarer = 2 * targets.reduce((sum, each) => sum + each, 0) <= targets.length
  return {
    // It wants a label where it predicts, too, and does not look at it.
    predict: (asked) =>
      Float64Array.from(model.predict(csvOf(asked, new Float64Array(asked.rows))), (each) => (rarer ? each : 1 - each)),
  }
}
