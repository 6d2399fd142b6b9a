import { expect, it } from 'vitest'
import { examples } from '../test/given.ts'
import { averageOf } from './average.ts'
import { boost } from './boosting.ts'
import { scorerOf } from './ensemble.ts'

const given = examples(400)
const models = [1, 2, 3].map((seed) => boost(given, { trees: 5, leaves: 6, groupRows: 20, rowShare: 0.6, seed }))

it('says the mean of what they say', () => {
  const said = models.map((model) => scorerOf(model).margins(given.table))
  const mean = scorerOf(averageOf(models)).margins(given.table)
  for (const [row, margin] of mean.entries())
    expect(margin).toBeCloseTo(said.reduce((sum, each) => sum + (each[row] ?? 0), 0) / 3, 10)
})

it('refuses none, and models that are about something else', () => {
  expect(() => averageOf([])).toThrow('got none')
  const other = { ...boost(given, { trees: 1 }), link: 'log' as const }
  expect(() => averageOf([...models, other])).toThrow('the same features and link')
})
