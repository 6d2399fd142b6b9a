import { type WatchedFile, watchedFile } from '@countermand/settings/watched-file.ts'
import { z } from 'zod'
import type { Account, Part } from './account.ts'
import { type Problem, type Read, readAccounts, type Sources } from './read-accounts.ts'

/** The accounts that a process works with, as the file says now. */
export interface Accounts {
  /** The account with its secrets as they are now; `undefined`: it is not in the file, or is another process's. */
  find(name: string): Account | undefined
  /** With which account a merchant works at a provider: its own, or that of `*`. */
  nameFor(merchantId: string | undefined, provider: string): string | undefined
  /** Of all accounts that this process works with. */
  names(): readonly string[]
}

/** What becomes of the setting: the accounts, once it is known who is told of a change that cannot be used. */
export type OpenAccounts = (report: Sources['report']) => Accounts

/** `ACCOUNTS_FILE`, as a path. */
export const accountsPath = z
  .string()
  .optional()
  .describe('JSON file of accounts at providers, and of who works with which (default none)')

const nothing: Read = { accounts: new Map(), merchants: new Map() }

const inWords = (problems: readonly Problem[]): string =>
  problems.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`).join('; ')

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Reads the file again where it is another; one with a mistake changes nothing. */
const following = (path: string, file: WatchedFile, first: Read, part: Part, sources: Sources): (() => Read) => {
  let read = first
  let told = ''
  // Not usable yet: what it names may come after it.
  let wanted: string | undefined
  const tell = (problem: string) => {
    if (problem !== told) sources.report(`the accounts in ${path} stay as they were: ${problem}`)
    told = problem
  }
  return () => {
    try {
      wanted = file.changed() ?? wanted
      if (wanted === undefined) return read
      const result = readAccounts(wanted, part, sources)
      if (result.ok) {
        read = result.read
        told = ''
        wanted = undefined
      } else tell(inWords(result.problems))
    } catch (error) {
      tell(wordsOf(error))
    }
    return read
  }
}

const accountsOf = (current: () => Read): Accounts => ({
  find: (name) => current().accounts.get(name)?.(),
  nameFor: (merchantId, provider) => {
    const { merchants } = current()
    const own = merchantId === undefined ? undefined : merchants.get(merchantId)?.get(provider)
    return own ?? merchants.get('*')?.get(provider)
  },
  names: () => [...current().accounts.keys()],
})

/** Nobody has an account anywhere. */
export const noAccounts: Accounts = accountsOf(() => nothing)

/**
 * The setting in the process that reads it: the file is read while the settings are checked, so that its mistakes are listed together
 * with all others.
 */
export const accountsIn = (env: NodeJS.ProcessEnv, part: Part) =>
  accountsPath.transform((path, context): OpenAccounts => {
    if (path === undefined) return () => noAccounts
    let report: Sources['report'] = () => {}
    const sources: Sources = { env, report: (problem) => report(problem) }
    const file = watchedFile(path)
    const issue = (problem: Problem) =>
      context.addIssue({ code: 'custom', message: problem.message, path: [...problem.path] })
    try {
      const result = readAccounts(file.changed() ?? '', part, sources)
      if (result.ok)
        return (hear) => {
          report = hear
          return accountsOf(following(path, file, result.read, part, sources))
        }
      result.problems.forEach(issue)
    } catch (error) {
      issue({ path: [], message: `expected a JSON file at ${path}: ${wordsOf(error)}` })
    }
    return z.NEVER
  })
