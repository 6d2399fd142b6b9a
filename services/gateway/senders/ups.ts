import { createHash, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import type { Sender } from './sender.ts'
import { jsonOf } from './signed.ts'

/**
 * UPS Track Alert: a header `credential` that only UPS knows beside us, and no signature. Its body may be anybody's who has heard the
 * credential, so that it is a reason to ask UPS, and no more: nothing of it but the number is passed on.
 */

const text = z.string().default('')
const alert = z.object({
  trackingNumber: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9]{7,34}$/),
  activityStatus: z.object({ type: text, code: text }).default({ type: '', code: '' }),
  gmtActivityDate: text,
  gmtActivityTime: text,
})

const digest = (text: string | Buffer) => createHash('sha256').update(text).digest()

/** ISO 8601, of `20240423` and `131519`; as of now where it does not say. */
const momentOf = (date: string, time: string, now: number): string => {
  const [, year, month, day] = /^(\d{4})(\d\d)(\d\d)$/.exec(date) ?? []
  const [, hour, minute, second] = /^(\d\d)(\d\d)(\d\d)$/.exec(time) ?? []
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  return new Date(Number.isNaN(at) ? now : at).toISOString()
}

export const ups: Sender = {
  ofParcels: true,
  mediaType: 'application/json',
  verify: ({ headers, body }, account, now) => {
    const given = digest(headers.credential ?? '')
    const secrets = account.secrets.get('webhook') ?? []
    if (!secrets.some((secret) => timingSafeEqual(digest(secret.reveal()), given)))
      return { ok: false, because: 'signature' }
    const read = alert.safeParse(jsonOf(body))
    if (!read.success) return { ok: false, because: 'unreadable' }
    const { trackingNumber, activityStatus, gmtActivityDate, gmtActivityTime } = read.data
    return {
      ok: true,
      notice: {
        // It has no id of its own: the same words again are the same.
        eventId: digest(body).toString('hex'),
        type: `${activityStatus.type}/${activityStatus.code}`.slice(0, 128),
        occurredAt: momentOf(gmtActivityDate, gmtActivityTime, now),
        ...{ about: 'parcel', payments: [], parcel: { carrier: 'ups', trackingNumber } },
      },
    }
  },
}
