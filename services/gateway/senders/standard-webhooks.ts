import { id, shipmentStatus } from '@countermand/contracts'
import { happenedAt } from '@countermand/contracts/timestamp.ts'
import { webhookCarrierSettings } from '@countermand/providers/account.ts'
import { z } from 'zod'
import type { Sender, Verified } from './sender.ts'
import { isFresh, isSigned, jsonOf } from './signed.ts'

/**
 * Any carrier that signs by Standard Webhooks 1.0: `webhook-id`, `webhook-timestamp` (seconds), `webhook-signature: v1,<base64>[ v1,…]`,
 * HMAC-SHA256 of `<id>.<timestamp>.<body>` with the secret's bytes, which are base64 after `whsec_`. It tells where parcels are, by
 * their tracking numbers: which order they are of, it need not know; and that something has become of a stop that it took on.
 */

const envelope = z.object({ type: z.string().min(1).max(128), data: z.unknown().optional() })
const parcel = z.object({
  /** May be left out by a carrier that the account knows by one name alone. */
  carrier: id.optional(),
  trackingNumber: id,
  shipmentRef: id.optional(),
  status: shipmentStatus,
  at: happenedAt,
})

/** Of a stop that it took on: something has become of it. */
const stop = parcel
  .pick({ carrier: true, trackingNumber: true, shipmentRef: true })
  .extend({ at: happenedAt.optional() })
const tellings = { 'shipment.updated': parcel, 'stop.changed': stop.extend({ status: z.undefined().optional() }) }
const isTelling = (type: string): type is keyof typeof tellings => Object.hasOwn(tellings, type)

/** `sentAt`: ISO 8601. */
const read = (eventId: string, body: Buffer, carriers: readonly string[], sentAt: string): Verified => {
  const found = envelope.safeParse(jsonOf(body))
  if (!found.success || eventId.length > 128) return { ok: false, because: 'unreadable' }
  const { type, data } = found.data
  if (!isTelling(type)) return { ok: true }
  const told = tellings[type].safeParse(data)
  if (!told.success) return { ok: false, because: 'unreadable' }
  const {
    carrier = carriers.length === 1 ? carriers[0] : undefined,
    trackingNumber,
    shipmentRef,
    status,
    at = sentAt,
  } = told.data
  // Of another carrier's parcels it has nothing to say.
  if (carrier === undefined || !carriers.includes(carrier)) return { ok: false, because: 'unreadable' }
  const known = { ...(status !== undefined && { status }), ...(shipmentRef !== undefined && { shipmentRef }) }
  const where = { carrier, trackingNumber, ...known }
  return { ok: true, notice: { eventId, type, occurredAt: at, about: 'parcel', payments: [], parcel: where } }
}

const mostSignatures = 10

const keyOf = (secret: string): Buffer => Buffer.from(secret.replace(/^whsec_/, ''), 'base64')

export const standardWebhooks: Sender = {
  ofParcels: true,
  mediaType: 'application/json',
  verify: ({ headers, body }, account, now) => {
    const { 'webhook-id': eventId = '', 'webhook-timestamp': at = '', 'webhook-signature': signature = '' } = headers
    const signatures = signature.split(' ').slice(0, mostSignatures)
    const signed = signatures.flatMap((each) => {
      const [, base64] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(each) ?? []
      return base64 === undefined ? [] : [Buffer.from(base64, 'base64')]
    })
    if (eventId === '' || !isSigned(account, keyOf, [`${eventId}.${at}.`, body], signed))
      return { ok: false, because: 'signature' }
    if (!isFresh(at, now)) return { ok: false, because: 'stale' }
    const { carriers } = webhookCarrierSettings.parse(account.settings)
    return read(eventId, body, carriers, new Date(Number(at) * 1000).toISOString())
  },
}
