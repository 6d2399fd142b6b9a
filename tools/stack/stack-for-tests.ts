import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { type Stack, type StackOptions, startStack } from './index.ts'

export const execute = promisify(execFile)
const homes: string[] = []

export const freshHome = async (): Promise<string> => {
  // Resolved, because `ps` shows the path that a part was given.
  const home = await mkdtemp(join(await realpath(tmpdir()), 'countermand-stack-'))
  homes.push(home)
  return home
}

export const start = async (options: Partial<StackOptions> = {}): Promise<Stack> =>
  startStack({ home: await freshHome(), ports: 'free', env: process.env, log: () => undefined, ...options })

/** A zombie that nobody has collected yet does not run. */
const isRunning = async (pid: number): Promise<boolean> => {
  const { stdout } = await execute('ps', ['-o', 'stat=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

export const runningOf = async (pids: readonly number[]): Promise<number[]> => {
  const states = await Promise.all(pids.map(isRunning))
  return pids.filter((_, index) => states[index])
}

export const ask = async (url: string, sql: string) => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

/** Removes the homes that were handed out. */
export const removeHomes = async (): Promise<void> => {
  await Promise.all(homes.map((home) => rm(home, { recursive: true, force: true })))
}
