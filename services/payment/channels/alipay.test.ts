import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { createStandIn, newCredentials } from '@countermand/tools/stand-ins/alipay/stand-in.ts'
import { newKey, standInPublicKey } from '@countermand/tools/stand-ins/keys.ts'
import { type StartedRefundStandIn, startRefundStandIn } from '@countermand/tools/stand-ins/refund-stand-in.ts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { refundContent, refusalOf } from './alipay.ts'
import { askFor } from './ask.ts'
import { type Channel, ChannelError, type Outside, type RefundCall } from './channel.ts'
import { askingFor, outcomeOf, outsideConformance, reaching, silent } from './conformance.ts'
import { channels } from './index.ts'

const account = 'alipay-cn'
const { privateKey, credentials } = newCredentials()
const { appId, sellerId } = credentials
let standIn: StartedRefundStandIn
const http = openHttp()

beforeAll(async () => {
  standIn = await startRefundStandIn(createStandIn(credentials))
})
afterAll(async () => {
  await http.close()
  standIn.close()
})
beforeEach(() => standIn.tell('DELETE /faults'))

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
const accounts = (key = privateKey, more = {}): NonNullable<Outside['accounts']> => ({
  find: (name) => ({
    ...{ name, provider: 'alipay', baseUrl: standIn.url },
    settings: { appId, sellerId, publicKeys: [standInPublicKey], ...more },
    secrets: new Map([['privateKey', [new Secret(key)]]]),
  }),
})
const open = (using = accounts(), by: Outside['http'] = http): Channel =>
  channels({ sandbox: nobody, accounts: using, http: by }).alipay
const asking = (behaviour: string) => askingFor((number) => `${behaviour}_c${number}`, account, { currency: 'CNY' })
const moved = async ({ refundId }: RefundCall): Promise<number> =>
  (await standIn.refunds())
    .filter(({ number, status }) => number === refundId && status !== 'PROCESSING')
    .reduce((sum, { amount }) => sum + amount, 0)

let aheadMs = 0
const pass = async (ms = 60_000) => {
  aheadMs += ms
  await standIn.tell('POST /settings', { aheadMs })
}

describe('channel alipay', () => {
  outsideConformance({
    open,
    openSilent: () => silent(open()),
    openReaching: (requests) => open(accounts(), reaching(http, requests)),
    moved,
    between: pass,
    keysOfPayment: true,
    until: async (what, is) => {
      for (let looks = 0; looks < 10 && !(await is()); looks++) await pass()
      expect(await is(), what).toBe(true)
    },
    asks: {
      ...{ done: asking('ok'), refused: asking('unrefundable') },
      ...{ notReachedOnce: asking('flaky_1'), unheardOnce: asking('lost_1'), unsaid: asking('late_0') },
    },
  })
})

describe('what Alipay is asked', () => {
  const call = asking('ok')({ amount: 1391 })

  it.each([
    [1391, '13.91'],
    [5, '0.05'],
    [100, '1.00'],
    [99_999_900, '999999.00'],
  ])('is yuan: %i fen are %s', (amount, refund_amount) =>
    expect(refundContent({ ...call, amount })).toEqual({
      ...{ trade_no: call.paymentRef, refund_amount, out_request_no: call.refundId },
    }),
  )

  it.each([
    { paymentRef: '../x' },
    { paymentRef: '4'.repeat(65) },
    { currency: 'EUR' },
    { operation: 'void' },
  ] as const)('is not about %j: nobody is called', async (about) => {
    const before = (await standIn.requests()).length
    expect(await outcomeOf(open(), { ...call, ...about })).toBe('before-anything')
    expect(await standIn.requests()).toHaveLength(before)
  })
})

/** What is said of a no: its outcome and how it goes on, or what is thrown. */
const said = (code: string, sub_code = '') => {
  try {
    const { outcome, ...rest } = refusalOf({ code, msg: 'x', sub_code, sub_msg: 'y', outage: {} }, 'refund')
    return [outcome, { ...rest, reason: undefined }]
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown
    return [thrown.reached, thrown.facts]
  }
}
const refused = (cure: string) => ['refused', { key: 'alive', cure, unsure: true }]
const setup = ['before-anything', { trouble: 'setup' }]

