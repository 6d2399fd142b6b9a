import { expect, it } from 'vitest'
import { type Cruise, cruiseRepository, loadedBy } from './cruise.ts'

const entry = 'workflows/src/saga/workflows.ts'
const mayBeLoaded =
  /^workflows\/src\/|^shared\/contracts\/(alarms|currencies|message-id|money|refusal-codes|shown|text)[.]ts$|(^|\/)node_modules\/@temporalio\/(workflow|common)\//

const strangersIn = (found: Pick<Cruise, 'modules'>) =>
  [...loadedBy(found, entry)].filter((path) => !mayBeLoaded.test(path))

it('workflow code loads no I/O, no zod and no schema: each would be evaluated anew for every workflow', async () => {
  const found = await cruiseRepository()
  expect(loadedBy(found, entry).size).toBeGreaterThan(10)
  expect(strangersIn(found)).toEqual([])
})

it('is caught when it does, through another file too, and not for a mere type', () => {
  const module = (source: string, ...imports: (readonly [string, string])[]) => ({
    source,
    dependencies: imports.map(([resolved, type]) => ({ resolved, dependencyTypes: ['local', type] })),
  })
  const modules = [
    module(entry, ['workflows/src/saga/run/gate.ts', 'import'], ['shared/contracts/index.ts', 'type-only']),
    module('workflows/src/saga/run/gate.ts', ['shared/contracts/vocabulary.ts', 'import']),
    module('shared/contracts/vocabulary.ts', ['node_modules/zod/index.js', 'import']),
    module('shared/contracts/index.ts', ['node_modules/currency-codes/index.js', 'import']),
  ]
  expect(strangersIn({ modules })).toEqual(['shared/contracts/vocabulary.ts', 'node_modules/zod/index.js'])
})
