/**
 * `npm run generate`: writes `docs/asyncapi.yaml` and `docs/schemas/` from the contracts, and
 * `docs/failure-table.md` from the cells that the tests play. With `-- --check` it writes nothing and exits 1
 * when a file is stale. `--root` is the directory that has `docs/` (default: this repository).
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { generatedFiles, staleFiles, writeFiles } from './generated-files.ts'

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, root: { type: 'string' } },
})
const repository = new URL('../../', import.meta.url)
const root = values.root ?? fileURLToPath(repository)
const contracts = JSON.parse(await readFile(new URL('shared/contracts/package.json', repository), 'utf8'))
const files = generatedFiles(z.object({ version: z.string() }).parse(contracts).version)
const stale = await staleFiles(root, files)

if (values.check) {
  for (const path of stale) process.stderr.write(`expected ${path} to be as generated; run npm run generate\n`)
  process.exitCode = stale.length === 0 ? 0 : 1
} else {
  await writeFiles(root, files)
  process.stdout.write(`${files.size} files generated, ${stale.length} of them changed\n`)
}
