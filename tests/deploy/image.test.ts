import { isBuiltin } from 'node:module'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Cruise, cruise, loadedBy, root } from '../architecture/cruise.ts'
import { composeModel, textOf } from './compose.ts'

const dependencies = z.object({ dependencies: z.record(z.string(), z.string()).default({}) })

/** What npm puts into the image for a workspace, direct dependencies alone: packages, and those of our own packages among them. */
const installedFor = async (folder: string, known = new Set<string>()): Promise<Set<string>> => {
  const own = dependencies.parse(JSON.parse(await textOf(`${folder}/package.json`)))
  for (const name of Object.keys(own.dependencies)) {
    if (known.has(name)) continue
    known.add(name)
    if (name.startsWith('@countermand/')) await installedFor(name.replace('@countermand/', 'shared/'), known)
  }
  return known
}

const packageOf = (path: string): string | undefined => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]

let cruised: Cruise
let programs: string[]
let packages: Set<string>
let folders: string[]
let leftOut: string[]

beforeAll(async () => {
  cruised = await cruise(root, ['shared', 'services', 'workflows', 'tools'])
  const { services } = await composeModel()
  programs = Object.values(services).flatMap(({ image, command }) =>
    image.startsWith('countermand:') ? (command?.slice(1) ?? []) : [],
  )
  const workspaces = (await textOf('Dockerfile')).match(/(?<= -w )\S+/g) ?? []
  packages = new Set<string>()
  for (const workspace of workspaces) for (const name of await installedFor(workspace)) packages.add(name)
  const ignored = (await textOf('.dockerignore')).split('\n')
  folders = ignored.filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  leftOut = ignored.filter((line) => line.startsWith('**/*')).map((line) => line.slice('**/*'.length))
})

describe('the image', () => {
  it('runs six programs', () => {
    expect(programs).toHaveLength(6)
  })

  it('has every file that they load', () => {
    expect(leftOut).toContain('.test.ts')
    for (const program of programs) {
      const files = [...loadedBy(cruised, program)].filter((path) => packageOf(path) === undefined && !isBuiltin(path))
      expect(files.length, program).toBeGreaterThan(5)
      expect(files.filter((path) => !folders.includes(path.split('/')[0] ?? ''))).toEqual([])
      expect(files.filter((path) => leftOut.some((end) => path.endsWith(end)))).toEqual([])
    }
  })

  it('has every package that they load, without development dependencies', () => {
    expect([...packages]).toEqual(expect.arrayContaining(['@temporalio/worker', 'kafkajs', 'kysely', 'zod']))
    for (const program of programs) {
      const loaded = new Set([...loadedBy(cruised, program)].flatMap((path) => packageOf(path) ?? []))
      expect(loaded.size, program).toBeGreaterThan(0)
      expect(
        [...loaded].filter((name) => !packages.has(name)),
        program,
      ).toEqual([])
    }
  })
})
