import { createHash } from 'node:crypto'
import type { EventData, SpendRefusal } from '@countermand/contracts'
import type { Publication } from '@countermand/service/decision.ts'
import { accountId, type CreditAccount, creditKindOf } from './accounts.ts'
import type { Posting } from './posting.ts'

/** What customers can spend: what refunds gave them, less what they spent. It never goes below nothing. */

type Spending = EventData<'store-credit.spent.v1'>

/** A credit as its locked row has it. */
export interface Credit {
  readonly account: CreditAccount
  readonly balance: number
}

/** Credits by the id of their account, spendings made before by the id of their posting: minor units. */
export interface Credits {
  readonly known: ReadonlyMap<string, Credit>
  readonly spent: ReadonlyMap<string, number>
}

/** What comes of refunds and spendings: credits as they are then, what is posted of spendings, and what is told of it. */
export interface Changed extends Credits {
  readonly postings: readonly Posting[]
  readonly told: readonly { readonly key: string; readonly event: Publication }[]
}

/** Short, whatever ids a shop has. */
export const spendingId = ({ accountId: id, currency, spendId }: Spending): string => {
  const digest = createHash('sha256')
    .update(JSON.stringify([id, currency, spendId]))
    .digest('hex')
  return `spent/${digest.slice(0, 32)}`
}

/** The account that a spending names; absent: no credit has such a name. */
export const accountSpent = ({ accountId: owner, currency }: Spending): string | undefined => {
  const kind = creditKindOf(owner)
  return kind && accountId({ kind, owner, currency })
}

/** Of which posting, and, where it was spent, of which spending. */
interface Cause {
  readonly entryId: string
  readonly at: string
  readonly spendId?: string
}

const changed = ({ account, balance }: Credit, { entryId, at, spendId }: Cause): Changed['told'][number] => ({
  key: account.owner,
  event: {
    type: 'store-credit.changed.v1',
    id: [entryId],
    data: {
      accountId: account.owner,
      ...(account.customerId !== undefined && { customerId: account.customerId }),
      ...(account.giftCardId !== undefined && { giftCardId: account.giftCardId }),
      ...{ balance, currency: account.currency, entryId, at },
      ...(spendId !== undefined && { spendId }),
    },
  },
})

const withCredit = (before: Changed, credit: Credit, cause: Cause): Changed => ({
  ...before,
  known: new Map(before.known).set(accountId(credit.account), credit),
  told: [...before.told, changed(credit, cause)],
})

const refused = (before: Changed, spending: Spending, code: SpendRefusal, now: string): Changed => {
  const { accountId: id, spendId, amount, currency, at } = spending
  const balance = before.known.get(accountSpent(spending) ?? '')?.balance ?? 0
  const data = { accountId: id, spendId, amount, currency, code, balance, at: now }
  const event = { type: 'store-credit.spend-refused.v1', id: [spendingId(spending), at], data } as const
  return { ...before, told: [...before.told, { key: id, event }] }
}

const postSpending = (spending: Spending, account: CreditAccount, at: string): Posting => ({
  ...{ postingId: spendingId(spending), event: 'spent', amount: spending.amount, at },
  ...{ tenderId: undefined, requestId: undefined, refundId: undefined, destination: undefined },
  debit: account,
  // What an order's tender of this kind took, lies there: the two make up for each other.
  credit: { kind: 'provider', owner: account.kind, currency: account.currency },
})

const spend = (before: Changed, spending: Spending, now: string): Changed => {
  const credit = before.known.get(accountSpent(spending) ?? '')
  const postingId = spendingId(spending)
  const earlier = before.spent.get(postingId)
  if (earlier !== undefined)
    return earlier === spending.amount ? before : refused(before, spending, 'spend-id-reused', now)
  if (credit === undefined) return refused(before, spending, 'unknown-account', now)
  if (credit.balance < spending.amount) return refused(before, spending, 'too-little', now)
  const left = { ...credit, balance: credit.balance - spending.amount }
  const posting = postSpending(spending, credit.account, now)
  const after = withCredit(before, left, { entryId: postingId, at: now, spendId: spending.spendId })
  return {
    ...after,
    spent: new Map(after.spent).set(postingId, spending.amount),
    postings: [...after.postings, posting],
  }
}

/** One after another; what refunds give first. `added`: what is posted to a credit, negative where a refund was reversed. */
export const changeCredits = (
  credits: Credits,
  added: readonly {
    readonly account: string
    readonly amount: number
    readonly entryId: string
    readonly at: string
  }[],
  spendings: readonly Spending[],
  now: string,
): Changed => {
  const begun: Changed = { ...credits, postings: [], told: [] }
  const given = added.reduce((before, { account, amount, entryId, at }) => {
    const credit = before.known.get(account)
    if (credit === undefined) throw new Error(`expected a credit ${account}, got none`)
    return withCredit(before, { ...credit, balance: credit.balance + amount }, { entryId, at })
  }, begun)
  return spendings.reduce((before, spending) => spend(before, spending, now), given)
}
