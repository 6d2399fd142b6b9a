import type { DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'
import { type Account, accountId, type CreditAccount } from '../ledger/accounts.ts'
import type { Posting } from '../ledger/posting.ts'

/** How the ledger is written: in the transaction of the decision that posts, each table with one statement. */

export interface OrderPosting {
  /** Absent: of a credit that was spent. */
  readonly orderId: string | undefined
  readonly posting: Posting
}

const json = (rows: readonly object[]) => sql`${JSON.stringify(rows)}::jsonb`

export const isCredit = (account: Account | CreditAccount): account is CreditAccount => 'customerId' in account

const postingRow = ({ orderId, posting }: OrderPosting) => ({
  posting_id: posting.postingId,
  event: posting.event,
  order_id: orderId,
  tender_id: posting.tenderId,
  request_id: posting.requestId,
  refund_id: posting.refundId,
  destination: posting.destination,
  at: posting.at,
})

export const entryRows = ({ posting: { postingId, debit, credit, amount } }: OrderPosting) => [
  { posting_id: postingId, account_id: accountId(debit), amount },
  { posting_id: postingId, account_id: accountId(credit), amount: -amount },
]

/** In sorted order, as all who take rows that orders share. */
export const accountsOf = (postings: readonly OrderPosting[]): readonly (Account | CreditAccount)[] => {
  const known = new Map(
    postings.flatMap(({ posting }) => [posting.debit, posting.credit]).map((each) => [accountId(each), each]),
  )
  return [...known].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, account]) => account)
}

export const saveAccounts = async (tx: DatabaseTransaction, accounts: readonly Account[]): Promise<void> => {
  const byId = new Map(
    accounts.map(({ kind, owner, currency }) => [accountId({ kind, owner, currency }), { kind, owner, currency }]),
  )
  const rows = [...byId]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([account_id, account]) => ({ account_id, ...account }))
  if (rows.length === 0) return
  await sql`insert into accounts select * from jsonb_populate_recordset(null::accounts, ${json(rows)})
    on conflict do nothing`.execute(tx)
}

/** The ledger only grows: a posting that is there already is an error, and undoes the transaction. Its accounts are there. */
export const savePostings = async (tx: DatabaseTransaction, postings: readonly OrderPosting[]): Promise<void> => {
  if (postings.length === 0) return
  await sql`insert into postings select * from jsonb_populate_recordset(null::postings, ${json(postings.map(postingRow))})`.execute(
    tx,
  )
  await sql`insert into entries select * from jsonb_populate_recordset(null::entries, ${json(postings.flatMap(entryRows))})`.execute(
    tx,
  )
}
