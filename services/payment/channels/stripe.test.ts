import { openHttp } from '@countermand/providers/http.ts'
import { Secret } from '@countermand/providers/secret.ts'
import { type StartedStandIn, startStandIn } from '@countermand/tools/stand-ins/stripe/started.ts'
import Stripe from 'stripe'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Channel, ChannelError, type Listed, type ListedUntil, type Outside, type RefundCall } from './channel.ts'
import { aCall, askingFor, listingConformance, outcomeOf, outsideConformance, reaching, silent } from './conformance.ts'
import { channels } from './index.ts'
import { refusalOf, resultOf } from './stripe-answers.ts'
import { refundForm, stripeVersion } from './stripe-requests.ts'

const apiKey = 'sk_test_planted'
const account = 'stripe-eu'
let standIn: StartedStandIn
const http = openHttp()

beforeAll(async () => {
  standIn = await startStandIn({ apiKey })
})
afterAll(async () => {
  await http.close()
  standIn.close()
})

const nobody = { refund: () => Promise.reject(new Error('nobody')), status: () => Promise.reject(new Error('nobody')) }
const accounts = (key = apiKey, settings = {}): NonNullable<Outside['accounts']> => ({
  find: (name) => ({
    ...{ name, provider: 'stripe', baseUrl: standIn.url, settings },
    secrets: new Map([['apiKey', [new Secret(key)]]]),
  }),
})
const open = (using = accounts(), by: Outside['http'] = http): Channel =>
  channels({ sandbox: nobody, accounts: using, http: by }).stripe
const asking = (behaviour: string) => askingFor((number) => `pi_${behaviour}_c${number}`, account)

const moved = async ({ refundId }: RefundCall): Promise<number> =>
  (await standIn.refunds())
    .filter(({ metadata, status }) => metadata.refundId === refundId && status === 'succeeded')
    .reduce((sum, { amount }) => sum + amount, 0)

let aheadMs = 0
describe('channel stripe', () => {
  const rig = {
    open,
    openSilent: () => silent(open()),
    openReaching: (requests: number) => open(accounts(), reaching(http, requests)),
    moved,
    until: async (what: string, is: () => Promise<boolean>) => {
      for (let looks = 0; looks < 10 && !(await is()); looks++) {
        aheadMs += 60_000
        await standIn.tell('POST /settings', { aheadMs })
      }
      expect(await is(), what).toBe(true)
    },
    asks: {
      ...{ done: asking('ok'), refused: asking('disputed'), held: asking('held') },
      ...{ doneLater: asking('late_180000'), refusedLater: asking('latefail_180000') },
      ...{ reversedLater: asking('reverse_180000'), notReachedOnce: asking('flaky_1'), unheardOnce: asking('lost_1') },
    },
  }
  outsideConformance(rig)
  listingConformance({ ...rig, many: 120 })
})

describe('what Stripe is asked', () => {
  const call = asking('ok')({
    reason: 'duplicate-order',
    currency: 'JPY',
    amount: 9899,
    orderId: 'ord/1 ü',
    tenderId: 't&1',
  })

  it('is what the vendor’s own client asks, in the version that it pins', async () => {
    const host = { host: '127.0.0.1', port: standIn.port, protocol: 'http' } as const
    const stripe = new Stripe(apiKey, { ...host, maxNetworkRetries: 0, telemetry: false })
    expect(stripeVersion).toBe(stripe.getApiField('version'))
    const given = {
      payment_intent: call.paymentRef,
      amount: 9899,
      reason: 'duplicate',
      reverse_transfer: true,
    } as const
    const metadata = { refundId: call.refundId, orderId: 'ord/1 ü', tenderId: 't&1' }
    await stripe.refunds.create({ ...given, metadata }, { idempotencyKey: 'vendor' }).catch(() => {})
    const theirs = (await standIn.requests()).findLast(({ method }) => method === 'POST')?.body ?? ''
    const ours = refundForm(call, { reverseTransfer: true }).toString()
    const sorted = (form: string) => [...new URLSearchParams(form)].toSorted()
    expect(sorted(ours)).toEqual(sorted(theirs))
  })

  it('is the same in every round, and whatever was learned meanwhile', () => {
    const later = {
      ...call,
      round: 7,
      providerRef: 're_1',
      paidAt: '2026-11-20T09:00:00Z',
      paidTotal: 7,
      firstAskedAt: '',
    }
    expect(refundForm(later, {}).toString()).toBe(refundForm(call, {}).toString())
  })

  it.each([
    [9899, 'JPY', '9899'],
    [9899, 'EUR', '9899'],
    [12_340, 'KWD', '12340'],
    [500, 'ISK', '50000'],
  ])('counts %i of %s as %s', (amount, currency, counted) => {
    expect(refundForm({ ...call, amount, currency }, {}).get('amount')).toBe(counted)
  })

  it.each(['pay_ok_1', 'pi_../../v1/payouts', 'ch_1?x=1', ''])(
    'is not about %j: nobody is called',
    async (paymentRef) => {
      const before = (await standIn.requests()).length
      for (const operation of ['refund', 'void'] as const)
        expect(await outcomeOf(open(), { ...call, paymentRef, operation })).toBe('before-anything')
      expect(await standIn.requests()).toHaveLength(before)
    },
  )
})

