import { describe, expect, it } from 'vitest'
import { accountId, creditIdOf } from './accounts.ts'
import { type Changed, changeCredits, spendingId } from './credits.ts'

const now = '2026-11-20T10:00:00.000Z'
const owner = creditIdOf('store-credit', 'customer', 'cus-1')
const account = { kind: 'store-credit', owner, currency: 'EUR', customerId: 'cus-1', giftCardId: undefined } as const
const credits = (balance: number) => ({
  known: new Map([[accountId(account), { account, balance }]]),
  spent: new Map(),
})
const spending = (spendId: string, amount: number, of = {}) => ({
  ...{ accountId: owner, spendId, amount, currency: 'EUR', at: now },
  ...of,
})
const told = ({ told }: Changed) =>
  told.map(({ key, event }) => {
    if (event.type === 'store-credit.changed.v1')
      return [key, event.data.balance, event.data.spendId ?? event.data.entryId]
    return event.type === 'store-credit.spend-refused.v1' ? [key, event.data.code, event.data.balance] : [key]
  })

describe('a credit', () => {
  it('has what refunds gave it less what was spent, and tells each change with whose it is', () => {
    const added = [{ account: accountId(account), amount: 50, entryId: 'ref_1/succeeded', at: now }]
    const changed = changeCredits(credits(10), added, [spending('s1', 60)], now)
    expect(told(changed)).toEqual([
      [owner, 60, 'ref_1/succeeded'],
      [owner, 0, 's1'],
    ])
    expect(changed.told[0]?.event.data).toMatchObject({ customerId: 'cus-1', currency: 'EUR' })
    expect(changed.postings).toMatchObject([
      {
        postingId: spendingId(spending('s1', 60)),
        amount: 60,
        debit: account,
        credit: { kind: 'provider', owner: 'store-credit' },
      },
    ])
  })

  it('is spent once for each name, and of two at once only while it lasts', () => {
    const changed = changeCredits(credits(10), [], [spending('s1', 7), spending('s1', 7), spending('s2', 4)], now)
    expect(told(changed)).toEqual([
      [owner, 3, 's1'],
      [owner, 'too-little', 3],
    ])
    expect(changed.postings).toHaveLength(1)
  })

  it('refuses a name that was spent with another amount, and accounts that are none', () => {
    const before = { ...credits(10), spent: new Map([[spendingId(spending('s1', 7)), 7]]) }
    const strangers = [{ accountId: 'sc_nobody' }, { accountId: 'sales/mer-1' }, { currency: 'JPY' }]
    const asked = [spending('s1', 7), spending('s1', 8), ...strangers.map((of) => spending('s9', 1, of))]
    const changed = changeCredits(before, [], asked, now)
    expect(told(changed).map(([, what]) => what)).toEqual([
      'spend-id-reused',
      'unknown-account',
      'unknown-account',
      'unknown-account',
    ])
    expect([changed.postings, changed.known]).toEqual([[], before.known])
  })
})
