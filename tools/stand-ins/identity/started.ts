import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type StackCrash, startPart } from '../../stack/part.ts'
import { freePort } from '../../stack/ports.ts'
import { untilReady } from '../../system/ready.ts'
import { people } from './people.ts'

export interface IdentityProcess {
  /** By which a console knows it: `OIDC_…`. */
  readonly settings: Readonly<Record<string, string>>
  /** Who can sign in, in words. */
  readonly who: readonly string[]
  stop(): Promise<void>
}

/** Whether a console of these settings has nobody yet who says who its staff are. */
export const needsIdentity = ({ CONSOLE, OIDC_ISSUER }: NodeJS.ProcessEnv): boolean => CONSOLE !== 'off' && !OIDC_ISSUER

const inWords = Object.values(people).map(
  ({ name, roles, merchants }) => `${name} (${[...roles, ...(merchants ?? [])].join(', ')})`,
)

/** Starts the stand-in as a process of its own, on a free port and with a secret made now. `staffUrl`: how staff reaches the console; it need not listen yet. */
export const startIdentity = async (options: {
  readonly staffUrl: string
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
}): Promise<IdentityProcess> => {
  const { staffUrl, home, env, onCrash, signal } = options
  const logs = join(home, 'logs')
  await mkdir(logs, { recursive: true })
  const port = await freePort()
  const issuer = `http://127.0.0.1:${port}`
  const [id, secret] = ['countermand', randomBytes(24).toString('hex')]
  const program = fileURLToPath(new URL('main.ts', import.meta.url))
  const part = await startPart(
    {
      ...{ name: 'identity', address: `127.0.0.1:${port}`, logFile: join(logs, 'stand-in-identity.log') },
      env: { ...env, IDENTITY_SECRET: secret },
      ...{ stopSignal: 'SIGTERM', readyWithinMs: 60_000, stopWithinMs: 5_000 },
      command: async () => ({
        command: process.execPath,
        args: [program, '--port', String(port), '--client-id', id, '--staff', staffUrl],
      }),
      ready: (until) => untilReady(`${issuer}/.well-known/openid-configuration`, until),
    },
    onCrash,
    signal,
  )
  return {
    settings: { OIDC_ISSUER: issuer, OIDC_CLIENT_ID: id, OIDC_CLIENT_SECRET: secret },
    who: inWords,
    stop: () => part.stop(),
  }
}
