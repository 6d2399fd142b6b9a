import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/paypal/started.ts'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  type Channel,
  ChannelError,
  day,
  type Listed,
  type ListedFee,
  type ListedRefund,
  type Outside,
  type RefundCall,
} from './channel.ts'
import { askingFor, outcomeOf, outsideConformance, reaching, silent } from './conformance.ts'
import { channels } from './index.ts'
import { refundObject, refusalOf, resultOf, tokenIn } from './paypal-answers.ts'
import { refundBody } from './paypal-requests.ts'

const clientId = 'client-1'
const clientSecret = 'planted-secret'
const account = 'paypal-eu'
let standIn: StartedStandIn
const http = openHttp()

beforeAll(async () => {
  standIn = await startStandIn({ clientId, clientSecret })
})
afterAll(async () => {
  await http.close()
  standIn.close()
})

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
const accounts = (secret = clientSecret, settings = {}, url = () => standIn.url): NonNullable<Outside['accounts']> => ({
  find: (name) => ({
    ...{ name, provider: 'paypal', baseUrl: url(), settings: { clientId, ...settings } },
    secrets: new Map([['clientSecret', [new Secret(secret)]]]),
  }),
})
const open = (using = accounts(), by: Outside['http'] = http): Channel =>
  channels({ sandbox: nobody, accounts: using, http: by }).paypal
const asking = (behaviour: string) => askingFor((number) => `${behaviour}C${number}`, account)

const moved = async ({ refundId }: RefundCall): Promise<number> =>
  (await standIn.refunds())
    .filter(({ invoiceId, status }) => invoiceId === refundId && status === 'COMPLETED')
    .reduce((sum, { amount }) => sum + amount, 0)

let aheadMs = 0
describe('channel paypal', () => {
  outsideConformance({
    open,
    openSilent: () => silent(open()),
    openReaching: (requests) => open(accounts(), reaching(http, requests)),
    moved,
    until: async (what, is) => {
      for (let looks = 0; looks < 10 && !(await is()); looks++) {
        aheadMs += 60_000
        await standIn.tell('POST /settings', { aheadMs })
      }
      expect(await is(), what).toBe(true)
    },
    asks: {
      ...{ done: asking('OK'), refused: asking('DISPUTED'), held: asking('HELD') },
      ...{ doneLater: asking('LATE180000X'), refusedLater: asking('LATEFAIL180000X') },
      ...{ reversedLater: asking('REVERSE180000X'), notReachedOnce: asking('FLAKY1X'), unheardOnce: asking('LOST1X') },
    },
  })
})

