import { readFileSync } from 'node:fs'
import { Secret } from '@countermand/providers/secret.ts'
import { newKey, standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { privateKey as anothersKey } from '@countermand/tools/stand-ins/paypal/certificate.ts'
import { keyId, noticeOf, signedBy } from '@countermand/tools/stand-ins/wechat-pay/stand-in.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { wechatPay } from './wechat-pay.ts'

const vector = z.object({
  ...{ name: z.string(), by: z.string(), serial: z.string(), timestamp: z.string(), nonce: z.string() },
  ...{ signature: z.string(), body: z.string() },
})
const { mchid, serial, apiV3Key, notifications } = z
  .object({ mchid: z.string(), serial: z.string(), apiV3Key: z.string(), notifications: z.array(vector) })
  .parse(JSON.parse(readFileSync(new URL('wechat-pay-vectors.json', import.meta.url), 'utf8')))
const [first = expect.fail('expected a vector')] = notifications

const accountWith = (more: object = {}, ...keys: readonly string[]) => ({
  ...{ name: 'wechat-cn', provider: 'wechat-pay' },
  settings: { mchid, serial, publicKeys: { [keyId]: standInPublicKey }, ...more },
  secrets: new Map([['apiV3Key', (keys.length > 0 ? keys : [apiV3Key]).map((key) => new Secret(key))]]),
})
const at = 1_795_165_204_000
const headersOf = ({ serial, timestamp, nonce, signature }: z.infer<typeof vector>) => ({
  ...{ 'wechatpay-serial': serial, 'wechatpay-timestamp': timestamp, 'wechatpay-nonce': nonce },
  'wechatpay-signature': signature,
})
const refused = (because: string) => ({ ok: false, because })
const post = (
  given: z.infer<typeof vector>,
  more: {
    readonly headers?: object
    readonly body?: Buffer
    readonly now?: number
    readonly account?: ReturnType<typeof accountWith>
  } = {},
) =>
  wechatPay.verify(
    { headers: { ...headersOf(given), ...more.headers }, body: more.body ?? Buffer.from(given.body) },
    ...([more.account ?? accountWith(), more.now ?? at] as const),
  )

describe('what WeChat Pay’s own library has signed and encrypted', () => {
  it.each(notifications)('is taken: $by, $name', (given) =>
    expect(post(given)).toMatchObject({
      ok: true,
      notice: {
        ...{ about: 'refund', refundId: 'ref_0123456789abcdef01234567', payments: ['4200000991202103266853086457'] },
        ...{ providerRef: '50001307732021032607480019805', amount: 1391, currency: 'CNY' },
        ...{ occurredAt: '2026-11-20T09:00:04.000Z' },
      },
    }),
  )

  it('says whether it came to nothing', () =>
    expect(notifications.map((given) => post(given))).toMatchObject([
      { notice: { eventId: 'EV-1', type: 'REFUND.SUCCESS' } },
      { notice: { eventId: 'EV-2', type: 'REFUND.CLOSED', undone: true } },
    ]))

  it.each(notifications)('is refused with one byte changed: $by, $name', (given) => {
    const bytes = Buffer.from(given.body)
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (where, change) => {
        const body = Buffer.from(bytes)
        body[where] = (body[where] ?? 0) ^ change
        expect(post(given, { body })).toEqual(refused('signature'))
      }),
    )
  })

  it('is refused when it was parsed and printed again: a signature is over bytes', () => {
    const [, given = expect.fail('expected two vectors')] = notifications
    expect(post(given, { body: Buffer.from(JSON.stringify(JSON.parse(given.body))) })).toEqual(refused('signature'))
  })
})

