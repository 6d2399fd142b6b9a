import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Part, type StackCrash, startPart } from '../stack/part.ts'
import { freePort } from '../stack/ports.ts'
import { untilReady } from '../system/ready.ts'
import { merchant as alipayMerchant } from './alipay/stand-in.ts'
import { newKey, publicTextOf, standInPublicKey } from './keys.ts'
import { controlAt } from './started.ts'
import { keyId, newCredentials, merchant as wechatMerchant } from './wechat-pay/stand-in.ts'

/** All stand-ins side by side, each a process of its own, and the file of accounts by which a system works with them. */

export const crewNames = ['stripe', 'paypal', 'alipay', 'wechat-pay', 'ups', 'webhook-carrier'] as const
export type CrewName = (typeof crewNames)[number]

type Secrets = Readonly<Record<string, string>>

/** How a provider is set up: its account, what its stand-in is started with, and how it tells the gateway what happens. */
interface Role {
  /** As people call it. */
  readonly title: string
  readonly account: string
  /** New ones each time, so that whoever looks for them finds no others. */
  secrets(): Secrets
  readonly settings?: object
  args(secrets: Secrets): readonly string[]
  /** As what they go over the wire, where that is something else; and how tokens begin. */
  sent?(secrets: Secrets): readonly string[]
  /** Absent: it tells nothing by itself. */
  told?(secrets: Secrets, url: string): object
}

const random = () => randomBytes(12).toString('hex')
const signing = () => `whsec_${randomBytes(24).toString('base64')}`
const app = { clientId: 'stand-in', webhookId: 'WEBHOOK1' }
/** Soon enough for whoever watches. */
const turnsAfterMs = 1_500

const basic = ({ clientSecret = '' }: Secrets) => Buffer.from(`${app.clientId}:${clientSecret}`).toString('base64')

const roles: Readonly<Record<CrewName, Role>> = {
  stripe: {
    ...{ title: 'Stripe', account: 'stripe-eu' },
    secrets: () => ({ apiKey: `sk_test_${random()}`, webhook: `whsec_${random()}` }),
    args: ({ apiKey = '' }) => ['--api-key', apiKey],
    told: ({ webhook: secret }, url) => ({ url, secret }),
  },
  paypal: {
    ...{ title: 'PayPal', account: 'paypal-eu' },
    secrets: () => ({ clientSecret: `paypal-${random()}` }),
    settings: app,
    args: ({ clientSecret = '' }) => ['--client-id', app.clientId, '--client-secret', clientSecret],
    sent: (secrets) => [basic(secrets), 'A21AA_'],
    told: (_, url) => ({ url, webhookId: app.webhookId }),
  },
  alipay: {
    ...{ title: 'Alipay', account: 'alipay-cn' },
    secrets: () => ({ privateKey: newKey().privateKey }),
    settings: { ...alipayMerchant, publicKeys: [standInPublicKey] },
    args: ({ privateKey = '' }) => [
      ...['--app-id', alipayMerchant.appId, '--seller-id', alipayMerchant.sellerId],
      ...['--public-key', publicTextOf(privateKey)],
    ],
    told: (_, url) => ({ url }),
  },
  'wechat-pay': {
    ...{ title: 'WeChat Pay', account: 'wechat-cn' },
    secrets: () => {
      const { privateKey, credentials } = newCredentials()
      return { privateKey, apiV3Key: credentials.apiV3Key }
    },
    settings: { ...wechatMerchant, publicKeys: { [keyId]: standInPublicKey } },
    args: ({ privateKey = '', apiV3Key = '' }) => [
      ...['--mchid', wechatMerchant.mchid, '--serial', wechatMerchant.serial],
      ...['--public-key', publicTextOf(privateKey), '--api-v3-key', apiV3Key],
    ],
    told: (_, url) => ({ url }),
  },
  ups: {
    ...{ title: 'UPS', account: 'ups-us' },
    secrets: () => ({ clientSecret: `ups-${random()}`, webhook: `ups-alert-${random()}` }),
    settings: { clientId: app.clientId, contact: { name: 'Returns desk', telephone: '+14107495070' } },
    args: ({ clientSecret = '' }) => [
      ...['--client-id', app.clientId, '--client-secret', clientSecret, '--turns-after', String(turnsAfterMs)],
    ],
    sent: (secrets) => [basic(secrets)],
    told: ({ webhook: credential }, url) => ({ url, credential }),
  },
  'webhook-carrier': {
    ...{ title: 'the carrier of the shop’s own', account: 'acme-de' },
    secrets: () => ({ signing: signing(), webhook: signing() }),
    settings: { carriers: ['acme'] },
    args: ({ signing = '' }) => ['--secret', signing],
  },
}

/** As people call whom it stands for. */
export const titleOf = (name: CrewName): string => roles[name].title

