import { createHmac } from 'node:crypto'
import type { NoticeFault } from '../faults.ts'

/** Where events are told, and with which secret they are signed. */
export interface Told {
  readonly url: string
  readonly secret: string
}

/** An event as the API has it. */
export const eventOf = (id: string, type: string, object: unknown, at: number): string =>
  JSON.stringify({
    ...{ id, object: 'event', api_version: '2026-10-28.endive', created: Math.floor(at / 1000), type },
    ...{ livemode: false, pending_webhooks: 1, request: null, data: { object } },
  })

/** `t=<seconds>,v1=<hex>`. */
export const signed = (body: string, secret: string, at: number): string => {
  const seconds = Math.floor(at / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

const oldMs = 3_600_000

/** Tells by itself what happens; what becomes of each post is kept. `now`: ms since the epoch. */
export const createTeller = (now: () => number) => {
  let told: Told | undefined
  let events = 0
  const posts: { readonly type: string; readonly status: number }[] = []

  const post = async ({ url, secret }: Told, type: string, body: string, at: number): Promise<number> => {
    const headers = { 'content-type': 'application/json; charset=utf-8', 'stripe-signature': signed(body, secret, at) }
    const status = await fetch(url, { method: 'POST', headers, body }).then(
      (response) => response.status,
      () => 0,
    )
    posts.push({ type, status })
    return status
  }

  return {
    posts,
    to: (next: Told | undefined) => {
      told = next
    },
    /** Resolves when it was posted, with how it was answered; 0: not at all. */
    tell: async (type: string, object: unknown, fault?: NoticeFault): Promise<number | undefined> => {
      if (told === undefined || fault === 'lost') return undefined
      const at = fault === 'old' ? now() - oldMs : fault === 'ahead-of-time' ? now() + oldMs : now()
      const body = eventOf(`evt_${++events}`, type, object, at)
      const to = fault === 'wrong-signature' ? { ...told, secret: `${told.secret}x` } : told
      const times = fault === 'three-times' ? 3 : 1
      let status: number | undefined
      for (let time = 0; time < times; time++) status = await post(to, type, body, at)
      return status
    },
  }
}

export type Teller = ReturnType<typeof createTeller>
