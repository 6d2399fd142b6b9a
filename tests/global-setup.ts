import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { principals } from '@countermand/tools/provision/rights.ts'
import type { Identity } from '@countermand/tools/stack/certificates.ts'
import { type Stack, startStack } from '@countermand/tools/stack/index.ts'
import type { DatabaseOwner } from '@countermand/tools/stack/settings.ts'
import { compiled } from '@countermand/tools/system/compiled.ts'
import type { TestProject } from 'vitest/node'

/** Where the real parts are, for `inject('stack')`. */
export interface StackAddresses {
  readonly kafkaBrokers: string
  readonly temporalAddress: string
  readonly temporalUiUrl: string
  readonly databaseUrls: Readonly<Record<DatabaseOwner, string>>
  readonly versions: Readonly<Record<'node' | 'temporal' | 'kafka' | 'postgres', string>>
  /** Kafka's door with TLS, where clients sign in; PostgreSQL speaks TLS on its own. Absent where Docker runs the parts. */
  readonly secured?: SecuredAddresses | undefined
}

export interface SecuredAddresses {
  readonly kafkaBrokers: string
  readonly username: string
  readonly password: string
  readonly authority: Identity
  /** Paths. */
  readonly files: Readonly<Record<'ca' | 'cert' | 'key' | 'password', string>>
}

const securedOf = ({ secured }: Stack): SecuredAddresses | undefined => {
  if (secured === undefined) return undefined
  const { username, password, kafkaPort, authority, caFile: ca, certFile: cert, keyFile: key, passwordFile } = secured
  return {
    ...{ kafkaBrokers: `127.0.0.1:${kafkaPort}`, username, password, authority },
    files: { ca, cert, key, password: passwordFile },
  }
}

declare module 'vitest' {
  interface ProvidedContext {
    stack: StackAddresses
  }
}

/**
 * Starts the real parts once for all projects with tests that want them, on free ports with fresh data, and ends them after the last.
 * Each such project calls it, one after another: the first one starts them for all.
 */
export const setup = async (project: TestProject): Promise<(() => Promise<void>) | undefined> => {
  const root = project.vitest.getRootProject()
  if ('stack' in root.getProvidedContext()) return undefined
  // Tests start some hundreds of processes of ours: each but the first finds its modules compiled.
  process.env.NODE_COMPILE_CACHE ??= compiled
  const home = await mkdtemp(join(tmpdir(), 'countermand-tests-'))
  const log = (line: string) => process.stderr.write(`[stack] ${line}\n`)
  const discard = () => rm(home, { recursive: true, force: true })
  try {
    const onCrash = (error: Error) => {
      log(error.message)
      process.exitCode = 1
    }
    const stack = await startStack({ home, ports: 'free', env: process.env, log, onCrash, secured: { principals } })
    const { kafkaBrokers, temporalAddress, temporalUiUrl, databaseUrls, versions } = stack
    const secured = securedOf(stack)
    root.provide('stack', { kafkaBrokers, temporalAddress, temporalUiUrl, databaseUrls, versions, secured })
    return async () => {
      await stack.stop()
      await discard()
    }
  } catch (error) {
    await discard()
    throw error
  }
}
