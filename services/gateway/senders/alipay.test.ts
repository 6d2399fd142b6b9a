import { readFileSync } from 'node:fs'
import type { Account } from '@countermand/providers/account.ts'
import { noticeOf } from '@countermand/tools/stand-ins/alipay/stand-in.ts'
import { newKey, standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { privateKey as anothersKey } from '@countermand/tools/stand-ins/paypal/certificate.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { alipay } from './alipay.ts'

const { appId, sellerId, notifications } = z
  .object({
    ...{ appId: z.string(), sellerId: z.string() },
    notifications: z.array(z.object({ by: z.string(), name: z.string(), body: z.string() })),
  })
  .parse(JSON.parse(readFileSync(new URL('alipay-vectors.json', import.meta.url), 'utf8')))
const [first = expect.fail('expected a vector')] = notifications

const accountWith = (more: object = {}): Account => ({
  ...{ name: 'alipay-cn', provider: 'alipay', secrets: new Map() },
  settings: { appId, sellerId, publicKeys: [standInPublicKey], ...more },
})
const post = (body: string | Buffer, account = accountWith()) =>
  alipay.verify({ headers: {}, body: Buffer.from(body) }, account, Date.now())
const refused = (because: string) => ({ ok: false, because })

describe('what Alipay’s own library has signed', () => {
  it.each(notifications)('is taken, $name: $by', ({ body }) =>
    expect(post(body)).toEqual({
      ok: true,
      notice: {
        ...{ eventId: 'ac05099524730693a8b330c45cf72da9ym', type: 'trade_status_sync', about: 'refund' },
        ...{ occurredAt: '2026-11-20T09:00:03.120Z', payments: ['2026112022001404680073956707'] },
        ...{ amount: 1391, currency: 'CNY', inAll: true, providerRef: 'ref_0123456789abcdef01234567' },
        refundId: 'ref_0123456789abcdef01234567',
      },
    }),
  )

  it.each(notifications)('is refused with another value of any field, $name', ({ body }) => {
    const form = new URLSearchParams(body)
    fc.assert(
      fc.property(fc.constantFrom(...form.keys()), fc.string({ minLength: 1 }), (name, value) => {
        fc.pre(form.get(name) !== value)
        const other = new URLSearchParams(form)
        other.set(name, value)
        expect(post(String(other))).toEqual(refused('signature'))
      }),
    )
  })

  it('is refused with a field more, or one of them twice, or one less', () => {
    for (const other of [`${first.body}&fee=1`, `${first.body}&refund_fee=1`, first.body.replace(/&trade_no=\d+/, '')])
      expect(post(other)).toEqual(refused('signature'))
  })
})

const fields = {
  ...{ notify_id: 'N1', notify_type: 'trade_status_sync', notify_time: '2026-11-20 17:00:04', app_id: appId },
  ...{ seller_id: sellerId, trade_no: '4200', out_biz_no: 'ref_0123456789abcdef01234567', refund_fee: '0.05' },
}

describe('a notification', () => {
  it('counts by any of the account’s keys, and by nobody else’s', () => {
    const body = noticeOf(fields)
    expect(post(body, accountWith({ publicKeys: [newKey().publicKey, standInPublicKey] }))).toMatchObject({ ok: true })
    expect(post(body, accountWith({ publicKeys: [newKey().publicKey] }))).toEqual(refused('signature'))
    expect(post(noticeOf(fields, anothersKey))).toEqual(refused('signature'))
    expect(post(body.replace('RSA2', 'RSA'))).toEqual(refused('signature'))
  })

  it('is one, though it comes eight times in a day', () => {
    const ids = Array.from({ length: 8 }, () => post(noticeOf(fields))).map((said) => said.ok && said.notice?.eventId)
    expect(new Set(ids)).toEqual(new Set(['N1']))
  })

  it('for another app, or another merchant, is none of ours', () => {
    expect(post(noticeOf({ ...fields, app_id: '2021000000000000' }))).toEqual(refused('unreadable'))
    expect(post(noticeOf({ ...fields, seller_id: '2088000000000000' }))).toEqual(refused('unreadable'))
    const { sellerId: _, ...settings } = accountWith().settings
    expect(post(noticeOf({ ...fields, seller_id: '2088000000000000' }), { ...accountWith(), settings })).toMatchObject({
      ok: true,
    })
  })

  it('says when its refund was made, and not when it is told; where that is no time, when it is told', () => {
    const at = (more: object) => post(noticeOf({ ...fields, ...more }))
    const retold = { notify_time: '2026-11-21 18:00:00', gmt_refund: '2026-11-20 17:00:03.120' }
    expect(at(retold)).toMatchObject({ notice: { occurredAt: '2026-11-20T09:00:03.120Z' } })
    for (const gmt_refund of ['', 'soon'])
      expect(at({ gmt_refund })).toMatchObject({ notice: { occurredAt: '2026-11-20T09:00:04.000Z' } })
  })

  it('counts yuan as fen, and no other amount', () => {
    expect(post(noticeOf(fields))).toMatchObject({ notice: { amount: 5 } })
    for (const refund_fee of ['1,00', '-1.00', '1.005', 'all'])
      expect(post(noticeOf({ ...fields, refund_fee }))).toEqual(refused('unreadable'))
  })

  it('of a refund with the shop’s own number does not bear ours; of a trade without one nobody has a use', () => {
    expect(post(noticeOf({ ...fields, out_biz_no: 'shop-17' }))).not.toHaveProperty('notice.refundId')
    const { refund_fee: _, ...paid } = fields
    expect(post(noticeOf(paid))).toEqual({ ok: true })
  })

  it('of any bytes is answered, and never thrown at us', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => void expect(post(Buffer.from(bytes))).toEqual(refused('signature'))),
    )
    expect(post('<html>')).toEqual(refused('signature'))
  })

  it('is answered as Alipay wants to be answered', () =>
    expect([alipay.yes, alipay.mediaType]).toEqual(['success', 'application/x-www-form-urlencoded']))
})
