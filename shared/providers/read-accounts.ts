import { type WatchedFile, watchedFile } from '@countermand/settings/watched-file.ts'
import {
  type Account,
  type AccountKind,
  type AccountsFile,
  accountsFile,
  type Part,
  type SecretSource,
} from './account.ts'
import { Secret } from './secret.ts'

/** A mistake in the file, and where in it. */
export interface Problem {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What a process knows of the file: its own part. */
export interface Read {
  readonly accounts: ReadonlyMap<string, () => Account>
  /** By merchant, then by provider: the name of the account. */
  readonly merchants: ReadonlyMap<string, ReadonlyMap<string, string>>
}

export type ReadResult =
  | { readonly ok: true; readonly read: Read }
  | { readonly ok: false; readonly problems: Problem[] }

/** What secrets are read from, and who hears of one that cannot be read any more. */
export interface Sources {
  readonly env: NodeJS.ProcessEnv
  readonly report: (problem: string) => void
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const pem = /^-----BEGIN [A-Z ]+-----[A-Za-z0-9+/=\s]+-----END [A-Z ]+-----$/

const secretOf = (text: string): Secret => {
  const value = text.trim()
  if (value === '') throw new Error('expected a secret, got an empty file')
  if (!/^[\x20-\x7e]+$/.test(value) && !pem.test(value))
    throw new Error('expected a secret of one line of printable ASCII, or a key as PEM')
  return new Secret(value)
}

/** A secret that is read now, and again whenever its file is another; while that cannot be read, it is the one before. */
const fromFile = (path: string, { report }: Sources): (() => Secret) => {
  const file: WatchedFile = watchedFile(path)
  let secret = secretOf(file.changed() ?? '')
  let told = ''
  return () => {
    try {
      const text = file.changed()
      if (text !== undefined) secret = secretOf(text)
      told = ''
    } catch (error) {
      const problem = `the secret in ${path} stays as it was: ${wordsOf(error)}`
      if (problem !== told) report(problem)
      told = problem
    }
    return secret
  }
}

const fromEnvironment = (name: string, { env }: Sources): (() => Secret) => {
  const value = env[name]
  if (value === undefined || value === '') throw new Error(`expected a secret in the variable ${name}, got none`)
  const secret = secretOf(value)
  return () => secret
}

const open = (source: SecretSource, sources: Sources): (() => Secret) =>
  'file' in source ? fromFile(source.file, sources) : fromEnvironment(source.env, sources)

type Given = AccountsFile['accounts'][string]

/** One account, made anew each time it is asked for, as its secrets are then. */
const openAccount = (name: string, given: Given, kind: AccountKind, sources: Sources, problems: Problem[]) => {
  const problem = (path: readonly PropertyKey[], message: string) =>
    problems.push({ path: ['accounts', name, ...path], message })
  const settings = kind.settings?.safeParse(given.settings)
  for (const issue of settings?.error?.issues ?? []) problem(['settings', ...issue.path], issue.message)
  const secrets = new Map<string, (() => Secret)[]>()
  for (const each of [...kind.secrets, ...(kind.optional ?? [])]) {
    const listed = Object.hasOwn(given.secrets, each) ? (given.secrets[each] ?? []) : []
    if (listed.length === 0 && kind.secrets.includes(each)) problem(['secrets'], `expected ${each}, got none`)
    const opened = listed.flatMap((source, at) => {
      try {
        return [open(source, sources)]
      } catch (error) {
        problem(['secrets', each, ...(listed.length === 1 ? [] : [at])], wordsOf(error))
        return []
      }
    })
    secrets.set(each, opened)
  }
  const { secrets: _, ...rest } = given
  return (): Account => ({
    name,
    ...rest,
    secrets: new Map([...secrets].map(([each, list]) => [each, list.map((secret) => secret())])),
  })
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    // The words of the parser quote what is there, which somebody may have taken for the place of a secret.
    throw new Error('expected JSON')
  }
}

/** Reads the text of an `ACCOUNTS_FILE` for one process: everything that is wrong with its part, at once. */
export const readAccounts = (text: string, part: Part, sources: Sources): ReadResult => {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    return { ok: false, problems: [{ path: [], message: wordsOf(error) }] }
  }
  const parsed = accountsFile.safeParse(json)
  if (!parsed.success) return { ok: false, problems: parsed.error.issues }
  const problems: Problem[] = []
  const accounts = new Map<string, () => Account>()
  for (const [name, given] of Object.entries(parsed.data.accounts)) {
    const kind = part.get(given.provider)
    if (kind !== undefined) accounts.set(name, openAccount(name, given, kind, sources, problems))
  }
  if (problems.length > 0) return { ok: false, problems }
  const merchants = new Map(
    Object.entries(parsed.data.merchants).map(([merchant, byProvider]) => [
      merchant,
      new Map(Object.entries(byProvider)),
    ]),
  )
  return { ok: true, read: { accounts, merchants } }
}
