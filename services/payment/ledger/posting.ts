import type { RefundDestination } from '@countermand/contracts'
import { type Account, accountId, type CreditAccount } from './accounts.ts'

/** Which account of a posting is meant: a kind, or what depends on the tender and where its money goes. */
export type Side =
  | 'provider'
  | 'held'
  | 'sales'
  | 'in-transit'
  | 'suspense'
  | 'fees'
  | 'payment'
  | 'destination'
  | 'unassigned'

/**
 * What moves money, from the account that is debited to the one that is credited. `payment`: where the tender's money lies, `held` while it
 * was not taken, else `provider`. `destination`: where a refund goes, the tender's `payment` for its own channel.
 */
export const moves = {
  captured: { debit: 'payment', credit: 'sales' },
  /** By a change of its order the shop itself gave it back. */
  released: { debit: 'sales', credit: 'payment' },
  /** A payment that was held is taken. */
  taken: { debit: 'provider', credit: 'held' },
  /** Which account at its provider a tender was paid with, is known now. */
  assigned: { debit: 'payment', credit: 'unassigned' },
  accepted: { debit: 'sales', credit: 'in-transit' },
  succeeded: { debit: 'in-transit', credit: 'destination' },
  'late-no': { debit: 'in-transit', credit: 'sales' },
  reversed: { debit: 'destination', credit: 'sales' },
  /** Somebody gave it back in the provider's own pages: who, and why, is to be found out. */
  'foreign-refund': { debit: 'suspense', credit: 'payment' },
  /** It came to nothing, and the money is where it was. */
  'foreign-refund-undone': { debit: 'payment', credit: 'suspense' },
  dispute: { debit: 'suspense', credit: 'payment' },
  'dispute-won': { debit: 'payment', credit: 'suspense' },
  /** A provider moved what our books have not; the other way round where our books have what it did not move. */
  difference: { debit: 'suspense', credit: 'provider' },
  /** The provider says so no more. */
  'difference-gone': { debit: 'provider', credit: 'suspense' },
  /** Somebody has found out why money left: it is the merchant's. */
  explained: { debit: 'sales', credit: 'suspense' },
  /** A provider took it for itself, or gave it back. */
  fee: { debit: 'fees', credit: 'provider' },
  /** A customer paid with a credit: an order's tender of its kind has taken it. */
  spent: { debit: 'destination', credit: 'provider' },
} as const satisfies Readonly<Record<string, { readonly debit: Side; readonly credit: Side }>>

export type PostingEvent = keyof typeof moves

/** One move of money: minor units from one account to another, so that what is posted adds up to nothing. */
export interface Posting {
  /** A second one of the same name is a conflict, and undoes its transaction. */
  readonly postingId: string
  readonly event: PostingEvent
  /** Absent: of a credit that was spent. */
  readonly tenderId: string | undefined
  readonly requestId: string | undefined
  readonly refundId: string | undefined
  readonly destination: RefundDestination | undefined
  /** More than 0. */
  readonly amount: number
  readonly debit: Account | CreditAccount
  readonly credit: Account | CreditAccount
  readonly at: string
}

/** Debits less credits of each account. */
export const balancesOf = (postings: readonly Posting[]): ReadonlyMap<Account, number> => {
  const entries = postings.flatMap(({ debit, credit, amount }) => [
    { account: debit, amount },
    { account: credit, amount: -amount },
  ])
  const ofAccounts = [...Map.groupBy(entries, ({ account }) => accountId(account)).values()]
  return new Map(
    ofAccounts.flatMap((each) =>
      each[0] === undefined ? [] : [[each[0].account, each.reduce((sum, { amount }) => sum + amount, 0)]],
    ),
  )
}
