import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Account } from '@countermand/providers/account.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { eventually } from '@countermand/testing'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/webhook-carrier/started.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Carrier, CarrierCall } from './carrier.ts'
import { carrierConformance, trackingNumbers } from './conformance.ts'
import { resumeSaid, stopSaid } from './webhook-answers.ts'
import { fromAnswer, signatureOf, toRequest, webhookCarrier } from './webhook-carrier.ts'

const secret = `whsec_${Buffer.from('a secret planted in a carrier').toString('base64')}`
let standIn: StartedStandIn
const http = openHttp({ answerMs: 500, circuit: { failures: 1_000_000 } })
/** One failure, and it counts as away. */
const awayHttp = openHttp({ circuit: { failures: 1 } })
beforeAll(async () => {
  standIn = await startStandIn(secret)
})
afterAll(async () => {
  await Promise.all([http.close(), awayHttp.close()])
  standIn.close()
})
beforeEach(() => standIn.clear())

const accountWith = (...secrets: string[]): Account => ({
  ...{ name: 'acme-de', provider: 'webhook-carrier', baseUrl: standIn.url, settings: { carriers: ['acme'] } },
  secrets: new Map([['signing', secrets.map((each) => new Secret(each))]]),
})
const open = (account: Account | undefined = accountWith(secret), by = http): Carrier =>
  webhookCarrier.open({ http: by, accounts: { find: () => account, nameFor: () => account?.name } })

const parcelOf = (trackingNumber: string, status: CarrierCall['status'] = 'in-transit') => {
  const orderId = randomUUID()
  return (key: string, more: Partial<CarrierCall> = {}): CarrierCall => ({
    ...{ orderId, shipmentId: 'shp-1', merchantId: 'mer-3', carrier: 'acme', trackingNumber, status, round: 1 },
    idempotencyKey: `${orderId}/${key}`,
    ...more,
  })
}
const stateOf = async ({ orderId, shipmentId }: CarrierCall) => {
  const state = standIn.stateOf(orderId, shipmentId)?.state
  if (state === 'label-voided') return state
  return state === 'intercepted' ? 'turned-round' : 'goes'
}

describe('the suite of carriers holds a carrier that is asked by signed requests:', () =>
  carrierConformance({
    ...{ keys: 'known', labels: 'carrier' },
    open,
    openLosing: () => {
      standIn.plan('cut-after')
      return open()
    },
    openSilent: () => {
      standIn.plan('hang-after')
      const silent = open()
      // Nobody waits for it.
      return { ...silent, requestIntercept: (call) => silent.requestIntercept(call).catch(() => new Promise(() => {})) }
    },
    openAway: () => {
      standIn.plan('500-before')
      return open(accountWith(secret), awayHttp)
    },
    parcel: (habit, status) => parcelOf(trackingNumbers[habit], status),
    stateOf,
    until: eventually,
  }))

describe('a request', () => {
  it('is signed as the library of Standard Webhooks signs', () => {
    const path = new URL('../../gateway/senders/standard-webhooks-vectors.json', import.meta.url)
    const vector = z.object({
      id: z.string(),
      secret: z.string(),
      at: z.int(),
      body: z.string(),
      signature: z.string(),
    })
    const { vectors } = z.object({ vectors: z.array(vector) }).parse(JSON.parse(readFileSync(path, 'utf8')))
    for (const { secret: by, id, at, body, signature } of vectors)
      expect(signatureOf([by], id, at, body)).toBe(signature)
    expect(vectors).not.toEqual([])
  })

  it('is signed by the old secret and the new, while one takes the place of the other', async () => {
    const other = `whsec_${Buffer.from('another').toString('base64')}`
    for (const secrets of [
      [other, secret],
      [secret, other],
    ])
      expect(await open(accountWith(...secrets)).requestIntercept(parcelOf('OK-1')('stop'))).toMatchObject({
        result: 'intercepted',
      })
    await expect(open(accountWith(other)).requestIntercept(parcelOf('OK-1')('stop'))).rejects.toMatchObject({
      facts: { trouble: 'setup' },
    })
  })

  it('has one id for one call, whenever it is made, and another for each question', () => {
    const call = parcelOf('OK-1')('stop')
    const id = (operation: Parameters<typeof toRequest>[0], now: number) =>
      toRequest(operation, call, accountWith(secret), now).headers['webhook-id']
    expect(id('intercept', 1)).toBe(id('intercept', 99_000))
    expect(id('intercept', 1)).not.toBe(id('void-label', 1))
    expect(id('status', 1)).not.toBe(id('status', 1))
    expect(id('intercept', 1)).toMatch(/^[\w-]{1,64}$/)
  })

  it('tells all that is known of the parcel, and the carrier’s own id of the stop', async () => {
    const call = parcelOf('OK-1')('stop', { shipmentRef: 's-9', carrierRef: 'int-7' })
    await open().requestIntercept(call)
    const { idempotencyKey: key, round, carrierRef, ...shipment } = call
    expect(standIn.requests.at(-1)?.body).toEqual({ operation: 'intercept', key, round, carrierRef, shipment })
  })
})

