import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Cruise, configuration, cruise, cruiseRepository } from './cruise.ts'
import { packages, planted } from './planted.ts'

const rules = z
  .object({ default: z.object({ forbidden: z.array(z.object({ name: z.string(), comment: z.string() })) }) })
  .parse(await import(configuration)).default.forbidden

describe('this repository', () => {
  it('keeps every rule of its architecture', async () => {
    const { summary } = await cruiseRepository()
    // A parser that cannot read TypeScript finds 0 modules, and no violation in them.
    expect(summary.totalCruised).toBeGreaterThan(200)
    expect(summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`)).toEqual([])
  })

  it.each(rules)('says why: $name', ({ comment }) => {
    expect(comment).toMatch(/^\S.{40,}[.]$/)
  })
})

describe('a rule', () => {
  let directory = ''
  let found: Cruise | undefined

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'countermand-planted-'))
    const write = async (path: string, content: string) => {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), content)
    }
    for (const name of packages) {
      await write(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }))
      await write(`node_modules/${name}/index.js`, '')
    }
    await write('tests/main.ts', '')
    for (const files of Object.values(planted))
      for (const [path, content] of Object.entries(files)) await write(path, content)
    found = await cruise(directory)
  })
  afterAll(() => rm(directory, { recursive: true, force: true }))

  it.each(rules)('catches what it forbids: $name', ({ name }) => {
    const files = Object.keys(planted[name] ?? {})
    const caught = found?.summary.violations.filter(({ rule, from }) => rule.name === name && files.includes(from))
    expect(caught?.length).toBeGreaterThan(0)
  })

  it('of purity catches core modules, libraries and the kit', () => {
    const caught = found?.summary.violations.flatMap(({ rule, from }) => (rule.name === 'domain-is-pure' ? [from] : []))
    expect(caught).toEqual(
      expect.arrayContaining([
        'services/order/talkative.ts',
        'services/payment/checking.ts',
        'services/inventory/waiting.ts',
      ]),
    )
  })

  it('about cycles counts types too', () => {
    const caught = found?.summary.violations.flatMap(({ rule, from }) => (rule.name === 'no-circular' ? [from] : []))
    expect(caught).toEqual(expect.arrayContaining([expect.stringMatching(/^shared\/telemetry\/(left|right)[.]ts$/)]))
  })

  it('about the saga catches I/O and mere types of the process', () => {
    const caught = found?.summary.violations.flatMap(({ rule, from }) =>
      rule.name === 'the-saga-imports-its-protocol' ? [from] : [],
    )
    expect(caught).toEqual(expect.arrayContaining(['workflows/src/saga/run/writes.ts', 'workflows/src/saga/asks.ts']))
  })

  it('about kafkajs holds inside the kit and in tools alike', () => {
    const caught = found?.summary.violations.flatMap(({ rule, from }) =>
      rule.name === 'kafkajs-in-one-file' ? [from] : [],
    )
    expect(caught?.toSorted()).toEqual(['shared/kafka/shortcut.ts', 'tools/shortcut.ts'])
  })
})
