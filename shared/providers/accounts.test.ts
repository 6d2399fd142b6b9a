import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSettings, SettingsError } from '@countermand/settings'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Part } from './account.ts'
import { accountsIn } from './accounts.ts'

const part: Part = new Map([
  ['stripe', { secrets: ['apiKey'], settings: z.strictObject({ connect: z.string().optional() }) }],
  ['paypal', { secrets: ['clientId', 'clientSecret'] }],
])
const notifications: Part = new Map([['stripe', { secrets: ['webhook'] }]])

let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'accounts-'))
})
afterAll(async () => await rm(folder, { recursive: true }))

const written = async (content: unknown) => {
  const path = join(folder, `${++files}`)
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const open = (path: string, options: { env?: NodeJS.ProcessEnv; of?: Part } = {}) => {
  const env = { ACCOUNTS_FILE: path, ...options.env }
  const schema = z.object({
    ACCOUNTS_FILE: accountsIn(env, options.of ?? part),
    OTHER: z.coerce.number().int().default(1),
  })
  const reports: string[] = []
  const settings = readSettings({ name: 'payment', env, argv: [] }, schema)
  return { accounts: settings.ACCOUNTS_FILE((problem) => reports.push(problem)), reports }
}

const problemsOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    if (error instanceof SettingsError) return error.message
    throw error
  }
  throw new Error('expected settings that are wrong')
}

const revealed = (accounts: ReturnType<typeof open>['accounts'], name: string, secret = 'apiKey') =>
  accounts
    .find(name)
    ?.secrets.get(secret)
    ?.map((each) => each.reveal())

const stripe = (apiKey: unknown, more: object = {}) => ({ provider: 'stripe', secrets: { apiKey }, ...more })
const env = { STRIPE_KEY: 'sk_from_env' }
const fromEnv = { env: 'STRIPE_KEY' }

describe('an account', () => {
  it('has its secrets from files and variables, and nothing else from them', async () => {
    const path = await written({
      accounts: {
        'stripe-eu': stripe(
          { file: await written('sk_from_file\n') },
          { baseUrl: 'http://127.0.0.1:9/v1', settings: { connect: 'acct_1' } },
        ),
        'stripe-us': stripe(fromEnv),
      },
    })
    const { accounts } = open(path, { env })
    expect(revealed(accounts, 'stripe-eu')).toEqual(['sk_from_file'])
    expect(revealed(accounts, 'stripe-us')).toEqual(['sk_from_env'])
    const { secrets, ...rest } = accounts.find('stripe-eu') ?? {}
    expect(rest).toEqual({
      name: 'stripe-eu',
      provider: 'stripe',
      baseUrl: 'http://127.0.0.1:9/v1',
      settings: { connect: 'acct_1' },
    })
    expect(accounts.find('toString')).toBeUndefined()
  })

  it('shows a process its own part: a secret of another is not even read', async () => {
    const path = await written({
      accounts: {
        'stripe-eu': { provider: 'stripe', secrets: { apiKey: { file: '/nowhere/key' }, webhook: [fromEnv] } },
        'ups-de': { provider: 'ups', secrets: { clientId: { file: '/nowhere/ups' } } },
      },
    })
    const { accounts } = open(path, { env, of: notifications })
    expect([...(accounts.find('stripe-eu')?.secrets.keys() ?? [])]).toEqual(['webhook'])
    expect(accounts.find('ups-de')).toBeUndefined()
    expect(problemsOf(() => open(path, { env }))).toContain('accounts.stripe-eu.secrets.apiKey: ENOENT')
  })

  it('has several secrets of a kind while one takes the place of another', async () => {
    const webhook = [{ file: await written('new') }, { file: await written('old') }]
    const path = await written({ accounts: { s: { provider: 'stripe', secrets: { webhook } } } })
    expect(revealed(open(path, { of: notifications }).accounts, 's', 'webhook')).toEqual(['new', 'old'])
  })
})

