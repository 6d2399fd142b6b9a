import { createHash } from 'node:crypto'
import { run } from './programs.ts'

/** Whether a Docker engine answers; not merely whether the command is there. */
export const dockerAnswers = (env: NodeJS.ProcessEnv): Promise<boolean> =>
  run('docker', ['info', '--format', '{{.ServerVersion}}'], { env, timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  )

/** One part in one container, with its data inside. */
export interface Container {
  readonly name: string
  /** The command that starts it and shows its log until it ends. */
  command(): Promise<{ command: string; args: string[] }>
  kill(signal: NodeJS.Signals): Promise<void>
  /** Removes container and data, unless they are kept for the next start. */
  remove(): Promise<void>
}

export interface ContainerOptions {
  readonly part: string
  readonly image: string
  readonly ports: readonly number[]
  readonly variables?: Readonly<Record<string, string>>
  readonly args?: readonly string[]
  /** Where the stack's data live: the same home finds its container again. */
  readonly home: string
  readonly keep: boolean
  readonly env: NodeJS.ProcessEnv
}

export const container = (options: ContainerOptions): Container => {
  const { env } = options
  const identity = JSON.stringify([options.home, options.ports, options.variables, options.args, options.image])
  const name = `countermand-${options.part}-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}`
  const docker = (...args: string[]) => run('docker', args, { env })
  return {
    name,
    command: async () => {
      const known = await docker('container', 'inspect', name).then(
        () => true,
        () => false,
      )
      if (known) return { command: 'docker', args: ['start', '--attach', name] }
      const ports = options.ports.flatMap((port) => ['--publish', `127.0.0.1:${port}:${port}`])
      const variables = Object.entries(options.variables ?? {}).flatMap(([key, value]) => ['--env', `${key}=${value}`])
      return {
        command: 'docker',
        args: ['run', '--name', name, ...ports, ...variables, options.image, ...(options.args ?? [])],
      }
    },
    kill: async (signal) => {
      await docker('kill', '--signal', signal, name)
    },
    remove: async () => {
      if (!options.keep) await docker('rm', '--force', '--volumes', name)
    },
  }
}
