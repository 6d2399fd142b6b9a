import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Account } from '@countermand/providers/account.ts'

/** How far a signature's time may be from ours, either way, in seconds: what was overheard is worth nothing later. */
const toleranceSeconds = 300

/** `at`: seconds since the epoch, as the header has them. */
export const isFresh = (at: string, now: number): boolean =>
  /^\d{1,12}$/.test(at) && Math.abs(now / 1000 - Number(at)) <= toleranceSeconds

const isSame = (one: Buffer, other: Buffer): boolean => one.length === other.length && timingSafeEqual(one, other)

/**
 * Whether one of the signatures is the HMAC-SHA256 of this text, by one of the account's secrets: several of either are valid while one
 * takes the place of another.
 */
export const isSigned = (
  account: Account,
  keyOf: (secret: string) => Buffer,
  text: readonly (string | Buffer)[],
  signatures: readonly Buffer[],
): boolean => {
  const secrets = account.secrets.get('webhook') ?? []
  return secrets.some((secret) => {
    const hmac = createHmac('sha256', keyOf(secret.reveal()))
    for (const part of text) hmac.update(part)
    const expected = hmac.digest()
    return signatures.some((signature) => isSame(signature, expected))
  })
}

/** The value of a JSON body; `undefined`: it is none. */
export const jsonOf = (body: Buffer): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    return undefined
  }
}
