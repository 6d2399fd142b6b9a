import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventually } from '@countermand/testing'
import { execute } from '@countermand/tools/stack/stack-for-tests.ts'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'

const program = fileURLToPath(new URL('../../tools/chaos/main.ts', import.meta.url))

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'countermand-chaos-test-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

/** Starts a chaos run that keeps all it has below `home`. */
const begin = (...args: readonly string[]) => {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...process.env, TMPDIR: home },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text
    })
  const exit = once(child, 'close').then(([code]: unknown[]) => code)
  return { child, said, exit }
}

/** Servers' command lines name the home that they keep their data in. */
const leftOver = async (): Promise<string[]> => {
  const { stdout } = await execute('ps', ['-eo', 'args'])
  return stdout.split('\n').filter((line) => line.includes(home))
}

const document = z.strictObject({
  ok: z.literal(true),
  seed: z.literal('a-short-one'),
  sagas: z.int().min(20),
  faults: z.array(z.strictObject({ fault: z.string(), sagas: z.int(), recoveredMs: z.int() })),
  lost: z.literal(0),
  duplicated: z.literal(0),
  violations: z.array(z.never()),
})

describe('a short chaos run', () => {
  it('loses nothing and doubles nothing when a service is killed and Kafka’s connections are cut', async () => {
    const names = ['kill-payment', 'cut-kafka']
    const { said, exit } = begin('--quick', '--json', '--seed', 'a-short-one', '--fault', ...names)
    const code = await exit
    const result = document.safeParse(JSON.parse(said.stdout || '{}'))
    expect(result.error, `${said.stdout}\n${said.stderr}`).toBeUndefined()
    expect(result.data?.faults.map(({ fault }) => fault)).toEqual(names)
    expect(code).toBe(0)
    expect(await leftOver()).toEqual([])
    expect(await readdir(home)).toEqual([])
  }, 480_000)

  it('ends at once when it is interrupted, and leaves nothing behind', async () => {
    const { child, said, exit } = begin('--quick')
    await eventually('a server to be started', () => said.stderr.includes('kafka: starting'), 30_000)
    child.kill('SIGINT')
    expect(await exit).toBe(130)
    expect(said.stdout).toBe('')
    expect(await leftOver()).toEqual([])
    expect(await readdir(home)).toEqual([])
  }, 60_000)

  it('names the faults there are when asked for another', async () => {
    const { said, exit } = begin('--fault', 'kill-moon')
    expect(await exit).toBe(2)
    expect(said.stderr).toMatch(/expected faults out of kill-order, .*, got kill-moon\n$/)
  })
})
