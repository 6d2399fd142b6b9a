import { createKey, listKeys, revokeKey, scope } from '@countermand/console/store/keys.ts'
import { type Database, openDatabase } from '@countermand/database'
import { z } from 'zod'
import { print, printJson } from '../../terminal/print.ts'
import { readConsole } from '../addresses.ts'
import { type ExitCode, wrongUse } from '../exit.ts'

export interface CreateOptions {
  readonly name: string
  readonly scope: readonly string[]
  readonly merchant?: readonly string[]
  readonly expires?: string
  readonly json?: true
}

const dayMs = 86_400_000

const onConsole = async <T>(work: (database: Database) => Promise<T>): Promise<T> => {
  const { databaseUrl } = await readConsole(process.env)
  const database = openDatabase(databaseUrl, { maxConnections: 1, onError: () => {} })
  return await work(database).finally(() => database.destroy())
}

const days = z.coerce
  .number({ error: 'expected --expires in days' })
  .int('expected --expires in whole days')
  .min(1, 'expected --expires of a day or more')
  .max(3_650, 'expected --expires within ten years')

const scopesOf = (words: readonly string[]) =>
  words.map((word) => {
    const found = scope.safeParse(word)
    if (!found.success) throw new Error(`expected a scope of ${scope.options.join(', ')}, got ${word}`)
    return found.data
  })

const expiryOf = (text: string | undefined): string | null => {
  if (text === undefined) return null
  const found = days.safeParse(text)
  if (!found.success) throw new Error(found.error.issues[0]?.message ?? 'expected --expires in days')
  return new Date(Date.now() + found.data * dayMs).toISOString()
}

/** Makes a key, and prints it once. */
export const runCreate = async (options: CreateOptions): Promise<ExitCode> => {
  const { name, merchant = null, json } = options
  const wanted = { name, scopes: scopesOf(options.scope), merchants: merchant, expiresAt: expiryOf(options.expires) }
  const key = await onConsole((database) => createKey(database, wanted))
  if (json) printJson({ key })
  else print(key)
  return 0
}

/** Lists keys. */
export const runList = async ({ json }: { readonly json?: true }): Promise<ExitCode> => {
  const keys = await onConsole(listKeys)
  if (json) printJson(keys)
  else if (keys.length === 0) print('no keys: saga key create makes one')
  for (const { id, name, scopes, merchants, expiresAt, revokedAt } of json ? [] : keys) {
    const until = revokedAt === null ? (expiresAt === null ? '' : `until ${expiresAt.toISOString()}`) : 'taken back'
    print([id, name, scopes.join(','), merchants?.join(',') ?? 'all merchants', until].join('  ').trimEnd())
  }
  return 0
}

/** Takes a key back. */
export const runRevoke = async (id: string): Promise<ExitCode> => {
  const done = await onConsole((database) => revokeKey(database, id))
  print(done ? `key ${id} does not count any more` : `expected a key that counts, got ${id}`)
  return done ? 0 : wrongUse
}
