import { createHash } from 'node:crypto'

/**
 * The accounts of the money ledger. `provider`: what was taken and lies with whoever takes payments; `held`: promised, and not taken;
 * `sales`: what the merchant has sold; `in-transit`: refunds that a channel has accepted and not settled; `bank`: transfers to customers;
 * `suspense`: money that left in a way that nobody here decided, until somebody has found out why; `fees`: what providers took for themselves; `store-credit`, `gift-card`: what
 * customers can spend.
 */
export type AccountKind =
  | 'provider'
  | 'held'
  | 'sales'
  | 'in-transit'
  | 'bank'
  | 'suspense'
  | 'fees'
  | 'store-credit'
  | 'gift-card'

export interface Account {
  readonly kind: AccountKind
  /** Whose it is: an account with a provider, a merchant, or what a credit is known by outside. Empty: nobody said. */
  readonly owner: string
  /** ISO 4217. */
  readonly currency: string
}

/** Of these a balance is kept, for it may not go below nothing; all others are sums. */
export type CreditKind = Extract<AccountKind, 'store-credit' | 'gift-card'>

export interface CreditAccount extends Account {
  readonly kind: CreditKind
  readonly customerId: string | undefined
  readonly giftCardId: string | undefined
}

/** Ids may have any characters: none of them is taken for the end of its part. */
export const accountId = ({ kind, owner, currency }: Account): string =>
  `${kind}/${encodeURIComponent(owner)}/${currency}`

const prefixes: Readonly<Record<CreditKind, string>> = { 'store-credit': 'sc', 'gift-card': 'gc' }

/** What a credit is known by outside: short, and of no more than letters and digits, whatever ids the shop has. */
export const creditIdOf = (kind: CreditKind, of: 'customer' | 'payment' | 'order', id: string): string => {
  const digest = createHash('sha256').update(`${kind}/${of}/${id}`).digest('hex')
  return `${prefixes[kind]}_${digest.slice(0, 24)}`
}

/** What kind of credit is known outside by this. */
export const creditKindOf = (creditId: string): CreditKind | undefined => {
  if (creditId.startsWith(`${prefixes['store-credit']}_`)) return 'store-credit'
  return creditId.startsWith(`${prefixes['gift-card']}_`) ? 'gift-card' : undefined
}