it('is asked for each page of a list by a call of its own: however many there are, each has its time', async () => {
  const ofPage = (path: string, data: object[]) => {
    const { pathname, searchParams } = new URL(path, 'http://localhost')
    const isLast = pathname !== '/v1/refunds' || searchParams.get('starting_after') === 're_3'
    const body = JSON.stringify({ data: pathname === '/v1/refunds' && !isLast ? data : [], has_more: !isLast })
    return { status: 200, headers: {}, body }
  }
  let count = 0
  const call: NonNullable<Outside['http']>['call'] = () => {
    let isOver = false
    return async ({ path }) => {
      if (isOver) throw new Error('expected one page of a call, got another')
      isOver = true
      const refund = {
        object: 'refund',
        id: `re_${++count}`,
        amount: 100,
        currency: 'eur',
        created: 1,
        status: 'succeeded',
      }
      return ofPage(path, [{ ...refund, payment_intent: 'pi_1', charge: 'ch_1', balance_transaction: 'txn_1' }])
    }
  }
  const { list } = channels({ sandbox: nobody, accounts: accounts(), http: { call } }).stripe
  const found: string[] = []
  for await (const each of list?.(account, { from: '1970-01-01T00:00:00Z', to: '1970-01-02T00:00:00Z' }) ?? [])
    if (each.kind !== 'until') found.push(each.providerRef)
  expect(found).toEqual(['re_1', 're_2', 're_3'])
})

/** What is said of an answer: its outcome and how it goes on, or what is thrown. */
const said = (status: number, error: object | string, headers = {}) => {
  const body =
    typeof error === 'string' ? error : JSON.stringify({ error: { type: 'invalid_request_error', ...error } })
  try {
    const { outcome, ...rest } = refusalOf({ status, headers, body }, 'refund', 0)
    return [outcome, { ...rest, reason: undefined }]
  } catch (thrown) {
    if (!(thrown instanceof ChannelError)) throw thrown
    return [thrown.reached, thrown.facts]
  }
}
const refused = (cure: string, unsure?: true) => ['refused', { key: 'dead', cure, ...(unsure && { unsure }) }]

describe('an answer of Stripe that is no yes', () => {
  it.each([
    [429, { code: 'rate_limit' }, {}, ['before-anything', {}]],
    [429, { code: 'lock_timeout' }, { 'retry-after': '2' }, ['before-anything', { retryAfterMs: 2000 }]],
    [409, { code: 'idempotency_key_in_use', type: 'idempotency_error' }, {}, ['before-anything', {}]],
    [500, { type: 'api_error' }, {}, ['unknown', {}]],
    [500, { type: 'api_error' }, { 'idempotent-replayed': 'true' }, ['unknown', { kept: 'failure' }]],
    [500, { type: 'api_error' }, { 'stripe-should-retry': 'false' }, ['unknown', { kept: 'failure' }]],
    [502, '<html>', {}, ['unknown', {}]],
    [307, '', {}, ['unknown', {}]],
    [400, '{"error":', {}, ['unknown', {}]],
    [400, { code: 'x' }, { 'stripe-should-retry': 'true' }, ['unknown', {}]],
    [400, { type: 'idempotency_error' }, {}, ['unknown', { trouble: 'setup' }]],
    ...[401, 403, 404].map((status) => [status, {}, {}, ['before-anything', { trouble: 'setup' }]] as const),
    [400, { code: 'parameter_unknown' }, {}, ['before-anything', { trouble: 'setup' }]],
    [400, { code: 'charge_already_refunded' }, {}, refused('none', true)],
    [400, { message: 'Refund amount is greater than unrefunded amount' }, {}, refused('none', true)],
    [400, { code: 'charge_disputed' }, {}, refused('dispute')],
    [400, { code: 'refund_disputed_payment' }, {}, refused('dispute')],
    [400, { code: 'charge_not_refundable' }, {}, refused('elsewhere')],
    [400, { code: 'balance_insufficient' }, {}, refused('funds')],
  ] as const)('%i %j %j', (status, error, headers, expected) => {
    expect(said(status, error, headers)).toEqual(expected)
  })
})