describe('an answer', () => {
  const answer =
    (status: number, body: unknown, headers: Record<string, string> = {}) =>
    () =>
      fromAnswer(
        'intercept',
        stopSaid,
        { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) },
        0,
      )

  it('is the carrier’s word, with what it charges and calls it', () => {
    const taken = { result: 'accepted', askAgainMs: 5, carrierRef: 'int-7', fee: { amount: 500, currency: 'EUR' } }
    expect(answer(200, taken)()).toEqual(taken)
    expect(answer(200, { result: 'accepted' })()).toEqual({ result: 'accepted', askAgainMs: 60_000 })
    expect(answer(200, { result: 'refused', reason: 'on the truck' })()).toEqual({
      ...{ result: 'refused', failure: 'refused', reason: 'on the truck' },
    })
  })

  it.each([
    [200, ''],
    [200, '<html></html>'],
    [200, { result: 'resumed' }],
    [200, { result: 'accepted', askAgainMs: -1 }],
    [200, { result: 'accepted', fee: { amount: 0.5, currency: 'EUR' } }],
    [200, { ok: true }],
    [201, { result: 'intercepted' }],
    [302, { result: 'intercepted' }],
    [400, { result: 'refused' }],
    [500, { result: 'intercepted' }],
  ])('of %d and %j is no word of it: it may have done it', (status, body) =>
    expect(answer(status, body)).toThrow(expect.objectContaining({ reached: 'unknown', facts: {} })),
  )

  it.each([401, 403, 404, 405])('of %d needs a person', (status) =>
    expect(answer(status, {})).toThrow(expect.objectContaining({ facts: { trouble: 'setup' } })),
  )

  it('of 429 says when to ask again', () => {
    expect(answer(429, {}, { 'retry-after': '7' })).toThrow(
      expect.objectContaining({ reached: 'before-anything', facts: { retryAfterMs: 7_000 } }),
    )
    expect(answer(429, {})).toThrow(CallFailed)
  })

  it('says nothing of what was in it', () =>
    expect(() => fromAnswer('resume', resumeSaid, { status: 500, headers: {}, body: 'planted' }, 0)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('planted') }),
    ))
})

describe('a carrier that is not set up', () => {
  const { baseUrl: _, ...nowhere } = { ...accountWithout() }
  function accountWithout() {
    return {
      name: 'acme-de',
      provider: 'webhook-carrier',
      baseUrl: '',
      settings: { carriers: ['acme'] },
      secrets: new Map(),
    }
  }
  it.each([
    ['no account', undefined, 'name one in ACCOUNTS_FILE'],
    ['an account at another provider', { ...accountWithout(), provider: 'stripe' }, 'name one in ACCOUNTS_FILE'],
    ['one of another carrier', { ...accountWithout(), settings: { carriers: ['other'] } }, 'name one in ACCOUNTS_FILE'],
    ['no address', nowhere, 'has no baseUrl'],
    ['no secret', { ...accountWithout(), baseUrl: 'http://127.0.0.1:9' }, 'expected signing'],
  ])('because of %s is told in words, and nobody is called', async (_, account, words) => {
    const before = standIn.requests.length
    const carrier = webhookCarrier.open({ http, accounts: { find: () => account, nameFor: () => 'acme-de' } })
    await expect(carrier.voidLabel(parcelOf('OK-1')('stop'))).rejects.toMatchObject({
      ...{ message: expect.stringContaining(words), facts: { trouble: 'setup' } },
    })
    expect(standIn.requests.length).toBe(before)
  })

  it('serves the names that its account has, and its own by the table alone', () => {
    const carrier = open()
    expect(['acme', 'other', 'webhook-carrier'].map((name) => carrier.serves?.(name, 'mer-3'))).toEqual([
      ...[true, false, false],
    ])
  })
})