describe('a signature', () => {
  it.each([
    ['none', { 'wechatpay-signature': undefined }],
    ['one of a probe', { 'wechatpay-signature': `WECHATPAY/SIGNTEST/${first.signature.slice(19)}` }],
    ['a shorter one', { 'wechatpay-signature': first.signature.slice(0, -4) }],
    ['one of another time', { 'wechatpay-timestamp': '1795165205' }],
    ['one of another nonce', { 'wechatpay-nonce': 'another' }],
    ['one by nobody', { 'wechatpay-serial': undefined }],
  ])('is no %s', (_, headers) => expect(post(first, { headers })).toEqual(refused('signature')))

  it('by a key that the account lacks is none, and its name is told: with both, either counts', () => {
    const certificates = { '5157F09EFDC096DE15EBE81A47057A72': newKey().publicKey }
    const lacking = post(first, { account: accountWith({ publicKeys: certificates }) })
    expect(lacking).toEqual({ ...refused('signature'), key: keyId })
    const both = { ...certificates, [keyId]: standInPublicKey }
    expect(post(first, { account: accountWith({ publicKeys: both }) })).toMatchObject({ ok: true })
    for (const name of ['constructor', '__proto__'])
      expect(post(first, { headers: { 'wechatpay-serial': name } })).toEqual({ ...refused('signature'), key: name })
  })

  it.each([
    [300_000, true],
    [301_000, false],
    [-300_000, true],
    [-301_000, false],
    [600_000, false],
  ])('that is %i ms old: is taken: %s', (age, isTaken) =>
    expect(post(first, { now: at + age })).toMatchObject(isTaken ? { ok: true } : refused('stale')),
  )
})

const refund = {
  ...{ mchid, transaction_id: '42000', out_refund_no: 'ref_0123456789abcdef01234567', refund_id: '50001' },
  ...{ refund_status: 'SUCCESS', amount: { total: 3351, refund: 1391 } },
}
/** What is said of what WeChat Pay has signed. */
const told = (content: object, key = apiV3Key, type = 'REFUND.SUCCESS') => {
  const body = noticeOf('EV-9', type, content, key, at)
  return wechatPay.verify({ headers: signedBy(body, at), body: Buffer.from(body) }, accountWith(), at)
}

describe('a notification', () => {
  it('is one, though it comes 15 times in a day, each time signed anew', () => {
    const body = noticeOf('EV-9', 'REFUND.SUCCESS', refund, apiV3Key, at)
    const minute = 60_000
    const waits = [0.25, 0.25, 0.5, 3, 10, 20, 30, 30, 30, 60, 180, 180, 180, 360, 360]
    let now = at
    const ids = waits.map((minutes) => {
      now += minutes * minute
      const said = wechatPay.verify({ headers: signedBy(body, now), body: Buffer.from(body) }, accountWith(), now)
      return said.ok ? said.notice?.eventId : said.because
    })
    expect(ids).toEqual(Array(15).fill('EV-9'))
  })

  it('under another APIv3 key makes no sense; while one takes the place of another, both count', () => {
    const other = 'another-key-of-32-bytes-in-tests'
    expect(told(refund, other)).toEqual(refused('unreadable'))
    expect(post(first, { account: accountWith({}, other, apiV3Key) })).toMatchObject({ ok: true })
    expect(post(first, { account: accountWith({}, 'too-short') })).toEqual(refused('unreadable'))
  })

  it('for another merchant is none of ours', () =>
    expect(told({ ...refund, mchid: '1900000110' })).toEqual(refused('unreadable')))

  it('of a refund with the shop’s own number does not bear ours', () => {
    const said = told({ ...refund, out_refund_no: 'shop-17' })
    expect(said).toMatchObject({ ok: true, notice: { payments: ['42000'] } })
    expect(said).not.toHaveProperty('notice.refundId')
  })

  it.each([{}, { ...refund, amount: { refund: '13.91' } }, { ...refund, amount: { refund: 13.91 } }])(
    'makes sense, unlike %j',
    (content) => expect(told(content)).toEqual(refused('unreadable')),
  )

  it('of a payment is one that nobody has a use for', () =>
    expect(told({}, apiV3Key, 'TRANSACTION.SUCCESS')).toEqual({ ok: true }))

  it('that is signed, and no notification, is none', () => {
    for (const body of ['', '[]', '{}', '<html>']) {
      const posted = { headers: signedBy(body, at), body: Buffer.from(body) }
      expect(wechatPay.verify(posted, accountWith(), at)).toEqual(refused('unreadable'))
    }
  })

  it('by somebody else’s key is none', () => {
    const body = noticeOf('EV-9', 'REFUND.SUCCESS', refund, apiV3Key, at)
    const posted = { headers: signedBy(body, at, anothersKey), body: Buffer.from(body) }
    expect(wechatPay.verify(posted, accountWith(), at)).toEqual(refused('signature'))
  })
})