describe('a merchant', () => {
  it('works with its own account, else with that of all, at each provider for itself', async () => {
    const path = await written({
      accounts: { a: stripe(fromEnv), b: stripe(fromEnv), p: { provider: 'x-pay' } },
      merchants: { 'mer-3': { stripe: 'a' }, '*': { stripe: 'b', 'x-pay': 'p' } },
    })
    const { accounts } = open(path, { env })
    expect(accounts.nameFor('mer-3', 'stripe')).toBe('a')
    expect(accounts.nameFor('mer-3', 'x-pay')).toBe('p')
    expect(accounts.nameFor('mer-4', 'stripe')).toBe('b')
    expect(accounts.nameFor(undefined, 'stripe')).toBe('b')
    expect(accounts.nameFor('mer-3', 'paypal')).toBeUndefined()
    expect(accounts.nameFor('constructor', 'constructor')).toBeUndefined()
  })

  it('has none when there is no file', () => {
    const { accounts } = open('')
    expect(accounts.nameFor('mer-3', 'stripe')).toBeUndefined()
    expect(accounts.find('stripe-eu')).toBeUndefined()
  })
})

describe('what is wrong', () => {
  it('is said all at once, with other settings, and tells no secret', async () => {
    const path = await written({
      accounts: {
        'stripe-eu': stripe({ file: '/nowhere' }, { settings: { conect: 1 } }),
        'stripe-us': stripe({ env: 'MISSING' }),
        'stripe-empty': stripe({ file: await written(' \n') }),
        'stripe-lines': stripe({ file: await written('one\ntwo') }),
        'pay-eu': { provider: 'paypal', secrets: { clientId: fromEnv } },
      },
    })
    const said = problemsOf(() => open(path, { env: { ...env, OTHER: 'x' } }))
    for (const problem of [
      'ACCOUNTS_FILE.accounts.stripe-eu.settings: Unrecognized key',
      'ACCOUNTS_FILE.accounts.stripe-eu.secrets.apiKey: ENOENT',
      'ACCOUNTS_FILE.accounts.stripe-us.secrets.apiKey: expected a secret in the variable MISSING, got none',
      'ACCOUNTS_FILE.accounts.stripe-empty.secrets.apiKey: expected a secret, got an empty file',
      'ACCOUNTS_FILE.accounts.stripe-lines.secrets.apiKey: expected a secret of one line',
      'ACCOUNTS_FILE.accounts.pay-eu.secrets: expected clientSecret, got none',
      'OTHER: ',
    ])
      expect(said).toContain(problem)
    expect(said).not.toContain('sk_from_env')
  })

  it.each([
    ['a secret in the file itself', { accounts: { s: stripe('sk_live_planted') } }, 'expected { "file": path }'],
    ['a secret among words', '{ "accounts": sk_live_planted', 'ACCOUNTS_FILE: expected JSON'],
    [
      'a provider that nobody knows',
      { accounts: { s: { provider: 'strpe' } } },
      'accounts.s.provider: expected stripe,',
    ],
    ['a name that no address can have', { accounts: { 'a/b': stripe(fromEnv) } }, 'accounts.a/b'],
    ['plain http', { accounts: { s: stripe(fromEnv, { baseUrl: 'http://api.stripe.com' }) } }, 's.baseUrl: expected'],
    [
      'an address with a password',
      { accounts: { s: stripe(fromEnv, { baseUrl: 'https://sk_live_planted@a.b' }) } },
      's.baseUrl',
    ],
    ['an account that is not there', { accounts: {}, merchants: { m: { stripe: 's' } } }, 'got s, which is not there'],
    [
      'an account at another provider',
      { accounts: { s: stripe(fromEnv) }, merchants: { m: { paypal: 's' } } },
      'merchants.m.paypal: expected an account at paypal, got s, which is one at stripe',
    ],
  ])('is told of %s', async (_, content, problem) => {
    const path = await written(content)
    const said = problemsOf(() => open(path, { env }))
    expect(said).toContain(problem)
    expect(said).not.toContain('sk_live_planted')
  })

  it('is told of a file that is not there', () =>
    expect(problemsOf(() => open('/nowhere/accounts.json'))).toContain(
      'expected a JSON file at /nowhere/accounts.json: ENOENT',
    ))
})

