import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { expect } from 'vitest'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** The gateway as a process, on the database and the topics of a test. */
export interface GatewayProcess {
  /** All that it has written so far. */
  output(): string
  notify: string
  readonly http: string
  kill(signal: 'SIGTERM' | 'SIGKILL'): Promise<unknown[]>
}

/** Starts it, and waits until it is ready. */
export const startGatewayProcess = async (env: NodeJS.ProcessEnv): Promise<GatewayProcess> => {
  const all = { GATEWAY_HTTP_PORT: '0', GATEWAY_PORT: '0', ...env, LOG_LEVEL: 'debug' }
  const child: ChildProcess = spawn(process.execPath, [main], { env: all, stdio: ['ignore', 'pipe', 'pipe'] })
  const exit = once(child, 'exit')
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (output += chunk))
  const [port, notify] = await eventuallyHolds(() => {
    const [, port, notify] = /"port":(\d+),"notify":(\d+)/.exec(output) ?? expect.fail(output.slice(-2000))
    return [Number(port), Number(notify)] as const
  }, 120_000)
  const http = `http://127.0.0.1:${port}`
  await eventuallyHolds(async () => expect((await fetch(`${http}/readyz`)).status).toBe(200), 120_000)
  return {
    output: () => output,
    notify: `http://127.0.0.1:${notify}`,
    http,
    kill: async (signal) => {
      child.kill(signal)
      return await exit
    },
  }
}

/** Files of secrets and accounts, and how to be rid of them. */
export const filesOf = async (secrets: Readonly<Record<string, string>>) => {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'))
  const pathOf = (name: string) => join(folder, name)
  const write = (name: string, text: string) => writeFile(pathOf(name), text)
  for (const [name, text] of Object.entries(secrets)) await write(name, text)
  return { pathOf, write, remove: () => rm(folder, { recursive: true, force: true }) }
}