describe('what PayPal is asked', () => {
  const call = asking('OK')({ currency: 'JPY', amount: 9899, orderId: 'ord/1 ü', tenderId: 't&1' })

  it('is the amount in decimals, and the number of our refund, twice', () => {
    expect(JSON.parse(refundBody(call))).toEqual({
      ...{ amount: { value: '9899', currency_code: 'JPY' }, custom_id: call.refundId, invoice_id: call.refundId },
    })
    expect(JSON.parse(refundBody({ ...call, amount: 5, currency: 'EUR' }))).toMatchObject({ amount: { value: '0.05' } })
  })

  it('is the same in every round, and whatever was learned meanwhile', () => {
    const later = { ...call, round: 7, providerRef: 'R1', paidAt: '2026-11-20T09:00:00Z', paidTotal: 7 }
    expect(refundBody(later)).toBe(refundBody(call))
  })

  it.each([
    { paymentRef: 'pi_1' },
    { paymentRef: '../../v1/payouts' },
    { paymentRef: 'OK1?x=1' },
    { paymentRef: '' },
    { currency: 'HUF', amount: 50 },
  ])('is not about %j: nobody is called', async (about) => {
    const channel = open()
    const before = (await standIn.requests()).length
    expect(await outcomeOf(channel, { ...call, ...about })).toBe('before-anything')
    if (about.paymentRef !== undefined)
      expect(await outcomeOf(channel, { ...call, ...about, operation: 'void' })).toBe('before-anything')
    expect(await standIn.requests()).toHaveLength(before)
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
const issue = (name: string) => ({ name: 'X', message: 'x', details: [{ issue: name, description: 'y' }] })
const refused = (cure: string, unsure?: true) => ['refused', { key: 'dead', cure, ...(unsure && { unsure }) }]
const setup = ['before-anything', { trouble: 'setup' }]

describe('an answer of PayPal that is no yes', () => {
  it.each([
    [429, issue('RATE_LIMIT_REACHED'), { 'retry-after': '2' }, ['before-anything', { retryAfterMs: 2000 }]],
    [409, issue('PREVIOUS_REQUEST_IN_PROGRESS'), {}, ['before-anything', {}]],
    ...[500, 502, 503].map((status) => [status, issue('INTERNAL_SERVER_ERROR'), {}, ['unknown', {}]] as const),
    [502, '<html>', {}, ['unknown', {}]],
    [307, '', {}, ['unknown', {}]],
    [422, '{"name":', {}, ['unknown', {}]],
    [422, issue('DUPLICATE_REQUEST_ID'), {}, ['unknown', { trouble: 'setup' }]],
    [401, { error: 'invalid_token' }, {}, setup],
    [403, issue('PERMISSION_DENIED'), {}, setup],
    [404, issue('INVALID_RESOURCE_ID'), {}, setup],
    [400, issue('INVALID_PARAMETER_SYNTAX'), {}, setup],
    ...['PAYEE_ACCOUNT_RESTRICTED', 'REFUND_IS_RESTRICTED', 'DECIMALS_NOT_SUPPORTED', 'INVALID_CURRENCY_CODE'].map(
      (name) => [422, issue(name), {}, setup] as const,
    ),
    ...['CAPTURE_FULLY_REFUNDED', 'REFUND_AMOUNT_EXCEEDED', 'DUPLICATE_INVOICE_ID', 'NEW_AND_UNHEARD_OF'].map(
      (name) => [422, issue(name), {}, refused('none', true)] as const,
    ),
    [422, issue('PENDING_CAPTURE'), {}, refused('wait')],
    [422, issue('REFUND_FAILED_INSUFFICIENT_FUNDS'), {}, refused('funds')],
    ...['TRANSACTION_DISPUTED', 'REFUND_NOT_PERMITTED_DUE_TO_CHARGEBACK'].map(
      (name) => [422, issue(name), {}, refused('dispute')] as const,
    ),
    ...['REFUND_TIME_LIMIT_EXCEEDED', 'PARTIAL_REFUND_NOT_ALLOWED', 'PAYER_ACCOUNT_LOCKED_OR_CLOSED'].map(
      (name) => [422, issue(name), {}, refused('elsewhere')] as const,
    ),
  ] as const)('%i %j %j', (status, body, headers, expected) => {
    expect(said(status, body, headers)).toEqual(expected)
  })
})

describe('an answer to who asks for a token', () => {
  const told = (status: number, body: object | string) => {
    try {
      return tokenIn({ status, headers: {}, body: typeof body === 'string' ? body : JSON.stringify(body) }, 0)
    } catch (thrown) {
      if (!(thrown instanceof ChannelError)) throw thrown
      return [thrown.reached, thrown.facts]
    }
  }
  it('gives one, and says for how long', () => {
    const given = told(200, { access_token: 'A21AA', expires_in: 32_400, token_type: 'Bearer' })
    expect(given).toMatchObject({ lifeMs: 32_400_000 })
    expect(JSON.stringify(given)).not.toContain('A21AA')
  })
  it.each([
    [401, { error: 'invalid_client' }, setup],
    [400, { error: 'unsupported_grant_type' }, setup],
    [429, {}, ['before-anything', {}]],
    [503, '', ['before-anything', {}]],
    [200, '{"access_token":', ['before-anything', {}]],
    [200, { access_token: 'a\nb', expires_in: 1 }, ['before-anything', {}]],
  ])('%i %j gives none, and nothing was asked for yet', (status, body, expected) =>
    expect(told(status, body)).toEqual(expected),
  )
})

describe('a refund that PayPal has', () => {
  const call = asking('OK')()
  const up = [{ rel: 'up', href: `https://api.paypal.com/v2/payments/captures/${call.paymentRef}` }]
  const has = (fields: object) =>
    resultOf(
      refundObject.parse({
        ...{ id: 'R1', status: 'COMPLETED', amount: { currency_code: 'EUR', value: '1.00' }, links: up },
        ...{ invoice_id: call.refundId, create_time: '2026-11-20T01:00:00-08:00', ...fields },
      }),
      call,
      call.paymentRef,
    )

  it.each([
    [
      { status: 'PENDING', status_details: { reason: 'ECHECK' } },
      { outcome: 'pending', why: 'charge-pending' },
    ],
    [{ status: 'PENDING' }, { outcome: 'pending', why: 'processing' }],
    [{ status: 'FAILED' }, { outcome: 'refused', key: 'dead', cure: 'elsewhere' }],
    [{ status: 'CANCELLED' }, { outcome: 'refused', key: 'dead' }],
    [{}, { outcome: 'succeeded', providerRef: 'R1', reversibleUntil: '2026-12-20T09:00:00.000Z' }],
    [{ links: [] }, { outcome: 'succeeded' }],
  ])('%j', (fields, expected) => expect(has(fields)).toMatchObject(expected))

  it.each([
    { amount: { currency_code: 'EUR', value: '0.99' } },
    { amount: { currency_code: 'USD', value: '1.00' } },
    { invoice_id: undefined },
    { invoice_id: 'ref_other' },
    { links: [{ rel: 'up', href: 'https://api.paypal.com/v2/payments/captures/OTHER' }] },
  ])('is not ours with %j: it is in doubt, and waits for a person', (fields) => {
    expect(() => has(fields)).toThrow(expect.objectContaining({ reached: 'unknown', facts: { trouble: 'setup' } }))
  })

  it('of a status that nobody knows is in doubt', () => expect(() => has({ status: 'NEW' })).toThrow('nobody knows'))
})

describe('an account', () => {
  it('whose secret is not taken, or that has none of its payments, waits for a person, without a part of the secret', async () => {
    const failure = await open(accounts('another-secret'))
      .refund(asking('OK')())
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
    expect(String(failure)).not.toContain('secret')
    const stranger = await open()
      .refund(asking('NOBODY')())
      .catch((error: unknown) => error)
    expect(stranger).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
  })

  it('asks for one token, however many refunds there are, and for another when it is taken back', async () => {
    const channel = open()
    const tokens = async () => (await standIn.requests()).filter(({ path }) => path === '/v1/oauth2/token').length
    const before = await tokens()
    await Promise.all(Array.from({ length: 5 }, () => channel.refund(asking('OK')())))
    expect((await tokens()) - before).toBe(1)
    await standIn.plan('key-expired', { match: '/refund' })
    expect(await outcomeOf(channel, asking('OK')())).toBe('succeeded')
    expect((await tokens()) - before).toBe(2)
  })

  it('that gets no token has asked for nothing, whatever became of its question', async () => {
    for (const fault of ['cut-before', 'cut-after', 'html-502'] as const) {
      await standIn.plan(fault, { match: '/v1/oauth2/token' })
      expect(await outcomeOf(open(), asking('OK')())).toBe('before-anything')
    }
  })

  it('of a seller is named with each call of a platform', async () => {
    const platform = await startStandIn({ clientId, clientSecret, payerId: 'SELLER1' })
    const url = () => platform.url
    expect(await outcomeOf(open(accounts(clientSecret, { payerId: 'SELLER1' }, url)), asking('OK')())).toBe('succeeded')
    expect(await outcomeOf(open(accounts(clientSecret, { payerId: 'SELLER2' }, url)), asking('OK')())).toBe(
      'before-anything',
    )
    platform.close()
  })
})

describe('an authorization', () => {
  it('that was let go of at PayPal is released, as one is that we release twice at once', async () => {
    const call = asking('HELD')({ operation: 'void' })
    const outcomes = await Promise.all([outcomeOf(open(), call), outcomeOf(open(), call), outcomeOf(open(), call)])
    expect(new Set(outcomes)).toEqual(new Set(['nothing-captured']))
  })
})

describe('what PayPal lists', () => {
  let books: StartedStandIn
  beforeAll(async () => {
    books = await startStandIn({ clientId, clientSecret })
    await daysAgo(0)
  })
  afterAll(() => books.close())

  const begin = Date.now()
  const iso = (ms: number) => new Date(ms).toISOString()
  const span = { from: iso(begin - 40 * day), to: iso(begin + 7 * day) }
  const channel = (using = accounts(clientSecret, {}, () => books.url)) => open(using)
  const listed = async (by = channel(), of = span): Promise<Listed[]> => {
    const found: Listed[] = []
    for await (const each of by.list?.(account, of) ?? []) found.push(each)
    return found
  }
  const refunds = async (of = span): Promise<ListedRefund[]> =>
    (await listed(channel(), of)).filter((each): each is ListedRefund => each.kind === 'refund')
  const questions = async () =>
    (await books.requests())
      .filter(({ path }) => path === '/v1/reporting/transactions')
      .map(({ query }) => new URLSearchParams(query))
  /** And a minute: what is made in the very moment of a list may not be in it. */
  const daysAgo = (days: number) => books.tell('POST /settings', { aheadMs: -days * day - 60_000 })
  afterEach(() => books.tell('POST /settings', { reportLateMs: 0, reportMost: 10_000 }))

  it('has ours by our name, others by their payment’s, and those that came back as failed', async () => {
    const call = asking('OK')({ paymentRef: 'OKLIST1', amount: 100 })
    await daysAgo(20)
    await channel().refund(call)
    await daysAgo(5)
    const gone = asking('OK')({ paymentRef: 'REVERSE0XLIST2', amount: 100 })
    await channel().refund(gone)
    await channel().refund(asking('OK')({ paymentRef: 'LATE9999999999XLIST3', amount: 100 }))
    await daysAgo(0)
    const theirs = await books.enter({ capture: 'OKLIST1', amount: 9, invoiceId: 'shop-17' })
    expect(await refunds()).toMatchObject([
      { askedAs: call.refundId, paymentRefs: ['OKLIST1'], amount: 100, currency: 'EUR', state: 'succeeded' },
      { askedAs: gone.refundId, state: 'failed' },
      { providerRef: theirs, paymentRefs: ['OKLIST1'], amount: 9 },
    ])
    expect((await refunds())[2]).not.toHaveProperty('askedAs')
  })

  it('knows a capture by the authorization that it was, too', async () => {
    await books.take('HELDLIST4')
    const theirs = await books.enter({ capture: 'CAPHELDLIST4', amount: 9 })
    const [found] = (await refunds()).filter(({ providerRef }) => providerRef === theirs)
    expect(found?.paymentRefs).toEqual(['CAPHELDLIST4', 'HELDLIST4'])
  })

  it('has no release of what was only held, one refund of a key, and nothing of another time', async () => {
    const before = (await refunds()).length
    await channel().refund(asking('OK')({ paymentRef: 'HELDLIST5', operation: 'void' }))
    const call = asking('OK')({ paymentRef: 'OKLIST5' })
    for (let times = 0; times < 2; times++) await channel().refund(call)
    expect(await refunds()).toHaveLength(before + 1)
    expect(await refunds({ from: iso(begin - 80 * day), to: iso(begin - 50 * day) })).toEqual([])
  })

  it('has what PayPal took for itself, in minor units', async () => {
    await channel().refund(asking('OK')({ paymentRef: 'OKFEEZOF10000ZINJPY', currency: 'JPY', amount: 10 }))
    const fees = (await listed()).filter((each): each is ListedFee => each.kind === 'fee' && each.currency === 'JPY')
    // 2.49 % of 100 yen and 35 hundredths.
    expect(fees).toMatchObject([{ providerRef: 'OKFEEZOF10000ZINJPY', amount: 3 }])
  })

  it('asks of no more than 31 days at once, and of no time to come', async () => {
    const before = (await questions()).length
    await refunds()
    const asked = (await questions()).slice(before)
    expect(asked.map((query) => query.get('start_date'))).toEqual([span.from, iso(begin - 9 * day)])
    for (const query of asked) {
      const [from, to] = [query.get('start_date') ?? '', query.get('end_date') ?? '']
      expect(Date.parse(to) - Date.parse(from)).toBeLessThan(31 * day)
      expect(Date.parse(to)).toBeLessThan(Date.now())
    }
  })

  it('halves what is too much for one question', async () => {
    for (let hours = 0; hours < 12; hours++) {
      await daysAgo(12 + hours / 24)
      await books.enter({ capture: 'OKSPREAD', amount: 1 })
    }
    await daysAgo(0)
    const spread = { from: iso(begin - 14 * day), to: iso(begin - 11 * day) }
    const namesOf = async () => (await refunds(spread)).map(({ providerRef }) => providerRef).toSorted()
    const all = await namesOf()
    expect(all).toHaveLength(12)
    const before = (await questions()).length
    await books.tell('POST /settings', { reportMost: 5 })
    expect(await namesOf()).toEqual(all)
    expect((await questions()).length - before).toBeGreaterThan(5)
  })

  it('reads all pages', async () => {
    const payment = 'OKMANYZOF10000000'
    await books.enter({ capture: payment, amount: 1, times: 510 })
    const of = (await refunds()).filter(({ paymentRefs }) => paymentRefs.includes(payment))
    expect(new Set(of.map(({ providerRef }) => providerRef)).size).toBe(510)
  })

  it('says how far it reaches, and that it has nothing yet of a time after that', async () => {
    await books.tell('POST /settings', { reportLateMs: 3_600_000 })
    const found = await listed()
    const [until] = found.flatMap((each) => (each.kind === 'until' ? [each.at] : []))
    expect(found.length).toBeGreaterThan(1)
    expect(found.filter(({ at }) => Date.parse(at) > Date.parse(until ?? ''))).toEqual([])
    const early = { ...span, from: iso(Date.now() - 60_000) }
    expect(await listed(channel(), early)).toEqual([{ kind: 'until', at: early.from }])
  })

  it('cannot be learned without the credentials, or from half of an answer', async () => {
    const wrong = channel(accounts('another-secret', {}, () => books.url))
    await expect(listed(wrong)).rejects.toMatchObject({ facts: { trouble: 'setup' } })
    await books.plan('cut-half', { match: '/v1/reporting/transactions' })
    await expect(listed()).rejects.toBeInstanceOf(ChannelError)
  })
})
