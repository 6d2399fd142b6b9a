import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { webhookCarrierSettings } from '@countermand/providers/account.ts'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { accountWith } from '../test/given.ts'
import { standardWebhooks } from './standard-webhooks.ts'

const { vectors } = z
  .object({
    vectors: z.array(
      z.object({
        ...{ name: z.string(), by: z.string(), id: z.string(), secret: z.string(), at: z.int() },
        ...{ body: z.string(), signature: z.string() },
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('standard-webhooks-vectors.json', import.meta.url), 'utf8')))
const [vector = expect.fail('expected a vector'), ...parcels] = vectors

const at = 1_795_165_204
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const sign = (body: string, id = 'msg_1', when = at, by = secret) =>
  `v1,${createHmac('sha256', Buffer.from(by.slice(6), 'base64'))
    .update(`${id}.${when}.${body}`)
    .digest('base64')}`

interface Sent {
  readonly id?: string
  readonly when?: string
  readonly signature?: string
  readonly secrets?: readonly string[]
  readonly carriers?: readonly string[]
}
const post = (
  body: string,
  { id = 'msg_1', when = `${at}`, signature = sign(body), secrets = [secret], carriers = ['acme'] }: Sent = {},
) =>
  standardWebhooks.verify(
    {
      headers: { 'webhook-id': id, 'webhook-timestamp': when, 'webhook-signature': signature },
      body: Buffer.from(body),
    },
    { ...accountWith(...secrets), provider: 'webhook-carrier', settings: { carriers } },
    at * 1000,
  )
const refused = (because: string) => ({ ok: false, because })
const parcel = { trackingNumber: 'AC-1', status: 'in-transit', at: '2026-11-20T09:00:00Z' }
const told = (data: object, sent: Sent = {}) =>
  post(JSON.stringify({ type: 'shipment.updated', timestamp: '2026-11-20T09:00:01Z', data }), sent)

it('what the library of Standard Webhooks has signed is from it; a number that is printed another way is not', () => {
  const sent = { id: vector.id, when: `${vector.at}`, signature: vector.signature, secrets: [vector.secret] }
  expect(post(vector.body, sent)).toEqual(refused('unreadable'))
  expect(post(vector.body.replace('136.0', '136'), sent)).toEqual(refused('signature'))
})

it.each(parcels)('what $by has signed is taken, and not with another byte: $name', ({ body, ...by }) => {
  const sent = { id: by.id, when: `${by.at}`, signature: by.signature, secrets: [by.secret] }
  expect(post(body, sent)).toMatchObject({ ok: true, notice: { parcel: { trackingNumber: 'AC-1' } } })
  expect(post(body.replace('AC-1', 'AC-2'), sent)).toEqual(refused('signature'))
  expect(sign(body, by.id, by.at, by.secret)).toBe(by.signature)
})

describe('a signature', () => {
  const body = '{"type":"ping"}'
  it('is one of several, by one of several secrets', () => {
    const other = 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
    expect(post(body, { signature: `v1a,x ${sign(body, 'msg_1', at, other)} ${sign(body)}` })).toEqual({ ok: true })
    expect(post(body, { secrets: [other, secret] })).toEqual({ ok: true })
    expect(post(body, { secrets: [other] })).toEqual(refused('signature'))
  })

  it.each([
    [{ signature: '' }, 'signature'],
    [{ signature: sign(body).replace('v1,', 'v2,') }, 'signature'],
    [{ signature: sign(body).slice(0, -1) }, 'signature'],
    [{ id: 'msg_2' }, 'signature'],
    [{ id: '', signature: sign(body, '') }, 'signature'],
    [{ when: `${at + 1}` }, 'signature'],
    [{ when: `${at - 301}`, signature: sign(body, 'msg_1', at - 301) }, 'stale'],
    [{ when: `${at + 301}`, signature: sign(body, 'msg_1', at + 301) }, 'stale'],
  ] as const)('is none in %j', (sent, because) => expect(post(body, sent)).toEqual(refused(because)))
})

describe('a carrier', () => {
  const notice = { eventId: 'msg_1', type: 'shipment.updated', occurredAt: parcel.at, about: 'parcel', payments: [] }
  const where = { carrier: 'acme', trackingNumber: 'AC-1', status: 'in-transit' }

  it('tells where a parcel is', () => {
    expect(told(parcel)).toEqual({ ok: true, notice: { ...notice, parcel: where } })
    expect(told({ ...parcel, shipmentRef: 's-9' })).toMatchObject({
      notice: { parcel: { ...where, shipmentRef: 's-9' } },
    })
  })

  it('tells that something has become of a stop, and not what: it is asked that', () => {
    const stop = (data: object) => post(JSON.stringify({ type: 'stop.changed', data }))
    const { status: _, ...parcelOf } = where
    const of = { eventId: 'msg_1', type: 'stop.changed', about: 'parcel', payments: [], parcel: parcelOf }
    expect(stop({ trackingNumber: 'AC-1', at: parcel.at })).toEqual({
      ok: true,
      notice: { ...of, occurredAt: parcel.at },
    })
    const sentAt = new Date(at * 1000).toISOString()
    expect(stop({ trackingNumber: 'AC-1' })).toEqual({ ok: true, notice: { ...of, occurredAt: sentAt } })
    expect(stop({ trackingNumber: 'AC-1', carrier: 'dhl' })).toEqual(refused('unreadable'))
    expect(stop({})).toEqual(refused('unreadable'))
  })

  it('of several names says which', () => {
    const carriers = ['acme', 'acme-express']
    expect(told({ ...parcel, carrier: 'acme-express' }, { carriers })).toMatchObject({
      notice: { parcel: { carrier: 'acme-express' } },
    })
    expect(told(parcel, { carriers })).toEqual(refused('unreadable'))
  })

  it('says nothing of another carrier’s parcels', () =>
    expect(told({ ...parcel, carrier: 'dhl' })).toEqual(refused('unreadable')))

  it.each([{ ...parcel, status: 'lost in space' }, { ...parcel, at: 'today' }, { status: 'lost' }, {}])(
    'makes sense, unlike %j',
    (data) => expect(told(data)).toEqual(refused('unreadable')),
  )

  it('tells other things, which nobody has a use for', () =>
    expect(post('{"type":"ping","data":{}}')).toEqual({ ok: true }))

  it('has its names in the settings of its account', () => {
    expect(webhookCarrierSettings.safeParse({}).success).toBe(false)
    expect(webhookCarrierSettings.safeParse({ carriers: ['acme'] }).success).toBe(true)
  })
})
