import { createHmac } from 'node:crypto'

/** Standard Webhooks 1.0: HMAC-SHA256 of `<id>.<seconds>.<body>` by the secret's bytes, which are base64 after `whsec_`. */

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')

export interface Signed {
  readonly 'webhook-id': string
  readonly 'webhook-timestamp': string
  readonly 'webhook-signature': string
}

/** The headers of one try. `at`: ms since the epoch. Every secret signs: whoever verifies may know either. */
export const sign = (eventId: string, body: string, secrets: readonly string[], at: number): Signed => {
  const seconds = String(Math.floor(at / 1_000))
  const of = (secret: string) =>
    `v1,${createHmac('sha256', keyOf(secret)).update(`${eventId}.${seconds}.${body}`).digest('base64')}`
  return { 'webhook-id': eventId, 'webhook-timestamp': seconds, 'webhook-signature': secrets.map(of).join(' ') }
}