describe('a file that changes', () => {
  it('is read again: a secret is the new one at the next look, whether written over or put in its place', async () => {
    const key = await written('sk_1')
    const { accounts, reports } = open(await written({ accounts: { s: stripe({ file: key }) } }))
    for (const next of ['sk_2', 'sk_3']) {
      await writeFile(key, next)
      expect(revealed(accounts, 's')).toEqual([next])
    }
    await rename(await written('sk_4'), key)
    expect(revealed(accounts, 's')).toEqual(['sk_4'])
    expect(reports).toEqual([])
  })

  it('keeps the secret of before while there is none that can be used, and says so once', async () => {
    const key = await written('sk_1')
    const { accounts, reports } = open(await written({ accounts: { s: stripe({ file: key }) } }))
    await writeFile(key, '')
    expect([revealed(accounts, 's'), revealed(accounts, 's')]).toEqual([['sk_1'], ['sk_1']])
    expect(reports).toEqual([`the secret in ${key} stays as it was: expected a secret, got an empty file`])
    await rm(key)
    expect(revealed(accounts, 's')).toEqual(['sk_1'])
    expect(reports[1]).toContain('ENOENT')
    await writeFile(key, 'sk_2')
    expect(revealed(accounts, 's')).toEqual(['sk_2'])
    expect(reports).toHaveLength(2)
  })

  it('takes a key as PEM, with its lines', async () => {
    const pem = '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg==\n-----END PRIVATE KEY-----'
    const { accounts } = open(await written({ accounts: { s: stripe({ file: await written(`${pem}\n`) }) } }))
    expect(revealed(accounts, 's')).toEqual([pem])
  })

  it('takes new accounts and new choices of merchants', async () => {
    const path = await written({ accounts: { a: stripe(fromEnv) }, merchants: { '*': { stripe: 'a' } } })
    const { accounts, reports } = open(path, { env })
    await writeFile(
      path,
      JSON.stringify({ accounts: { a: stripe(fromEnv), b: stripe(fromEnv) }, merchants: { '*': { stripe: 'b' } } }),
    )
    expect(accounts.nameFor('mer-1', 'stripe')).toBe('b')
    expect(accounts.find('a')?.name).toBe('a')
    expect(reports).toEqual([])
  })

  it('is taken once the secret is there that it names', async () => {
    const late = join(folder, 'late')
    const path = await written({ accounts: {} })
    const { accounts, reports } = open(path)
    await writeFile(path, JSON.stringify({ accounts: { a: stripe({ file: late }) } }))
    expect(accounts.find('a')).toBeUndefined()
    await writeFile(late, 'sk_late')
    expect(revealed(accounts, 'a')).toEqual(['sk_late'])
    expect(reports).toHaveLength(1)
  })

  it('changes nothing while it has a mistake, and says once what it is', async () => {
    const path = await written({ accounts: { a: stripe(fromEnv) }, merchants: { '*': { stripe: 'a' } } })
    const { accounts, reports } = open(path, { env })
    await writeFile(path, JSON.stringify({ accounts: { b: stripe({ env: 'MISSING' }) } }))
    expect([accounts.nameFor('m', 'stripe'), accounts.find('a')?.name, accounts.find('b')]).toEqual([
      'a',
      'a',
      undefined,
    ])
    expect(reports).toEqual([
      `the accounts in ${path} stay as they were: accounts.b.secrets.apiKey: expected a secret in the variable MISSING, got none`,
    ])
  })
})
