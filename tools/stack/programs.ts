import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { spawnTied } from './tied-process.ts'

/** A program that a part needs is not on this machine. `needs` is what to install, in words. */
export class MissingTool extends Error {
  override readonly name = 'MissingTool'
  readonly part: string
  readonly needs: string

  constructor(part: string, needs: string, found: string) {
    super(`${part}: expected ${needs}, or Docker; ${found}`)
    this.part = part
    this.needs = needs
  }
}

/** The full path of a program on the PATH, or undefined. */
export const findProgram = async (name: string, env: NodeJS.ProcessEnv): Promise<string | undefined> => {
  for (const directory of (env.PATH ?? '').split(delimiter).filter((entry) => entry !== '')) {
    const path = join(directory, name)
    try {
      await access(path, constants.X_OK)
      return path
    } catch {
      // Not in this directory: look in the next one.
    }
  }
  return undefined
}

export interface RunOptions {
  readonly env: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly signal?: AbortSignal | undefined
  readonly timeoutMs?: number
}

/** Runs a program to its end and returns what it printed, stdout and stderr together. Throws with its last lines when it fails. */
export const run = async (command: string, args: readonly string[], options: RunOptions): Promise<string> => {
  options.signal?.throwIfAborted()
  const child = spawnTied({ command, args, env: options.env, cwd: options.cwd, stopSignal: 'SIGTERM', output: 'pipe' })
  let output = ''
  const keep = (chunk: Buffer) => {
    output += chunk.toString('utf8')
  }
  child.stdout?.on('data', keep)
  child.stderr?.on('data', keep)
  const stop = () => child.kill('SIGTERM')
  options.signal?.addEventListener('abort', stop)
  const timer = options.timeoutMs === undefined ? undefined : setTimeout(stop, options.timeoutMs)
  try {
    const { code, signal } = await child.exited
    options.signal?.throwIfAborted()
    if (code === 0) return output
    const lastLines = output.trimEnd().split('\n').slice(-15).join('\n')
    throw new Error(`${command} ${args.join(' ')}: expected exit code 0, got ${code ?? signal}\n${lastLines}`)
  } finally {
    clearTimeout(timer)
    options.signal?.removeEventListener('abort', stop)
  }
}

/** The path of a Java of at least `least`, from JAVA_HOME or the PATH; or why there is none. */
export const findJava = async (
  least: number,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly path: string } | { readonly problem: string }> => {
  const home = env.JAVA_HOME
  const inHome = home ? await findProgram('java', { PATH: join(home, 'bin') }) : undefined
  const path = inHome ?? (await findProgram('java', env))
  if (path === undefined) return { problem: 'no java on the PATH' }
  // macOS has a stub called java that only says where to get one: it fails here.
  const output = await run(path, ['-version'], { env }).catch(() => '')
  const version = /version "(?:1\.)?(\d+)/.exec(output)?.[1]
  if (version === undefined) return { problem: `${path} does not tell its version` }
  return Number(version) >= least ? { path } : { problem: `${path} is version ${version}` }
}
