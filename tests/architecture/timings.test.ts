import { readdirSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './cruise.ts'

const isTest = /[.]test[.]ts$|^tests\/.*[.]ts$|\/test(ing)?\/.*[.]ts$/
const tests = ['services', 'shared', 'tests', 'tools', 'workflows'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => join(folder, path))
    .filter((path) => isTest.test(path) && !path.includes('node_modules')),
)

const clock = /\bperformance[.]now\(|\bDate[.]now\(/
/** What took some time: a clock minus a clock, or a name for it. */
const named = (code: string): string[] =>
  [...code.matchAll(/const (\w+) = (?:performance|Date)[.]now\(\) - /g)].flatMap(([, name]) => name ?? [])

/** The lines that expect something to take less than some time. */
const bounds = (code: string): string[] => {
  const names = named(code).map((name) => new RegExp(`\\b${name}\\b`))
  const tells = (line: string) => (clock.test(line) && / - /.test(line)) || names.some((name) => name.test(line))
  return code
    .split('\n')
    .filter((line) => /\bexpect\(/.test(line) && (/[.]toBeLessThan/.test(line) || /\s<=?\s/.test(line)) && tells(line))
}

describe('a test', () => {
  it('never fails because a machine is slow: it awaits conditions, and counts work instead of milliseconds', async () => {
    expect(tests.length).toBeGreaterThan(250)
    const found = await Promise.all(
      tests.map(async (path) => bounds(await readFile(join(root, path), 'utf8')).map((line) => `${path}: ${line}`)),
    )
    expect(found.flat().filter((line) => !line.startsWith('tests/architecture/timings.test.ts'))).toEqual([])
  })

  it.each([
    ['expect(performance.now() - started).toBeLessThan(5_000)'],
    ['expect(Date.now() - asked, what).toBeLessThanOrEqual(patience)'],
    ['const waited = performance.now() - asked\nexpect(done || waited < 5_000).toBe(true)'],
  ])('is found when it does: %s', (code) => {
    expect(bounds(code)).toHaveLength(1)
  })

  it('may expect that nothing comes too early', () => {
    expect(bounds('expect(performance.now() - asked).toBeGreaterThan(patienceMs)')).toEqual([])
  })
})
