import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { newKey, standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { type StartedRefundStandIn, startRefundStandIn } from '@countermand/tools/stand-ins/refund-stand-in.ts'
import { createStandIn, keyId, newCredentials } from '@countermand/tools/stand-ins/wechat-pay/stand-in.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { askFor } from './ask.ts'
import { type Channel, ChannelError, type Outside, type RefundCall } from './channel.ts'
import { askingFor, outcomeOf, outsideConformance, reaching, silent } from './conformance.ts'
import { channels } from './index.ts'
import { refundBody, refusalOf } from './wechat-pay.ts'

const account = 'wechat-cn'
const paidTotal = 99_999_999
const { privateKey, credentials } = newCredentials()
const settings = {
  ...{ mchid: credentials.mchid, serial: credentials.serial },
  publicKeys: { [keyId]: standInPublicKey },
}
let standIn: StartedRefundStandIn
const http = openHttp()

beforeAll(async () => {
  standIn = await startRefundStandIn(createStandIn(credentials))
})
afterAll(async () => {
  await http.close()
  standIn.close()
})

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
const accounts = (key = privateKey, more = {}): NonNullable<Outside['accounts']> => ({
  find: (name) => ({
    ...{ name, provider: 'wechat-pay', baseUrl: standIn.url, settings: { ...settings, ...more } },
    secrets: new Map([['privateKey', [new Secret(key)]]]),
  }),
})
const open = (using = accounts(), by: Outside['http'] = http): Channel =>
  channels({ sandbox: nobody, accounts: using, http: by })['wechat-pay']
const asking = (behaviour: string) =>
  askingFor((number) => `${behaviour}_c${number}`, account, { currency: 'CNY', paidTotal })
const refundsOf = async ({ refundId }: RefundCall) =>
  (await standIn.refunds()).filter(({ number }) => number === refundId)
const moved = async (call: RefundCall): Promise<number> =>
  (await refundsOf(call)).filter(({ status }) => status === 'SUCCESS').reduce((sum, { amount }) => sum + amount, 0)

let aheadMs = 0
const pass = async (ms = 60_000) => {
  aheadMs += ms
  await standIn.tell('POST /settings', { aheadMs })
}
beforeEach(() => standIn.tell('DELETE /faults'))

describe('channel wechat-pay', () => {
  outsideConformance({
    open,
    openSilent: () => silent(open()),
    openReaching: (requests) => open(accounts(), reaching(http, requests)),
    moved,
    between: pass,
    until: async (what, is) => {
      for (let looks = 0; looks < 10 && !(await is()); looks++) await pass()
      expect(await is(), what).toBe(true)
    },
    asks: {
      ...{ done: asking('ok'), refused: asking('unrefundable') },
      ...{ doneLater: asking('late_180000'), refusedLater: asking('latefail_180000') },
      ...{ notReachedOnce: asking('flaky_1'), unheardOnce: asking('lost_1') },
    },
  })
})

describe('what WeChat Pay is asked', () => {
  const call = asking('ok')({ orderId: 'ord/1 ü', amount: 1391, paidTotal: 3351 })

  it('is fen, of all that was paid, under the number of our refund', () => {
    expect(JSON.parse(refundBody(call, 'https://notify.shop.example/notify/wechat-cn'))).toEqual({
      ...{ transaction_id: call.paymentRef, out_refund_no: call.refundId },
      ...{ notify_url: 'https://notify.shop.example/notify/wechat-cn' },
      amount: { refund: 1391, total: 3351, currency: 'CNY' },
    })
  })

  it('is the same in every round, and whatever was learned meanwhile', () => {
    const later = { ...call, round: 7, providerRef: 'R1', paidAt: '2026-11-20T09:00:00Z' }
    expect(refundBody(later)).toBe(refundBody(call))
  })

  it.each([
    { paymentRef: '../../v3/pay' },
    { paymentRef: '4'.repeat(33) },
    { paymentRef: '' },
    { currency: 'EUR' },
    { operation: 'void' },
    // Somebody gave what was paid in yuan.
    { amount: 3351, paidTotal: 33 },
  ] as const)('is not about %j: nobody is called', async (about) => {
    const before = (await standIn.requests()).length
    expect(await outcomeOf(open(), { ...call, ...about })).toBe('before-anything')
    expect(await standIn.requests()).toHaveLength(before)
  })

  it('of a payment that was of another sum is refused, and nothing moves', async () => {
    const other = asking('ok')({ paidTotal: paidTotal / 100 + 0.01 * 1 })
    const inYuan = { ...other, amount: 100, paidTotal: 999_999 }
    expect(await askFor(open(), inYuan, false)).toMatchObject({ outcome: 'refused', reason: /订单金额/ })
    expect(await moved(inYuan)).toBe(0)
  })
})

/** What is said of an answer: its outcome and how it goes on, or what is thrown. */
const said = (status: number, body: object | string, headers = {}) => {
  const answer = { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) }
  try {
    const { outcome, ...rest } = refusalOf(answer, 'refund', 0)
    return [outcome, { ...rest, reason: undefined }]
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown
    return [thrown.reached, thrown.facts]
  }
}
const error = (code: string) => ({ code, message: '…' })
const refused = (cure: string) => ['refused', { key: 'alive', cure, unsure: true }]
const setup = ['before-anything', { trouble: 'setup' }]

