import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serviceName } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { root } from './cruise.ts'

/** What stands in a service's folder: whoever knows one of the four finds their way in all. */
const everywhere = [
  'README.md',
  'decide',
  'handlers.ts',
  'main.ts',
  'package.json',
  'settings.ts',
  'state.ts',
  'store',
  'test',
]
/** Those whom a service talks to outside, one file each; what it posts; and how its books are compared with theirs. */
const somewhere = ['carriers', 'channels', 'ledger', 'reconcile', 'node_modules']

/** What touches tables, and what it is called. */
const inStores = {
  migrations: 'one file each',
  'rows.ts': 'between rows and state',
  'tasks.ts': 'what tasks are read back by',
  'store.ts': 'loads and saves',
  'queries.ts': 'answers what changes nothing',
  'measures.ts': 'what tables tell in metrics',
  'facts.ts': 'what they tell whoever looks',
  'checks.ts': 'what must hold of them',
  'stock.ts': 'rows that several orders share',
  'ledger.ts': 'rows of all that moves money',
  'credits.ts': 'rows of what customers can spend, which orders share',
  'gift-cards.ts': 'what calls read of gift cards',
  'bank-transfers.ts': 'what leaves by a file of a bank, and who has looked at it',
  'reconciliations.ts': 'what was compared with providers, and what differed',
}
const must = ['migrations', 'rows.ts', 'store.ts', 'facts.ts', 'checks.ts']

/** What the tests of a service share, and what it is called. */
const inTests = {
  'given.ts': 'what a test begins with',
  'world.ts': 'the service in memory',
  'memory-book.ts': "the sandbox's book in memory",
  'told-channel.ts': 'a channel that does as it is told',
  'shapes.ts': 'adapters of the shapes that providers have',
  'provider-faults.ts': 'what holds of every provider, whatever goes wrong there',
}

const inside = async (...path: readonly string[]) => await readdir(join(root, 'services', ...path))
const isTest = (name: string) => name.endsWith('.test.ts')
const code = async (...path: readonly string[]) => await readFile(join(root, 'services', ...path), 'utf8')

describe.each(serviceName.options)('the %s service', (name) => {
  it('has the rooms that its siblings have, and no others', async () => {
    const found = (await inside(name)).filter((each) => !isTest(each))
    expect(found.filter((each) => !somewhere.includes(each)).toSorted()).toEqual(everywhere)
  })

  it('calls what touches its tables by what it is', async () => {
    const found = (await inside(name, 'store')).filter((each) => !isTest(each))
    expect(found.filter((each) => !Object.hasOwn(inStores, each))).toEqual([])
    expect(found).toEqual(expect.arrayContaining(must))
  })

  it('calls what its tests share by what it is, and says of each test what "it" does', async () => {
    const found = await inside(name, 'test')
    expect(found.filter((each) => !isTest(each) && !Object.hasOwn(inTests, each))).toEqual([])
    expect(found).toContain('given.ts')
    for (const room of ['.', 'decide', 'store', 'test'])
      for (const file of (await inside(name, room)).filter(isTest))
        expect(await code(name, room, file), file).not.toMatch(/^\s*test(\(|\.each)/m)
  })

  it('exports itself, its settings, its store and its checks by the names that its siblings have', async () => {
    expect(await code(name, 'handlers.ts')).toMatch(new RegExp(`^export const ${name} = \\(`, 'm'))
    expect(await code(name, 'settings.ts')).toMatch(new RegExp(`^export const ${name}Settings = z`, 'm'))
    expect(await code(name, 'store', 'store.ts')).toMatch(/^export const store\b/m)
    expect(await code(name, 'store', 'checks.ts')).toMatch(/^export const checks: readonly Check\[\] = \[$/m)
  })

  it('numbers its migrations, and gives each a name to import it by', async () => {
    const files = await inside(name, 'store', 'migrations')
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1))
    for (const file of files)
      expect(await code(name, 'store', 'migrations', file)).toMatch(/^export const (?!up\b)\w+: Migration = \{$/m)
  })
})
