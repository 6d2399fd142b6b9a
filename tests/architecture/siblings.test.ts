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
/** Those whom a service talks to outside, one file each. */
const somewhere = ['carriers', 'channels', 'node_modules']

/** What touches tables, and what it is called. */
const inStores = {
  migrations: 'one file each',
  'rows.ts': 'between rows and state',
  'store.ts': 'loads and saves',
  'queries.ts': 'answers what changes nothing',
  'measures.ts': 'what tables tell in metrics',
  'checks.ts': 'what must hold of them',
  'stock.ts': 'rows that several orders share',
}
const must = ['migrations', 'rows.ts', 'store.ts']

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

  it('exports itself, its settings and its store by the names that its siblings have', async () => {
    expect(await code(name, 'handlers.ts')).toMatch(new RegExp(`^export const ${name} = \\(`, 'm'))
    expect(await code(name, 'settings.ts')).toMatch(new RegExp(`^export const ${name}Settings = z`, 'm'))
    expect(await code(name, 'store', 'store.ts')).toMatch(/^export const store\b/m)
  })

  it('numbers its migrations, and gives each a name to import it by', async () => {
    const files = await inside(name, 'store', 'migrations')
    expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, index) => index + 1))
    for (const file of files)
      expect(await code(name, 'store', 'migrations', file)).toMatch(/^export const (?!up\b)\w+: Migration = \{$/m)
  })
})