describe('a refund that Stripe has', () => {
  const call = asking('ok')()
  const has = (fields: object) =>
    resultOf(
      {
        ...{ object: 'refund', id: 're_1', amount: 100, currency: 'EUR', created: 1_795_165_200, status: 'succeeded' },
        ...{ metadata: { refundId: call.refundId }, ...fields },
      },
      call,
    )

  it.each([
    [
      { status: 'pending', pending_reason: 'insufficient_funds' },
      { outcome: 'pending', why: 'no-funds' },
    ],
    [
      { status: 'pending', pending_reason: 'charge_pending' },
      { outcome: 'pending', why: 'charge-pending' },
    ],
    [{ status: 'requires_action' }, { outcome: 'action-required', who: 'customer' }],
    [
      { status: 'failed', failure_reason: 'expired_or_canceled_card' },
      { key: 'dead', cure: 'elsewhere' },
    ],
    [{ status: 'failed', failure_reason: 'charge_for_pending_refund_disputed' }, { cure: 'dispute' }],
    [{ status: 'failed', failure_reason: 'insufficient_funds' }, { cure: 'funds' }],
    [{ status: 'canceled' }, { outcome: 'refused', key: 'dead' }],
    [{ status: 'succeeded' }, { reversibleUntil: '2026-12-20T09:00:00.000Z' }],
  ])('%j', (fields, expected) => expect(has(fields)).toMatchObject(expected))

  it.each([{ amount: 99 }, { currency: 'USD' }, { metadata: {} }, { metadata: { refundId: 'ref_other' } }])(
    'is not ours with %j: it is in doubt, and waits for a person',
    (fields) => {
      expect(() => has(fields)).toThrow(expect.objectContaining({ reached: 'unknown', facts: { trouble: 'setup' } }))
    },
  )

  it('of a status that nobody knows is in doubt', () => expect(() => has({ status: 'new' })).toThrow('nobody knows'))
})

describe('an account', () => {
  it('whose key is not taken, or that has none of its payments, waits for a person, without a part of the key', async () => {
    const failure = await open(accounts('sk_test_wrong'))
      .refund(asking('ok')())
      .catch((error: unknown) => error)
    expect(failure).toMatchObject({ reached: 'before-anything', facts: { trouble: 'setup' } })
    expect(String(failure)).not.toMatch(/sk_|\*\*\*/)
    expect(await outcomeOf(open(), asking('ok')({ paymentRef: 'pi_nobody' }))).toBe('before-anything')
  })

  it('of a connected account is named with each call', async () => {
    const platform = await startStandIn({ apiKey, connectedAccount: 'acct_1' })
    const find = accounts(apiKey, { connectedAccount: 'acct_1' }).find
    const using = { ...accounts(), find: (name: string) => ({ ...find(`${name}-2`), baseUrl: platform.url }) }
    const channel = open(using as NonNullable<Outside['accounts']>)
    expect(await outcomeOf(channel, asking('ok')())).toBe('succeeded')
    platform.close()
  })
})

it('finds its refund behind more than a hundred others of its payment', async () => {
  const call = asking('ok_of100000')({ amount: 1 })
  await open().refund(call)
  const others = Array.from({ length: 120 }, () => asking('ok')({ paymentRef: call.paymentRef, amount: 1 }))
  await Promise.all(others.map((each) => open().refund(each)))
  expect(await open().status(call)).toMatchObject({ outcome: 'succeeded' })
})

describe('what Stripe lists', () => {
  const span = { from: '2026-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
  const listed = async (channel = open()) => {
    const found: Exclude<Listed, ListedUntil>[] = []
    for await (const each of channel.list?.(account, span) ?? []) if (each.kind !== 'until') found.push(each)
    return found
  }

  it('has refunds of others without a name of ours, and no release of what was only held', async () => {
    const theirs = await standIn.enter({ payment: 'pi_ok_theirs', amount: 9 })
    const release = await standIn.enter({ payment: 'pi_held_released', amount: 9 })
    const all = await listed()
    const [one] = all.filter(({ providerRef }) => providerRef === theirs)
    expect(one).toMatchObject({ kind: 'refund', paymentRefs: ['pi_ok_theirs', 'ch_ok_theirs'], amount: 9 })
    expect(one).not.toHaveProperty('askedAs')
    expect(all.filter(({ providerRef }) => providerRef === release)).toEqual([])
  })

  it('has what it took for itself, in minor units of ours', async () => {
    await open().refund(aCall({ account, paymentRef: 'pi_ok_fee_of5000_inisk', currency: 'ISK', amount: 10 }))
    const fees = (await listed()).filter(({ kind, currency }) => kind === 'fee' && currency === 'ISK')
    // 1.5 % and 25 of the coins that Stripe has and ISO 4217 has not.
    expect(fees).toMatchObject([{ providerRef: 'txn_pi_ok_fee_of5000_inisk', amount: 1 }])
  })

  it('cannot be learned without the credentials, or from half of an answer', async () => {
    await expect(listed(open(accounts('sk_test_other')))).rejects.toMatchObject({ facts: { trouble: 'setup' } })
    await standIn.plan('cut-half', { match: 'GET /v1/balance_transactions' })
    await expect(listed()).rejects.toBeInstanceOf(ChannelError)
  })
})
