import { type KeyObject, randomBytes } from 'node:crypto'
import type { z } from 'zod'
import type { wechatPaySettings } from './account.ts'
import { isSignatureOf, signatureOf } from './rsa.ts'

/**
 * How WeChat Pay (API v3) and a merchant sign what they say to each other: RSA-SHA256 of lines, each with its end. What it answers and
 * what it tells is signed alike, by the key or the certificate that `Wechatpay-Serial` names.
 */

export type WechatPaySettings = z.infer<typeof wechatPaySettings>

interface Request {
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly body: string
}

/** `Authorization` of a request. `now`: ms since the epoch. */
export const wechatPayAuthorization = (
  { method, path, body }: Request,
  { mchid, serial }: Pick<WechatPaySettings, 'mchid' | 'serial'>,
  key: KeyObject,
  now = Date.now(),
  nonce = randomBytes(16).toString('hex').toUpperCase(),
): string => {
  const at = Math.floor(now / 1000)
  const signature = signatureOf(`${method}\n${path}\n${at}\n${nonce}\n${body}\n`, key)
  const fields = `mchid="${mchid}",nonce_str="${nonce}",timestamp="${at}",serial_no="${serial}"`
  return `WECHATPAY2-SHA256-RSA2048 ${fields},signature="${signature}"`
}

/** Which of its keys WeChat Pay is asked to sign with, where it has keys of the kind that can be asked for. */
export const wechatPayKeyId = ({ publicKeys }: Pick<WechatPaySettings, 'publicKeys'>): string | undefined =>
  Object.keys(publicKeys).find((name) => name.startsWith('PUB_KEY_ID_'))

/** `unknown-key`: by one that the account does not have. `stale`: rightly, and too long ago or ahead of our clock. */
export type WechatPaySigned = 'yes' | 'no' | 'unknown-key' | 'stale'

/** So far a signature's time may be from ours, either way, as the vendor's libraries have it. */
const toleranceMs = 300_000

/** Whether WeChat Pay has signed a body. `headers`: by their names in lower case. `now`: ms since the epoch. */
export const wechatPaySigned = (
  headers: Readonly<Record<string, string | undefined>>,
  body: string | Buffer,
  { publicKeys }: Pick<WechatPaySettings, 'publicKeys'>,
  now: number,
): WechatPaySigned => {
  const { 'wechatpay-serial': serial = '', 'wechatpay-signature': signature = '' } = headers
  const { 'wechatpay-timestamp': at = '', 'wechatpay-nonce': nonce = '' } = headers
  if (serial === '' || !/^\d{1,12}$/.test(at) || /\n/.test(nonce)) return 'no'
  const key = Object.hasOwn(publicKeys, serial) ? publicKeys[serial] : undefined
  if (key === undefined) return 'unknown-key'
  const text = Buffer.concat([Buffer.from(`${at}\n${nonce}\n`), Buffer.from(body), Buffer.from('\n')])
  if (!isSignatureOf(text, signature, key)) return 'no'
  return Math.abs(now - Number(at) * 1000) <= toleranceMs ? 'yes' : 'stale'
}
