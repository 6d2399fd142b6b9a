import { createHmac } from 'node:crypto'
import type { Account } from '@countermand/providers/account.ts'
import { Secret } from '@countermand/providers/secret.ts'

/** An account whose notifications are checked with these secrets. */
export const accountWith = (...secrets: readonly string[]): Account => ({
  ...{ name: 'stripe-eu', provider: 'stripe', settings: {} },
  secrets: new Map([['webhook', secrets.map((each) => new Secret(each))]]),
})

/** What Stripe sends with a body. `at`: seconds since the epoch. */
export const signedByStripe = (body: string, secret: string, at: number): string =>
  `t=${at},v1=${createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')}`

/** The headers of what a carrier sends by Standard Webhooks. */
export const signedByCarrier = (body: string, id: string, secret: string, at: number): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': `${at}`,
  'webhook-signature': `v1,${createHmac('sha256', Buffer.from(secret.slice(6), 'base64'))
    .update(`${id}.${at}.${body}`)
    .digest('base64')}`,
})

/** An event as Stripe has it. */
export const stripeEvent = (id: string, type: string, object: object, created = 1_795_165_200): string =>
  JSON.stringify({ id, object: 'event', created, type, data: { object } })
