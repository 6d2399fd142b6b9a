import { createDecipheriv } from 'node:crypto'
import { jsonIn } from '@countermand/contracts/json.ts'
import { type Account, wechatPaySettings } from '@countermand/providers/account.ts'
import { wechatPaySigned } from '@countermand/providers/wechat-pay-signature.ts'
import { z } from 'zod'
import { isOurs, type Sender, type Verified } from './sender.ts'
import { jsonOf } from './signed.ts'

/**
 * WeChat Pay, API v3: signed as its answers are, and what it is about encrypted with the merchant's APIv3 key, AES-256-GCM. It is told 15
 * times in a day until it is taken, each time signed anew, under one id. No order is promised, so that each is a reason to look and no more.
 */

const id = z.string().min(1).max(128)
const base64 = z.base64().max(200_000)

const notification = z.object({
  id,
  event_type: z.string().min(1).max(128),
  create_time: z.iso.datetime({ offset: true }),
  resource: z.object({
    algorithm: z.literal('AEAD_AES_256_GCM'),
    ciphertext: base64,
    nonce: z.string().min(1).max(64),
    associated_data: z.string().max(128).default(''),
  }),
})
type Resource = z.infer<typeof notification>['resource']

const refund = z.object({
  ...{ mchid: z.string(), transaction_id: id, out_refund_no: id, refund_id: id, refund_status: z.string() },
  /** Fen. */
  amount: z.object({ refund: z.int().nonnegative() }),
})

const tagBytes = 16

const decrypted = ({ ciphertext, nonce, associated_data }: Resource, key: string): string | undefined => {
  const bytes = Buffer.from(ciphertext, 'base64')
  try {
    const cipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
    cipher.setAAD(Buffer.from(associated_data)).setAuthTag(bytes.subarray(-tagBytes))
    return Buffer.concat([cipher.update(bytes.subarray(0, -tagBytes)), cipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** What it says, by one of the account's keys: several are valid while one takes the place of another. */
const contentOf = (resource: Resource, { secrets }: Account): unknown => {
  for (const key of secrets.get('apiV3Key') ?? []) {
    const text = decrypted(resource, key.reveal())
    if (text !== undefined) return jsonIn(text)
  }
  return undefined
}

const unreadable: Verified = { ok: false, because: 'unreadable' }

const read = (body: Buffer, account: Account, mchid: string): Verified => {
  const found = notification.safeParse(jsonOf(body))
  if (!found.success) return unreadable
  const { id: eventId, event_type: type, create_time, resource } = found.data
  if (!type.startsWith('REFUND.')) return { ok: true }
  const { data: told } = refund.safeParse(contentOf(resource, account))
  // It signs for all merchants by the same key: what is about another's money is none of ours.
  if (told === undefined || told.mchid !== mchid) return unreadable
  const { out_refund_no, transaction_id, refund_id: providerRef, refund_status, amount } = told
  return {
    ok: true,
    notice: {
      ...{ eventId, type, occurredAt: new Date(create_time).toISOString() },
      ...{ about: 'refund', payments: [transaction_id], providerRef, amount: amount.refund, currency: 'CNY' },
      ...(isOurs(out_refund_no) && { refundId: out_refund_no }),
      ...(refund_status === 'CLOSED' && { undone: true }),
    },
  }
}

export const wechatPay: Sender = {
  mediaType: 'application/json',
  verify: ({ headers, body }, account, now) => {
    const settings = wechatPaySettings.parse(account.settings)
    switch (wechatPaySigned(headers, body, settings, now)) {
      case 'yes':
        return read(body, account, settings.mchid)
      case 'stale':
        return { ok: false, because: 'stale' }
      case 'unknown-key':
        return { ok: false, because: 'signature', key: headers['wechatpay-serial']?.slice(0, 64) ?? '' }
      default:
        return { ok: false, because: 'signature' }
    }
  },
}
