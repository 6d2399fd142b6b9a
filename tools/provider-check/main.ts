import { readFile } from 'node:fs/promises'
import { jsonIn } from '@countermand/contracts/json.ts'
import { accountsFile } from '@countermand/providers/account.ts'
import { type Finding, lookAt } from '@countermand/providers/check/look.ts'
import { looks } from '@countermand/providers/check/providers.ts'
import { openHttp } from '@countermand/providers/http.ts'
import { readAccounts } from '@countermand/providers/read-accounts.ts'
import { colours } from '../terminal/colours.ts'
import { program } from '../terminal/program.ts'

/** `npm run provider-check`: whether an account at a provider can be worked with, by questions that change nothing. */

interface Options {
  readonly account?: string
  readonly gateway?: string
  readonly json?: true
}

const options = program(
  'provider-check',
  'Looks at an account of ACCOUNTS_FILE: whether its provider takes the credentials and lets them read, whether the clocks agree, and whether notifications can be checked. It only reads; nothing is changed at the provider.',
)
  .option('--account <name>', 'as it is called in ACCOUNTS_FILE')
  .option('--gateway <url>', 'where the gateway takes notifications: it is sent one that says nothing')
  .option('--json', 'print one JSON document')
  .addHelpText(
    'after',
    '\nIt reads all secrets of the account, those of payment or logistics and those of the gateway: run it where both are.\n\nExit codes: 0 all is as it must be, 1 something is not, 2 wrong use, or the file cannot be used.',
  )
  .parse()
  .opts<Options>()

class Misused extends Error {}

const gatewayIn = (text: string | undefined): URL | undefined => {
  const url = text === undefined ? undefined : URL.parse(text)
  if (url === null) throw new Misused(`expected an address such as https://notify.example for --gateway, got ${text}`)
  return url
}

const wordsOf = (problems: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[]): string =>
  problems
    .map(({ path, message }) => [...(path.length > 0 ? [path.map(String).join('.')] : []), message].join(': '))
    .join('\n')

/** The account with all of its secrets. Those of others need not be here. */
const readAccount = async (name: string | undefined) => {
  if (name === undefined) throw new Misused('expected --account <name>, got none')
  const path = process.env.ACCOUNTS_FILE ?? ''
  if (path === '') throw new Misused('expected ACCOUNTS_FILE to name the file of accounts')
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw new Misused(`expected a JSON file at ${path}: ${error.message}`)
  })
  const file = accountsFile.safeParse(jsonIn(text))
  if (!file.success) throw new Misused(wordsOf(file.error.issues))
  const { accounts } = file.data
  const given = Object.hasOwn(accounts, name) ? accounts[name] : undefined
  if (given === undefined)
    throw new Misused(
      `expected an account of ${Object.keys(accounts).join(', ') || 'ACCOUNTS_FILE, which has none'}, got ${name}`,
    )
  const look = looks.get(given.provider)
  if (look === undefined) throw new Misused(`nobody here knows how to look at ${given.provider}`)
  const sources = { env: process.env, report: () => {} }
  const only = JSON.stringify({ accounts: { [name]: given } })
  const result = readAccounts(only, new Map([[given.provider, look.account]]), sources)
  if (!result.ok) throw new Misused(wordsOf(result.problems))
  const account = result.read.accounts.get(name)?.()
  if (account === undefined) throw new Error(`expected ${name} to be read`)
  return { account, look }
}

const line = ({ what, ok, words }: Finding): string => `${ok ? colours.green('✓') : colours.red('✗')} ${what}: ${words}`

const main = async (): Promise<number> => {
  const { account, look } = await readAccount(options.account)
  const gateway = gatewayIn(options.gateway)
  const http = openHttp()
  const findings = await lookAt(look, account, { http, ...(gateway && { gateway }) })
  await http.close()
  const ok = findings.every((each) => each.ok)
  const { name, provider } = account
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ account: name, provider, ok, findings }, null, 2)}\n`
      : `${findings.map(line).join('\n')}\n`,
  )
  return ok ? 0 : 1
}

process.exit(
  await main().catch((error: unknown) => {
    if (!(error instanceof Misused)) throw error
    process.stderr.write(`error: ${error.message}\n`)
    return 2
  }),
)
