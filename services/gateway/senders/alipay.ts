import { type Account, alipaySettings } from '@countermand/providers/account.ts'
import { alipaySigned, fromAlipayTime, fromYuan } from '@countermand/providers/alipay-signature.ts'
import { z } from 'zod'
import { isOurs, type Sender, type Verified } from './sender.ts'

/**
 * Alipay: a form, signed by RSA2. No time is too old for it: it is told again for 25 hours, and the same `notify_id` is the same
 * notification. Of a trade's refunds it says how much they are in all, so that each is a reason to look; one that somebody made in
 * Alipay's pages counts as no less than it was.
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
  const { notify_id: eventId, notify_type: type, notify_time, trade_no, out_biz_no = '', refund_fee } = told
  if (refund_fee === undefined) return { ok: true }
  return {
    ok: true,
    notice: {
      ...{ eventId, type, occurredAt: new Date(fromAlipayTime(notify_time)).toISOString() },
      ...{ about: 'refund', payments: [trade_no], amount: refund_fee, currency: 'CNY' },
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
