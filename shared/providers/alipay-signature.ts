import type { KeyObject } from 'node:crypto'
import { isSignatureOf, signatureOf } from './rsa.ts'

/**
 * How Alipay and an app sign what they say to each other, RSA2: RSA-SHA256 of `name=value` pairs in the order of their names, or of the
 * object in an answer as its text is.
 */

/** What is signed of pairs: those that have a value, but for the signature. */
const textOf = (pairs: readonly (readonly [string, string])[], without: readonly string[]): string =>
  pairs
    .filter(([name, value]) => value !== '' && !without.includes(name))
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')

/** The signature of a request's parameters. */
export const alipaySignature = (parameters: Readonly<Record<string, string>>, key: KeyObject): string =>
  signatureOf(textOf(Object.entries(parameters), ['sign']), key)

/** Whether Alipay has signed a notification, by one of its keys. `sign_type` is signed too by some of its products. */
export const alipaySigned = (form: URLSearchParams, keys: readonly KeyObject[]): boolean => {
  const pairs = [...form]
  // Which of two values was signed, nobody knows.
  if (new Set(form.keys()).size !== pairs.length || form.get('sign_type') !== 'RSA2') return false
  const texts = [['sign', 'sign_type'], ['sign']].map((without) => textOf(pairs, without))
  const signature = form.get('sign') ?? ''
  return keys.some((key) => texts.some((text) => isSignatureOf(text, signature, key)))
}

/** The text of an object that begins here; `undefined`: it has no end. */
const objectAt = (text: string, from: number): string | undefined => {
  let depth = 0
  let isText = false
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '\\') at++
    else if (character === '"') isText = !isText
    else if (!isText && character === '{') depth++
    else if (!isText && character === '}' && --depth === 0) return text.slice(from, at + 1)
  }
  return undefined
}

/** The answer to a method, as its text is; `undefined`: there is none. A failure of the gateway itself is an `error_response`. */
export const alipayAnswerIn = (body: string, method: string): string | undefined => {
  const name = `${method.replaceAll('.', '_')}_response`
  const [found] = /^\s*\{\s*"(?:\w+)"\s*:\s*(?=\{)/.exec(body) ?? []
  const isKnown = found?.includes(`"${name}"`) || found?.includes('"error_response"')
  return found === undefined || !isKnown ? undefined : objectAt(body, found.length)
}

/** Whether Alipay has signed an answer, by one of its keys. */
export const alipayAnswerSigned = (text: string, signature: string, keys: readonly KeyObject[]): boolean =>
  keys.some((key) => isSignatureOf(text, signature, key))

/** As Alipay has times: those of Beijing. `at`: ms since the epoch. */
export const alipayTime = (at: number): string =>
  new Date(at + 8 * 3_600_000).toISOString().slice(0, 19).replace('T', ' ')

/** ms since the epoch; NaN: it is no time. */
export const fromAlipayTime = (text: string): number => Date.parse(`${text.slice(0, 23).replace(' ', 'T')}+08:00`)

/** Of a request for a method. */
interface Asked {
  readonly method: string
  readonly content: object
}

/** A signed request, as path and body. `now`: ms since the epoch. */
export const alipayRequest = ({ method, content }: Asked, appId: string, key: KeyObject, now = Date.now()) => {
  const biz_content = JSON.stringify(content)
  const common = {
    ...{ app_id: appId, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2' },
    ...{ timestamp: alipayTime(now), version: '1.0' },
  }
  const sign = alipaySignature({ ...common, biz_content }, key)
  return {
    path: `/gateway.do?${new URLSearchParams({ ...common, sign })}`,
    body: String(new URLSearchParams({ biz_content })),
  }
}

/** Fen as Alipay writes amounts: yuan, with two digits. */
export const toYuan = (fen: number): string => `${Math.trunc(fen / 100)}.${String(fen % 100).padStart(2, '0')}`

/** Fen; `undefined`: it is no amount of yuan. */
export const fromYuan = (yuan: string): number | undefined => {
  const [, whole, part = ''] = /^(\d{1,11})(?:\.(\d{1,2}))?$/.exec(yuan) ?? []
  return whole === undefined ? undefined : Number(whole) * 100 + Number(part.padEnd(2, '0'))
}
