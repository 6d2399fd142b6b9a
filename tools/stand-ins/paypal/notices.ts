import { randomUUID, sign } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { NoticeFault } from '../faults.ts'
import { privateKey } from './certificate.ts'

/** Where events are told, and the id of the webhook that they are told by. */
export interface Told {
  readonly url: string
  readonly webhookId: string
}

/** An event as the API has it. */
export const eventOf = (id: string, type: string, resource: unknown, at: number): string =>
  JSON.stringify({
    ...{ id, event_version: '1.0', create_time: new Date(at).toISOString(), resource_version: '2.0' },
    ...{ resource_type: 'refund', event_type: type, summary: 'Something happened', resource, links: [] },
  })

/** What is sent with a body: signed is `<id>|<time>|<webhook>|<CRC-32 of the body>`. `at`: ms since the epoch. */
export const signedBy = (body: string, webhookId: string, certUrl: string, at: number): Record<string, string> => {
  const id = randomUUID()
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, 'Z')
  const signature = sign('RSA-SHA256', Buffer.from(`${id}|${time}|${webhookId}|${crc32(body)}`), privateKey)
  return {
    ...{ 'paypal-transmission-id': id, 'paypal-transmission-time': time, 'paypal-cert-url': certUrl },
    ...{ 'paypal-transmission-sig': signature.toString('base64'), 'paypal-auth-algo': 'SHA256withRSA' },
  }
}

const hour = 3_600_000
const offMs: Partial<Record<NoticeFault, number>> = { old: -73 * hour, 'ahead-of-time': hour }

/** Tells by itself what happens; what becomes of each post is kept. `now`: ms since the epoch; `certUrl`: where its certificate is. */
export const createTeller = (now: () => number, certUrl: () => string) => {
  let told: Told | undefined
  let events = 0
  const posts: { readonly type: string; readonly status: number }[] = []
  return {
    posts,
    to: (next: Told | undefined) => {
      told = next
    },
    /** Resolves when it was posted, with how it was answered; 0: not at all. */
    tell: async (type: string, resource: unknown, fault?: NoticeFault): Promise<number | undefined> => {
      if (told === undefined || fault === 'lost') return undefined
      let last: number | undefined
      const body = eventOf(`WH-${++events}`, type, resource, now())
      const { url } = told
      const webhookId = fault === 'wrong-signature' ? 'ANOTHER' : told.webhookId
      for (let times = fault === 'three-times' ? 3 : 1; times > 0; times--) {
        const signed = signedBy(body, webhookId, certUrl(), now() + (offMs[fault ?? 'lost'] ?? 0))
        const headers = { 'content-type': 'application/json', ...signed }
        const status = await fetch(url, { method: 'POST', headers, body }).then(
          (response) => response.status,
          () => 0,
        )
        posts.push({ type, status })
        last = status
      }
      return last
    },
  }
}

export type Teller = ReturnType<typeof createTeller>