describe('an answer of Alipay that is no yes', () => {
  it.each([
    ['40005', 'isv.app-call-limited', ['before-anything', {}]],
    ['20000', 'isp.unknow-error', ['unknown', {}]],
    ['40004', 'ACQ.SYSTEM_ERROR', ['unknown', {}]],
    ['40004', 'aop.ACQ.SYSTEM_ERROR', ['unknown', {}]],
    ['40004', 'ACQ.DISCORDANT_REPEAT_REQUEST', ['unknown', { trouble: 'setup' }]],
    ['20001', 'aop.invalid-auth-token', setup],
    ['40002', 'isv.invalid-signature', setup],
    ['40003', 'isv.insufficient-isv-permissions', setup],
    ['40006', 'isv.insufficient-user-permissions', setup],
    ['40004', 'ACQ.TRADE_NOT_EXIST', setup],
    ['40004', 'ACQ.INVALID_PARAMETER', setup],
    ['40004', 'ACQ.SELLER_BALANCE_NOT_ENOUGH', refused('funds')],
    ['40004', 'ACQ.TRADE_HAS_FINISHED', refused('elsewhere')],
    ...['ACQ.REASON_TRADE_REFUND_FEE_ERR', 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL', 'ACQ.TRADE_STATUS_ERROR', 'ACQ.NEW'].map(
      (name) => ['40004', name, refused('none')] as const,
    ),
  ] as const)('%s %s', (code, name, expected) => expect(said(code, name)).toEqual(expected))
})

describe('a refund at Alipay', () => {
  it('of which it does not say yet whether money has moved is asked for again ten seconds later, under its number', async () => {
    const call = asking('late_60000')()
    await expect(open().refund(call)).rejects.toMatchObject({ reached: 'unknown', facts: { retryAfterMs: 10_000 } })
    await pass()
    expect(await open().refund(call)).toMatchObject({ outcome: 'succeeded' })
    expect(await moved(call)).toBe(call.amount)
  })

  it.each([
    ['429', undefined],
    ['other-account', 'setup'],
    ['key-expired', 'setup'],
    ['500-before', undefined],
    ['cut-before', undefined],
    ['html-200', undefined],
  ] as const)('of which it does not say so may be made, where the look meets %s', async (fault, trouble) => {
    const call = asking('ok')()
    await standIn.plan('unsaid')
    await standIn.plan(fault)
    await expect(open().refund(call)).rejects.toMatchObject({ reached: 'unknown', facts: trouble ? { trouble } : {} })
    expect(await moved(call)).toBe(call.amount)
  })

  it('that the bank sends back stays made: the customer has it in their balance', async () => {
    const call = asking('bounce_60000')()
    const done = await open().refund(call)
    await pass()
    expect(await open().status(call)).toEqual(done)
  })

  it('is refused only when a signed look finds none', async () => {
    const call = asking('poor')()
    // The no need not be signed, and the look has to be.
    await standIn.plan('unsigned')
    expect(await askFor(open(), call, false)).toMatchObject({ outcome: 'refused', cure: 'funds' })
    // Of the look nobody knows whose it is.
    await standIn.plan('unsigned', { times: 2 })
    await expect(askFor(open(), call, false)).rejects.toMatchObject({ reached: 'unknown' })
  })

  it('that was made in Alipay’s pages with our amount is none of ours', async () => {
    const call = asking('ok')({ amount: 99_999_999 })
    await standIn.enter({ payment: call.paymentRef, amount: 99_999_999 })
    await pass()
    expect(await askFor(open(), call, false)).toMatchObject({ outcome: 'refused', cure: 'none' })
  })

  it('of another amount is not ours: it waits for a person', async () => {
    const call = asking('ok')()
    await open().refund(call)
    await standIn.plan('other-amount')
    await expect(open().status(call)).rejects.toMatchObject({ reached: 'unknown', facts: { trouble: 'setup' } })
  })
})

describe('a yes', () => {
  it.each(['unsigned', 'other-key', 'html-200', 'error-200', 'cut-half'] as const)(
    'that is %s is none: what was done is open, and asked again it moves nothing',
    async (fault) => {
      const call = asking('ok')()
      await standIn.plan(fault)
      await expect(open().refund(call)).rejects.toMatchObject({ reached: 'unknown' })
      expect(await open().refund(call)).toMatchObject({ outcome: 'succeeded' })
      expect(await moved(call)).toBe(call.amount)
    },
  )

  it('counts by any of several keys', async () => {
    const publicKeys = [newKey().publicKey, standInPublicKey]
    expect(await outcomeOf(open(accounts(privateKey, { publicKeys })), asking('ok')())).toBe('succeeded')
  })
})

describe('an account', () => {
  it('whose key is another’s, or none, waits for a person, without a part of the key', async () => {
    for (const key of [newKey().privateKey, 'no-key']) {
      const failure = await open(accounts(key))
        .refund(asking('ok')())
        .catch((error: unknown) => error)
      expect(failure).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
      expect(String(failure)).not.toContain(key)
    }
  })

  it('whose clock is half an hour off waits for a person', async () => {
    await standIn.tell('POST /settings', { clockMs: 1_800_000 })
    expect(await outcomeOf(open(), asking('ok')())).toBe('before-anything')
    await standIn.tell('POST /settings', { clockMs: 0 })
  })
})
