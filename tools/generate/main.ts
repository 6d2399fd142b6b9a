/**
 * `npm run generate`: writes `docs/asyncapi.yaml` and `docs/schemas/` from the contracts, and what else describes them. With
 * `--check` it writes nothing and exits 1 when a file is stale. What is played is written by who plays it: tests/failures. `--root` is the directory that has `docs/` (default: this repository).
 */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { program } from '../terminal/program.ts'
import { generatedFiles, staleFiles, writeFiles } from './generated-files.ts'

const values: { readonly check?: true; readonly root?: string } = program(
  'generate',
  'Writes what describes the contracts: docs/asyncapi.yaml, docs/schemas and others.',
)
  .option('--check', 'write nothing, and exit 1 when a file is stale')
  .option('--root <directory>', 'the directory that has docs/ (default: this repository)')
  .parse()
  .opts()
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
