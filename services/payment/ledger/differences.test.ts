import { describe, expect, it } from 'vitest'
import type { Difference, DifferenceKind, Said } from '../reconcile/compare.ts'
import { accountId } from './accounts.ts'
import { postFee, postWord, unbooked, type Word } from './differences.ts'
import { balancesOf } from './posting.ts'

const at = '2026-11-20T10:00:00.000Z'
const said = (amount: number, currency = 'EUR', state = 'succeeded'): Said => ({ amount, currency, state })
const difference = (kind: DifferenceKind, ours?: Said, theirs?: Said, asClaim = false): Difference => ({
  ...{ account: 'stripe-eu', kind, orderId: 'ord-1', tenderId: 't1', merchantId: 'mer-1', refundId: 'ref_1' },
  ...{ providerRef: 're_1', ours, theirs, at, asClaim },
})
const eur = (amount: number) => [{ amount, currency: 'EUR' }]

/** What the provider has moved beyond our books, of each kind. */
const cases: readonly (readonly [string, Difference, ReturnType<typeof unbooked>])[] = [
  ['missing there', difference('missing-there', said(100)), eur(-100)],
  ['missing here', difference('missing-here', undefined, said(100)), eur(100)],
  ['of a higher amount', difference('amount', said(100), said(130)), eur(30)],
  ['of a lower amount', difference('amount', said(100), said(70)), eur(-30)],
  ['of another amount, and not booked yet', difference('amount', said(100, 'EUR', 'pending'), said(70)), eur(70)],
  [
    'in another currency',
    difference('currency', said(100), said(90, 'USD')),
    [{ amount: 90, currency: 'USD' }, ...eur(-100)],
  ],
  ['given again', difference('twice', said(100), said(100)), eur(100)],
  ['done there alone', difference('state', said(100, 'EUR', 'failed'), said(100)), eur(100)],
  ['failed there alone', difference('state', said(100), said(100, 'EUR', 'failed')), []],
]

const balances = (of: Difference, words: readonly Word[]) => {
  const postings = words.flatMap((word, index) => postWord('dif_1', of, { word, number: index + 1, at }))
  const sums = [...balancesOf(postings)].map(([account, balance]) => [accountId(account), balance] as const)
  return new Map(sums.filter(([, balance]) => balance !== 0))
}

describe.each(cases)('a difference %s', (_, of, moved) => {
  it('is in suspense by what the provider has moved beyond our books', () => {
    expect(unbooked(of)).toEqual(moved)
    const wanted = moved.flatMap(({ amount, currency }) => [
      [`suspense/stripe-eu/${currency}`, amount] as const,
      [`provider/stripe-eu/${currency}`, -amount] as const,
    ])
    expect(balances(of, ['found'])).toEqual(new Map(wanted))
  })

  it('leaves nothing behind when it is gone, and is of sales when somebody has found out why', () => {
    expect(balances(of, ['found', 'gone'])).toEqual(new Map())
    const wanted = moved.flatMap(({ amount, currency }) => [
      [`provider/stripe-eu/${currency}`, -amount] as const,
      [`sales/mer-1/${currency}`, amount] as const,
    ])
    expect(balances(of, ['found', 'gone', 'found', 'resolved'])).toEqual(new Map(wanted))
  })
})

it('what is claimed of its tender is in suspense by that, and is only taken out of it', () => {
  const claim = difference('missing-here', undefined, said(100), true)
  expect(balances(claim, ['found', 'gone', 'found'])).toEqual(new Map())
  expect(balances(claim, ['found', 'resolved'])).toEqual(
    new Map([
      ['sales/mer-1/EUR', 100],
      ['suspense/stripe-eu/EUR', -100],
    ]),
  )
})

it('a fee is posted once, by the name of what it was taken with, also one that came back', () => {
  const fee = { kind: 'fee', providerRef: 'txn_1', currency: 'EUR', at } as const
  const [taken, back] = [postFee('stripe-eu', { ...fee, amount: 25 }), postFee('stripe-eu', { ...fee, amount: -25 })]
  expect([taken.postingId, taken.debit.kind, taken.credit.kind, taken.amount]).toEqual([
    ...['stripe-eu/txn_1/fee', 'fees', 'provider', 25],
  ])
  expect([back.debit.kind, back.credit.kind, back.amount]).toEqual(['provider', 'fees', 25])
})
