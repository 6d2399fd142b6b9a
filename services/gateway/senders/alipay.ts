import { type Account, alipaySettings } from '@countermand/providers/account.ts'
import { alipaySigned, fromAlipayTime, fromYuan } from '@countermand/providers/alipay-signature.ts'
import { z } from 'zod'
import { isOurs, type Sender, type Verified } from './sender.ts'

/**
 * Alipay: a form, signed by RSA2. No time is too old for it: it is told again for 25 hours, and the same `notify_id` is the same
 * notification. Of a trade's refunds it says how much they are in all: what of that is new, payment knows.
 */

const id = z.string().min(1).max(128)
const yuan = z.string().transform((text, context) => {
  const fen = fromYuan(text)
  if (fen !== undefined) return fen
  context.addIssue({ code: 'custom', message: 'expected an amount of yuan' })
  return z.NEVER
})

const notification = z.object({
  ...{ notify_id: id, notify_type: z.string().min(1).max(128), app_id: z.string(), trade_no: id },
  notify_time: z.string().refine((text) => !Number.isNaN(fromAlipayTime(text)), 'expected a time'),
  seller_id: z.string().optional(),
  /** Of a refund: the number that it was asked for under. */
  out_biz_no: z.string().max(128).optional(),
  /** When the refund was made; `notify_time` is of the telling. */
  gmt_refund: z.string().optional(),
  /** Of all refunds of the trade; a trade that was merely paid has none. */
  refund_fee: yuan.optional(),
})

const decoded = (body: Buffer): string | undefined => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
}

const read = (form: URLSearchParams, { appId, sellerId }: z.infer<typeof alipaySettings>): Verified => {
  const { data: told } = notification.safeParse(Object.fromEntries(form))
  const isFor = told?.app_id === appId && (sellerId === undefined || told.seller_id === sellerId)
  if (told === undefined || !isFor) return { ok: false, because: 'unreadable' }
  const { notify_id: eventId, notify_type: type, notify_time, gmt_refund = '', trade_no, out_biz_no = '' } = told
  const { refund_fee } = told
  if (refund_fee === undefined) return { ok: true }
  const madeAt = fromAlipayTime(gmt_refund)
  const at = Number.isNaN(madeAt) ? fromAlipayTime(notify_time) : madeAt
  return {
    ok: true,
    notice: {
      ...{ eventId, type, occurredAt: new Date(at).toISOString() },
      ...{ about: 'refund', payments: [trade_no], amount: refund_fee, currency: 'CNY', inAll: true },
      ...(out_biz_no !== '' && { providerRef: out_biz_no }),
      ...(isOurs(out_biz_no) && { refundId: out_biz_no }),
    },
  }
}

export const alipay: Sender = {
  mediaType: 'application/x-www-form-urlencoded',
  /** Anything else is told again, for a day. */
  yes: 'success',
  verify: ({ body }, account: Account) => {
    const settings = alipaySettings.parse(account.settings)
    const form = new URLSearchParams(decoded(body) ?? '')
    return alipaySigned(form, settings.publicKeys) ? read(form, settings) : { ok: false, because: 'signature' }
  },
}
