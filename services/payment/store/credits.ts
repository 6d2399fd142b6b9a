import type { EventData } from '@countermand/contracts'
import type { DatabaseTransaction } from '@countermand/database'
import type { SharedNews } from '@countermand/service'
import { sql } from 'kysely'
import { z } from 'zod'
import { type Account, accountId, creditKindOf } from '../ledger/accounts.ts'
import { accountSpent, type Changed, type Credit, type Credits, changeCredits, spendingId } from '../ledger/credits.ts'
import { accountsOf, entryRows, isCredit, type OrderPosting, saveAccounts, savePostings } from './ledger.ts'

/** What customers can spend: rows that orders share, locked in sorted order before anything is decided about them. */

type Spending = EventData<'store-credit.spent.v1'>

const json = (rows: readonly object[]) => sql`${JSON.stringify(rows)}::jsonb`

const creditRow = z
  .object({
    account_id: z.string(),
    credit_id: z.string(),
    customer_id: z.string().nullable(),
    gift_card_id: z.string().nullable(),
    currency: z.string(),
    balance: z.int(),
  })
  .transform((row): readonly [string, Credit] | undefined => {
    const kind = creditKindOf(row.credit_id)
    if (kind === undefined) return undefined
    const of = { customerId: row.customer_id ?? undefined, giftCardId: row.gift_card_id ?? undefined }
    return [
      row.account_id,
      { account: { kind, owner: row.credit_id, currency: row.currency, ...of }, balance: row.balance },
    ]
  })

/** Those that are new get a row first, so that each has one to be locked. */
const lockCredits = async (
  tx: DatabaseTransaction,
  postings: readonly OrderPosting[],
  spendings: readonly Spending[],
): Promise<Credits['known']> => {
  const given = accountsOf(postings).filter(isCredit)
  const rows = given.map(({ owner, customerId, giftCardId, currency, ...account }) => ({
    ...{ account_id: accountId({ ...account, owner, currency }), credit_id: owner, currency, balance: 0 },
    ...{ customer_id: customerId, gift_card_id: giftCardId },
  }))
  if (rows.length > 0)
    await sql`insert into credit_accounts select * from jsonb_populate_recordset(null::credit_accounts, ${json(rows)})
      on conflict do nothing`.execute(tx)
  const ids = [...rows.map(({ account_id }) => account_id), ...spendings.flatMap((each) => accountSpent(each) ?? [])]
  const { rows: locked } = await sql`
    select * from credit_accounts where account_id = any(${[...new Set(ids)]}::text[]) order by account_id for update`.execute(
    tx,
  )
  return new Map(locked.flatMap((row) => [creditRow.parse(row)]).filter((each) => each !== undefined))
}

const spentRow = z.object({ posting_id: z.string(), amount: z.int() })

const spentBefore = async (tx: DatabaseTransaction, spendings: readonly Spending[]): Promise<Credits['spent']> => {
  if (spendings.length === 0) return new Map()
  const { rows } = await sql`
    select posting_id, amount from entries where posting_id = any(${spendings.map(spendingId)}::text[]) and amount > 0`.execute(
    tx,
  )
  return new Map(rows.map((row) => spentRow.parse(row)).map(({ posting_id, amount }) => [posting_id, amount]))
}

const saveBalances = async (tx: DatabaseTransaction, { known }: Changed): Promise<void> => {
  const rows = [...known].map(([account_id, { balance }]) => ({ account_id, balance }))
  if (rows.length === 0) return
  await sql`update credit_accounts set balance = changed.balance
    from jsonb_to_recordset(${json(rows)}) as changed (account_id text, balance bigint)
    where credit_accounts.account_id = changed.account_id`.execute(tx)
}

/** Where what is spent of a credit is made up for: accounts that all spendings share, made before any credit is locked. */
const accountsOfSpendings = (spendings: readonly Spending[]): readonly Account[] =>
  spendings.flatMap(({ accountId: id, currency }) => {
    const kind = creditKindOf(id)
    return kind === undefined ? [] : [{ kind: 'provider', owner: kind, currency }]
  })

const addedBy = (postings: readonly OrderPosting[]) => {
  const credits = new Set(accountsOf(postings).filter(isCredit).map(accountId))
  return postings.flatMap((each) =>
    entryRows(each)
      .filter(({ account_id }) => credits.has(account_id))
      .map(({ account_id, amount, posting_id }) => ({
        ...{ account: account_id, amount: -amount, entryId: posting_id, at: each.posting.at },
      })),
  )
}

/** Writes what was posted and what is spent; gives back what is told of credits. */
export const saveLedger = async (
  tx: DatabaseTransaction,
  postings: readonly OrderPosting[],
  spendings: readonly Spending[],
): Promise<readonly SharedNews[]> => {
  if (postings.length === 0 && spendings.length === 0) return []
  await saveAccounts(tx, [...accountsOf(postings), ...accountsOfSpendings(spendings)])
  await savePostings(tx, postings)
  const added = addedBy(postings)
  if (added.length === 0 && spendings.length === 0) return []
  const known = await lockCredits(tx, postings, spendings)
  const spent = await spentBefore(tx, spendings)
  const changed = changeCredits({ known, spent }, added, spendings, new Date().toISOString())
  await saveBalances(tx, changed)
  await savePostings(
    tx,
    changed.postings.map((posting) => ({ orderId: undefined, posting })),
  )
  return changed.told
}

/** Of two words about a card the later counts. */
export const saveGiftCards = async (
  tx: DatabaseTransaction,
  cards: readonly EventData<'gift-card.changed.v1'>[],
): Promise<void> => {
  const latest = new Map(
    cards
      .toSorted((one, other) => Date.parse(one.at) - Date.parse(other.at))
      .map(({ giftCardId, status, at }) => [giftCardId, { gift_card_id: giftCardId, status, at }]),
  )
  const rows = [...latest.values()].toSorted((one, other) => (one.gift_card_id < other.gift_card_id ? -1 : 1))
  if (rows.length === 0) return
  await sql`insert into gift_cards as known select * from jsonb_populate_recordset(null::gift_cards, ${json(rows)})
    on conflict (gift_card_id) do update set status = excluded.status, at = excluded.at where known.at <= excluded.at`.execute(
    tx,
  )
}
