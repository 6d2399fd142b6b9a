/**
 * `npm test`: all checks in order, each with its time. The last line of its output is `N passed, N failed`; types and formatting count
 * as one check each, and each test as one.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { runInFront } from './in-front.ts'

interface Count {
  readonly passed: number
  readonly failed: number
}

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string) => join(root, 'node_modules', '.bin', name)
const one = (passed: boolean): Count => (passed ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 })
const typesChecked = join(root, 'node_modules', '.cache', 'countermand', 'types.tsbuildinfo')
const check = async (command: string, ...args: string[]): Promise<Count> =>
  one((await runInFront(bin(command), args, root)) === 0)

const report = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(
    z.object({ status: z.string(), name: z.string(), assertionResults: z.array(z.object({ status: z.string() })) }),
  ),
})

/** What vitest's JSON report says, where a file that could not be loaded counts as one failed test. */
const countTests = (json: string): Count => {
  const { numPassedTests, numFailedTests, testResults } = report.parse(JSON.parse(json))
  const broken = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
  )
  return { passed: numPassedTests, failed: numFailedTests + broken.length }
}

const tests = async (filters: readonly string[]): Promise<Count> => {
  const directory = await mkdtemp(join(tmpdir(), 'countermand-report-'))
  const file = join(directory, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await runInFront(bin('vitest'), ['run', ...reporters, ...filters], root)
    const json = await readFile(file, 'utf8').catch(() => undefined)
    const count = json === undefined ? { passed: 0, failed: 0 } : countTests(json)
    if (count.passed + count.failed === 0) process.stdout.write('expected tests to run, got none\n')
    // No test at all is a failure, and so is an error outside of all tests (an unhandled rejection, a part that crashed).
    const hiddenFailure = count.failed === 0 && (code !== 0 || count.passed === 0)
    return hiddenFailure ? { ...count, failed: 1 } : count
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const steps: readonly (readonly [string, () => Promise<Count>])[] = [
  // What was checked before and has not changed since is not checked again; `npm ci` forgets it.
  ['types', () => check('tsc', '--noEmit', '--incremental', '--tsBuildInfoFile', typesChecked)],
  ['lint and format', () => check('biome', 'check', '.')],
  ['tests', () => tests(process.argv.slice(2))],
]

let passed = 0
let failed = 0
for (const [name, step] of steps) {
  process.stdout.write(`\n▶ ${name}\n`)
  const started = performance.now()
  const count = await step()
  passed += count.passed
  failed += count.failed
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  process.stdout.write(
    `${count.failed === 0 ? '✓' : '✗'} ${name}: ${count.passed} passed, ${count.failed} failed, ${seconds} s\n`,
  )
}
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
