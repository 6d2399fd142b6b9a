import { id } from '@countermand/contracts'
import { z } from 'zod'
import { rsaPublicKey } from './rsa.ts'
import type { Secret } from './secret.ts'

/** Who has accounts: payment providers and carriers. One of a shop's own is `x-` and its name. */
export const providers = [
  ...['stripe', 'paypal', 'adyen', 'alipay', 'wechat-pay'],
  ...['ups', 'fedex', 'sf-express', 'kuaidi100', 'easypost', 'shippo', 'webhook-carrier'],
] as const

/** An account as it is now, with the secrets that this process may know. */
export interface Account {
  readonly name: string
  readonly provider: string
  /** Where the provider is asked; absent: where it lives. */
  readonly baseUrl?: string
  /** The provider's own; read by the schema of its {@link AccountKind}. */
  readonly settings: Readonly<Record<string, unknown>>
  /** By name, the newest first: while one is replaced, both are valid. */
  readonly secrets: ReadonlyMap<string, readonly Secret[]>
}

/** What a process needs of a provider's accounts. */
export interface AccountKind {
  /** The names of the secrets that it reads, each of which has to be there: no other is read. */
  readonly secrets: readonly string[]
  /** Those that it reads where they are there. */
  readonly optional?: readonly string[]
  /** The account's settings; unchecked when absent. */
  readonly settings?: z.ZodType
}

/** By provider; the accounts of others are somebody else's. */
export type Part = ReadonlyMap<string, AccountKind>

/** Whose parcels an account at a carrier of one's own is about, by the names that shipments have for the carrier. */
export const webhookCarrierSettings = z.strictObject({
  carriers: z.array(id).min(1, 'expected the name of a carrier'),
})

/** Of an app at PayPal, and of what it sells for: payment asks by it, the gateway checks by it. None of it is secret. */
export const paypalSettings = z.strictObject({
  clientId: z.string().regex(/^[\w.-]{1,200}$/, 'expected the client id of the app'),
  /** Of the webhook that tells the gateway: it is part of what is signed. Absent: nothing is believed. */
  webhookId: z
    .string()
    .regex(/^\w{1,50}$/, 'expected the id of the webhook')
    .exactOptional(),
  /** Whose payments they are, where the app is a platform's: the seller's PayPal account. */
  payerId: z
    .string()
    .regex(/^[A-Z0-9]{1,20}$/, 'expected the id of a PayPal account')
    .exactOptional(),
})

/** Of an app at Alipay, and of whom it sells for: payment signs and checks by it, the gateway checks by it. None of it is secret. */
export const alipaySettings = z.strictObject({
  appId: z.string().regex(/^\d{16}$/, 'expected the number of the app'),
  /** The merchant's own number (`2088…`). Absent: a notification for any merchant of the app counts. */
  sellerId: z
    .string()
    .regex(/^2088\d{12}$/, 'expected 2088 and 12 digits')
    .exactOptional(),
  /** What Alipay signs by; several, while one takes the place of another. */
  publicKeys: z.array(rsaPublicKey).min(1, 'expected one at least'),
})

const wechatPaySerial = /^[0-9A-F]{8,40}$/

/** Of a merchant at WeChat Pay: payment signs and checks by it, the gateway checks by it. None of it is secret. */
export const wechatPaySettings = z.strictObject({
  mchid: z.string().regex(/^\d{8,32}$/, 'expected the number of a merchant'),
  /** Of the merchant's own API certificate: it says by which key a request is signed. */
  serial: z.string().regex(wechatPaySerial, 'expected the serial number of the API certificate, in capitals'),
  /** What WeChat Pay signs by, by its name: `PUB_KEY_ID_…`, or the serial number of a certificate of its. */
  publicKeys: z
    .record(z.union([z.string().regex(/^PUB_KEY_ID_\d{1,60}$/), z.string().regex(wechatPaySerial)]), rsaPublicKey)
    .refine((keys) => Object.keys(keys).length > 0, 'expected one at least'),
  /** Where it tells of refunds; absent: where the merchant's pages say. */
  notifyUrl: z
    .string()
    .regex(/^https:\/\/[^?#\s]{1,248}$/, 'expected an https address without a query')
    .exactOptional(),
})

const accountName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'expected lower-case letters, digits and hyphens')

const provider = z
  .string()
  .refine(
    (name) => /^x-[a-z0-9-]{1,60}$/.test(name) || providers.some((each) => each === name),
    `expected ${providers.join(', ')} or x- and a name`,
  )

const isLoopback = ({ hostname }: URL) => /^(localhost|127[.]\d+[.]\d+[.]\d+|\[::1\])$/.test(hostname)

const baseUrl = z.string().refine((text) => {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))
}, 'expected an address such as https://api.example.com, or http:// on this machine')

const secretSource = z.union(
  [z.strictObject({ file: z.string().min(1) }), z.strictObject({ env: z.string().regex(/^\w+$/) })],
  { error: 'expected { "file": path } or { "env": name of a variable }' },
)
export type SecretSource = z.infer<typeof secretSource>

const several = (one: z.ZodType<SecretSource>) =>
  z
    .union([one, z.array(one).min(1, 'expected one at least')], {
      error: 'expected { "file": path } or { "env": name of a variable }, or a list of them',
    })
    .transform((given): readonly SecretSource[] => ('length' in given ? given : [given]))

const account = z.strictObject({
  provider,
  baseUrl: baseUrl.exactOptional(),
  settings: z.record(z.string(), z.unknown()).default({}),
  secrets: z.record(z.string(), several(secretSource)).default({}),
})

/** As `ACCOUNTS_FILE` has it: what accounts there are, and with which of them each merchant works. */
export const accountsFile = z
  .strictObject({
    accounts: z.record(accountName, account),
    merchants: z.record(z.union([z.literal('*'), id]), z.record(provider, accountName)).default({}),
  })
  .superRefine(({ accounts, merchants }, context) => {
    for (const [merchant, byProvider] of Object.entries(merchants))
      for (const [name, chosen] of Object.entries(byProvider)) {
        const found = Object.hasOwn(accounts, chosen) ? accounts[chosen]?.provider : undefined
        if (found === name) continue
        const message = `expected an account at ${name}, got ${chosen}, ${found === undefined ? 'which is not there' : `which is one at ${found}`}`
        context.addIssue({ code: 'custom', path: ['merchants', merchant, name], message })
      }
  })
export type AccountsFile = z.infer<typeof accountsFile>
