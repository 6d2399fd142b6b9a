import { seeded } from '../random.ts'
import { type Cell, featuresOf, type Plan, tableOf } from '../table.ts'
import type { Examples } from '../trees/boosting.ts'

export const plan: Plan = [
  { name: 'age', kind: 'number' },
  { name: 'value', kind: 'number' },
  { name: 'kind', kind: 'category' },
]

/** Cells in which age and kind matter and value does not; a part is missing. The label is drawn from `truth`. */
export const examples = (rows: number, seed = 1) => {
  const random = seeded(seed)
  const cells: Cell[][] = []
  const truth = new Float64Array(rows)
  for (let row = 0; row < rows; row += 1) {
    const age = random() < 0.1 ? undefined : Math.round(random() * 40)
    const kind = ['a', 'b', 'c', 'd', 'e', 'f'][Math.floor(random() * 6)]
    cells.push([age, random() * 100, random() < 0.05 ? undefined : kind])
    const margin = (age ?? 30) / 10 - 2 + (kind === 'b' || kind === 'e' ? 1.5 : -0.5)
    truth[row] = 1 / (1 + Math.exp(-margin))
  }
  const targets = truth.map((chance) => (random() < chance ? 1 : 0))
  const features = featuresOf(plan, cells)
  return { cells, truth, features, table: tableOf(features, cells), targets } satisfies Examples &
    Record<string, unknown>
}
