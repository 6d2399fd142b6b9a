import { readSecretFile } from '@countermand/settings/secret-file.ts'
import type { TokenSource } from '@countermand/settings/secured.ts'
import { z } from 'zod'

/** Of a token's life this much is left when the next one is asked for. */
const spareMs = 60_000
const patienceMs = 5_000

/** RFC 6749, 5.1: `expires_in` in seconds. */
const granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive().optional() })

interface Token {
  readonly value: string
  /** Moment (ms since 1970) until which it is used. */
  readonly untilMs: number
}

const ask = async (source: Extract<TokenSource, { url: string }>): Promise<Token> => {
  const { url, clientId, secretFile, scope } = source
  const secret = readSecretFile(secretFile, 'KAFKA_SASL_CLIENT_SECRET_FILE')
  // RFC 6749, 2.3.1: both are encoded before they are joined.
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(secret)}`).toString('base64')
  const asked = Date.now()
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Basic ${basic}`, accept: 'application/json' },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...(scope !== undefined && { scope }) }),
    redirect: 'error',
    signal: AbortSignal.timeout(patienceMs),
  })
  if (!response.ok) throw new Error(`expected a token from ${url}, got HTTP ${response.status}`)
  const { access_token: value, expires_in: seconds } = granted.parse(await response.json())
  return { value, untilMs: seconds === undefined ? asked : asked + seconds * 1_000 - spareMs }
}

/** Where kafkajs has its tokens from, for each sign-in: the file as it is, or one that was granted and is still good for a while. */
export const tokensFrom = (source: TokenSource): (() => Promise<{ value: string }>) => {
  if ('file' in source) return async () => ({ value: readSecretFile(source.file, 'KAFKA_SASL_TOKEN_FILE') })
  let token: Token | undefined
  let asking: Promise<Token> | undefined
  return async () => {
    if (token === undefined || token.untilMs <= Date.now()) {
      // Many connections may sign in at once.
      asking ??= ask(source).finally(() => {
        asking = undefined
      })
      token = await asking
    }
    return { value: token.value }
  }
}
