import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cruiseRepository, root } from './cruise.ts'

const { modules } = await cruiseRepository()
const isTest = /[.]test[.]ts$|^shared\/testing\/|^workflows\/testing\//
const ours = modules.map(({ source }) => source).filter((path) => /^(shared|services|workflows)\//.test(path))
const sources = await Promise.all(
  ours
    .filter((path) => path.endsWith('.ts') && !isTest.test(path))
    .map(async (path) => ({ path, code: await readFile(join(root, path), 'utf8') })),
)

const using = (pattern: RegExp, paths: RegExp) =>
  sources.filter(({ path, code }) => paths.test(path) && pattern.test(code)).map(({ path }) => path)

// Setting a variable for a library is no reading.
const readsEnvironment = /\bprocess[.]env\b(?!([.]\w+|\[[^\]]+\]) = )/
const takesTimeOrChance =
  /\bDate[.]now\(|\bnew Date\(\)|\bMath[.]random\(|\brandom(UUID|Bytes|Int)\b|\bperformance[.]now\(/
const domain =
  /^shared\/policy\/|^services\/[^/]+\/(?!(main|handlers|settings|gateway)[.]ts$|(store|channels|carriers|test|receive|http|webhooks)\/|resolve\/teller[.]ts$|reconcile\/worker[.]ts$)/

describe('the environment', () => {
  it('is read where processes are put together, and nowhere else', () => {
    expect(sources.length).toBeGreaterThan(100)
    expect(using(readsEnvironment, /(?<!main[.]ts)$/)).toEqual([])
  })

  it.each(['const a = process.env.A', 'f(process.env)', 'process.env[name]', 'process.env.A === 1'])(
    'would be noticed in %s',
    (code) => expect(readsEnvironment.test(code)).toBe(true),
  )
})

describe('a call to the outside', () => {
  const fetches = /(?<![.\w])fetch\(|globalThis[.]fetch|new (WebSocket|EventSource)\b/

  // Beside it, who asks for tokens to sign in to Kafka with: before there is a provider, and of the system's own servers.
  it('is made by the one file that keeps its limits', () => {
    expect(using(fetches, /^(shared|services)\/(?!.*\/test\/)/)).toEqual(['shared/kafka/token.ts'])
  })

  it.each(["await fetch('https://api.example')", 'globalThis.fetch(url)', 'new WebSocket(url)'])(
    'would be noticed in %s',
    (code) => expect(fetches.test(code)).toBe(true),
  )
})

describe('a decision', () => {
  it('takes no time and no chance of its own', () => {
    expect(using(/./, domain).length).toBeGreaterThan(20)
    expect(using(takesTimeOrChance, domain)).toEqual([])
  })

  it.each(['Date.now()', 'new Date()', 'Math.random()', "import { randomUUID } from 'node:crypto'"])(
    'would be noticed in %s',
    (code) => expect(takesTimeOrChance.test(code)).toBe(true),
  )
})

describe('a table', () => {
  const writesSql = /[.]rows\(|`\s*(select\b|insert into\b|update \w+ set\b|delete from\b|with \w+ as \()|sql`/i

  it('is read by its owner’s code alone: the orchestrator and the operations room ask for facts', () => {
    expect(using(writesSql, /^workflows\//)).toEqual([])
  })

  it.each(['database.rows(row, text)', 'const q = `\n  select 1`', 'sql`select 1`', '`with a as (select 1)`'])(
    'would be noticed in %s',
    (code) => expect(writesSql.test(code)).toBe(true),
  )
})

describe('a schema of a type that is written elsewhere', () => {
  const forgets = /\bsatisfies z[.]ZodType</

  it('takes exactly that type (`exactly`): what it lacked would be written, and not be read again', () => {
    expect(using(forgets, /^(?!shared\/contracts\/exactly[.]ts$)/)).toEqual([])
  })

  it('would be noticed', () => expect(forgets.test('z.enum([]) satisfies z.ZodType<Route>')).toBe(true))
})