describe('an answer of WeChat Pay that is no yes', () => {
  it.each([
    [429, error('FREQUENCY_LIMITED'), { 'retry-after': '2' }, ['before-anything', { retryAfterMs: 2000 }]],
    [403, error('RATELIMIT_EXCEEDED'), {}, ['before-anything', {}]],
    ...[500, 502, 503].map((status) => [status, error('SYSTEM_ERROR'), {}, ['unknown', {}]] as const),
    [502, '<html>', {}, ['unknown', {}]],
    [404, '<html>', {}, ['unknown', {}]],
    [307, '', {}, ['unknown', {}]],
    [400, '{"code":', {}, ['unknown', {}]],
    [401, error('SIGN_ERROR'), {}, setup],
    [403, error('NO_AUTH'), {}, setup],
    [404, error('RESOURCE_NOT_EXISTS'), {}, setup],
    [400, error('PARAM_ERROR'), {}, setup],
    [403, error('NOT_ENOUGH'), {}, refused('funds')],
    [403, error('USER_ACCOUNT_ABNORMAL'), {}, refused('elsewhere')],
    [400, error('INVALID_REQUEST'), {}, refused('none')],
    [400, error('NEW_AND_UNHEARD_OF'), {}, refused('none')],
  ] as const)('%i %j %j', (status, body, headers, expected) => expect(said(status, body, headers)).toEqual(expected))
})

describe('a refund that WeChat Pay has', () => {
  it('whose bank does not take the money waits for the merchant; had back by it, the customer did not get it', async () => {
    const call = asking('returned_60000')()
    expect(await open().refund(call)).toMatchObject({ outcome: 'action-required', who: 'merchant' })
    await pass()
    expect(await open().status(call)).toMatchObject({ outcome: 'refused', cure: 'elsewhere', reason: /退还商户/ })
  })

  it('that is closed says what was missing: the money, for seven days', async () => {
    expect(await open().refund(asking('fail')())).toMatchObject({ outcome: 'refused', key: 'dead', cure: 'funds' })
  })

  it.each(['other-amount', 'other-currency'] as const)('is not ours with %s: it waits for a person', async (fault) => {
    const call = asking('ok')()
    await standIn.plan(fault)
    await expect(open().refund(call)).rejects.toMatchObject({ reached: 'unknown', facts: { trouble: 'setup' } })
  })
})

describe('a yes', () => {
  it.each([
    ['unsigned', {}],
    ['other-key', {}],
    ['html-200', {}],
    ['error-200', {}],
    ['unknown-key', { trouble: 'setup' }],
    ['hour-old', { trouble: 'setup' }],
  ] as const)('that is %s is none: what was done is open, and asked again it moves nothing', async (fault, facts) => {
    const call = asking('ok')()
    await standIn.plan(fault)
    await expect(open().refund(call)).rejects.toMatchObject({ reached: 'unknown', facts })
    expect(await open().refund(call)).toMatchObject({ outcome: 'succeeded' })
    expect(await moved(call)).toBe(call.amount)
  })

  it('names the key that the account lacks', async () => {
    await standIn.plan('unknown-key')
    await expect(open().refund(asking('ok')())).rejects.toThrow('PUB_KEY_ID_0199999999999999999999999999999999')
  })

  it('counts by a certificate too, and by any of several keys', async () => {
    const publicKeys = { '5157F09EFDC096DE15EBE81A47057A72': newKey().publicKey, ...settings.publicKeys }
    expect(await outcomeOf(open(accounts(privateKey, { publicKeys })), asking('ok')())).toBe('succeeded')
  })
})

describe('an account', () => {
  it('whose key is another’s, or none, or whose clock is ten minutes off, waits for a person, without a part of the key', async () => {
    for (const key of [newKey().privateKey, 'no-key']) {
      const failure = await open(accounts(key))
        .refund(asking('ok')())
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
      expect(String(failure)).not.toContain(key)
    }
    await standIn.tell('POST /settings', { clockMs: 600_000 })
    await expect(open().refund(asking('ok')())).rejects.toMatchObject({
      reached: 'before-anything',
      message: /SIGN_ERROR/,
    })
    await standIn.tell('POST /settings', { clockMs: 0 })
  })

  it('has its key as PEM, too', async () => {
    const pem = `-----BEGIN PRIVATE KEY-----\n${privateKey.replaceAll(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----`
    expect(await outcomeOf(open(accounts(pem)), asking('ok')())).toBe('succeeded')
  })
})
