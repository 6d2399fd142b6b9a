import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Where fetched parts are kept, for all clones of one user. */
export const cacheDirectory = (env: NodeJS.ProcessEnv): string =>
  join(env.XDG_CACHE_HOME || join(env.HOME || homedir(), '.cache'), 'countermand')

export interface Fetching {
  readonly env: NodeJS.ProcessEnv
  readonly log: (line: string) => void
  readonly signal?: AbortSignal | undefined
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return hasCode(error, 'EPERM')
  }
}

const isStale = async (lock: string): Promise<boolean> => {
  const pid = Number(await readFile(lock, 'utf8').catch(() => ''))
  if (pid > 0) return !isAlive(pid)
  // Made, but its pid not yet written; after a while that means that its maker died in between.
  const made = await stat(lock).catch(() => undefined)
  return made !== undefined && Date.now() - made.mtimeMs > 10_000
}

/** Takes the lock, or returns false once another process has made the target. */
const lockOrWait = async (lock: string, target: string, fetching: Fetching): Promise<boolean> => {
  for (let waited = 0; ; waited += 1) {
    if (await exists(target)) return false
    try {
      await writeFile(lock, String(process.pid), { flag: 'wx' })
      return true
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
    if (await isStale(lock)) await rm(lock, { force: true })
    else {
      if (waited % 30 === 0) fetching.log(`waiting for another process that is making ${target}`)
      await sleep(500, undefined, { signal: fetching.signal })
    }
  }
}

/**
 * The directory of the cache's entry `key`, made with `build` when it is not there. `build` fills a temporary directory beside it, which
 * then takes its name at once: nobody sees half an entry. The lock only saves two processes from doing the same work.
 */
export const cached = async (
  fetching: Fetching,
  key: string,
  build: (directory: string) => Promise<void>,
): Promise<string> => {
  const root = cacheDirectory(fetching.env)
  const target = join(root, key)
  if (await exists(target)) return target
  await mkdir(root, { recursive: true })
  const lock = `${target}.lock`
  if (!(await lockOrWait(lock, target, fetching))) return target
  const building = await mkdtemp(`${target}.building-`)
  try {
    await build(building)
    await rename(building, target).catch((error: unknown) => {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error
    })
    return target
  } finally {
    await rm(building, { recursive: true, force: true })
    await rm(lock, { force: true })
  }
}

/** Whether the cache has the entry. */
export const isCached = (env: NodeJS.ProcessEnv, key: string): Promise<boolean> =>
  exists(join(cacheDirectory(env), key))