export interface StandInProcess extends Pick<Part<CrewName>, 'name' | 'kill' | 'stop'> {
  readonly account: string
  readonly controlUrl: string
  readonly control: ReturnType<typeof controlAt>
  /** Starts it again on its ports and with its book, and has it tell the gateway as before. */
  restart(): Promise<void>
}

interface Crewed {
  /** `ACCOUNTS_FILE`. */
  readonly accountsFile: string
  /** What nobody may ever read anywhere else. */
  readonly secrets: readonly string[]
  stop(): Promise<void>
}

/** Stand-ins by their names. */
export type Crew<Name extends CrewName = CrewName> = Crewed & Readonly<Record<Name, StandInProcess>>

interface ProcessOptions {
  /** Holds books, accounts and secrets in `stand-ins/`, logs in `logs/`. */
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
}

export interface CrewOptions extends ProcessOptions {
  /** Where the gateway will take notifications, `http://127.0.0.1:<port>`; it need not listen yet. */
  readonly notify: string
}

/** Starts `./<name>/main.ts` with its book in `stand-ins/` and its log in `logs/`. */
export const startStandIn = async (
  name: string,
  args: readonly string[],
  { home, env, onCrash, signal }: ProcessOptions,
) => {
  const controlPort = await freePort()
  const program = fileURLToPath(new URL(`./${name}/main.ts`, import.meta.url))
  const book = join(home, 'stand-ins', `${name}.book`)
  const controlUrl = `http://127.0.0.1:${controlPort}`
  const part = await startPart(
    {
      ...{ name, address: `127.0.0.1:${controlPort}`, logFile: join(home, 'logs', `stand-in-${name}.log`), env },
      ...{ stopSignal: 'SIGTERM', readyWithinMs: 60_000, stopWithinMs: 5_000 },
      command: async () => ({
        command: process.execPath,
        args: [program, '--control-port', `${controlPort}`, '--book', book, ...args],
      }),
      ready: (until) => untilReady(`${controlUrl}/book`, until),
    },
    onCrash,
    signal,
  )
  return { part, controlUrl, control: controlAt(controlUrl) }
}

const start = async (name: CrewName, secrets: Secrets, options: CrewOptions) => {
  const { account, args, told } = roles[name]
  const port = await freePort()
  const { part, ...asked } = await startStandIn(name, ['--port', `${port}`, ...args(secrets)], options)
  const telling = async () => {
    if (told === undefined) return
    await asked.control.tell('POST /settings', { told: told(secrets, `${options.notify}/notify/${account}`) })
  }
  await telling()
  const standIn: StandInProcess = {
    ...{ name, account, ...asked, kill: part.kill, stop: part.stop },
    restart: async () => {
      await part.restart()
      await telling()
    },
  }
  return { standIn, baseUrl: `http://127.0.0.1:${port}` }
}

/** Writes the secrets, one file each, and says where they are. */
const writeSecrets = async (folder: string, account: string, secrets: Secrets) => {
  const written: Record<string, { readonly file: string }> = {}
  for (const [name, secret] of Object.entries(secrets)) {
    const file = join(folder, `${account}-${name}`)
    await writeFile(file, secret, { mode: 0o600 })
    written[name] = { file }
  }
  return written
}

/** Starts those. What was started is ended when the rest cannot be. */
export const startCrew = async <Name extends CrewName>(
  names: readonly Name[],
  options: CrewOptions,
): Promise<Crew<Name>> => {
  const folder = join(options.home, 'stand-ins')
  for (const each of [folder, join(options.home, 'logs')]) await mkdir(each, { recursive: true })
  const accounts: Record<string, object> = {}
  const everyone: Record<string, string> = {}
  const known: string[] = []
  const begun: StandInProcess[] = []
  const stop = async () => void (await Promise.all(begun.map((each) => each.stop())))
  const hire = async (name: Name) => {
    const { account, settings, secrets: make, sent } = roles[name]
    const secrets = make()
    known.push(...Object.values(secrets), ...(sent?.(secrets) ?? []))
    const { standIn, baseUrl } = await start(name, secrets, options)
    begun.push(standIn)
    const written = await writeSecrets(folder, account, secrets)
    accounts[account] = { provider: name, baseUrl, ...(settings && { settings }), secrets: written }
    everyone[name] = account
    return [name, standIn] as const
  }
  try {
    const hired = await Promise.all(names.map(hire))
    const accountsFile = join(folder, 'accounts.json')
    await writeFile(accountsFile, JSON.stringify({ accounts, merchants: { '*': everyone } }, null, 2))
    // `fromEntries` forgets which names it was given.
    const byName = Object.fromEntries(hired) as Record<Name, StandInProcess>
    return { ...byName, accountsFile, secrets: known, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
