import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'

const repository = new URL('../../', import.meta.url)
const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(await readFile(new URL('package.json', repository), 'utf8')))

/** Those that hand their arguments to a program of ours, and its file. */
const programs = Object.entries(scripts).flatMap(([name, script]) => {
  const [, file] = /^exec node .*?((?:tools|tests)\/\S+\.ts)$/.exec(script) ?? []
  return file === undefined || name === 'test' ? [] : [{ name, file: fileURLToPath(new URL(file, repository)) }]
})

const run = (...args: readonly string[]) =>
  new Promise<{ code: number | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(process.execPath, args, (_, stdout, stderr) =>
      resolve({ code: child.exitCode, stdout, stderr }),
    )
  })

const rooms = await readdir(new URL('tools/stand-ins/', repository), { withFileTypes: true })
/** All but those that say first which options they cannot do without. */
const standIns = rooms
  .filter((room) => room.isDirectory() && !/^(bank|identity)$/.test(room.name))
  .map(({ name }) => ({
    name: `${name} stand-in`,
    file: fileURLToPath(new URL(`tools/stand-ins/${name}/main.ts`, repository)),
  }))

describe.each([...programs, ...standIns])('$name', ({ name, file }) => {
  it('says in one line what it does not know, exits 2, and does nothing', async () => {
    const said = await run(file, '--nope')
    expect(said, name).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(/^error: .*--nope.*\n$/) })
  })
})

it('is tried for every program', () => {
  expect(programs.map(({ name }) => name)).toEqual([
    ...['demo', 'bench', 'start', 'provider-check', 'traces', 'chaos', 'random'],
  ])
})

it('a program tells its options and exit codes with --help, and does nothing', async () => {
  const [start = expect.fail()] = programs.filter(({ name }) => name === 'start')
  expect(await run(start.file, '--help')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Usage: start .*Exit codes: /s),
    stderr: '',
  })
})
