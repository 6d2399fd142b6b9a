import { type ChannelName, channelName, type RefundDestination } from '@countermand/contracts'
import type { Part } from '@countermand/providers/account.ts'
import type { Accounts } from '@countermand/providers/accounts.ts'
import { alipay } from './alipay.ts'
import { bankTransfer } from './bank-transfer.ts'
import { cashOnDelivery } from './cash-on-delivery.ts'
import type { Channel, ElsewhereKind, Outside, TenderKind } from './channel.ts'
import { giftCard } from './gift-card.ts'
import { paypal } from './paypal.ts'
import { sandboxCard } from './sandbox-card.ts'
import { sandboxWallet } from './sandbox-wallet.ts'
import { storeCredit } from './store-credit.ts'
import { stripe } from './stripe.ts'
import { wechatPay } from './wechat-pay.ts'

type Elsewhere = Exclude<RefundDestination, 'original' | 'none'>
/** A destination of the contracts has somebody who brings the money there. */
type KindOf<Name> = (Name extends ChannelName ? TenderKind : ElsewhereKind) &
  (Name extends Elsewhere ? Pick<ElsewhereKind, 'open'> : unknown)

/**
 * Every channel and destination of the contracts, one line each: routes, the schema of calls, destinations and the order of trial
 * follow from it. In that order: the likeliest refusal first, for while nothing has moved a refusal leaves nothing to take back.
 */
const table = {
  'sandbox-card': sandboxCard,
  'sandbox-wallet': sandboxWallet,
  stripe,
  paypal,
  alipay,
  'wechat-pay': wechatPay,
  'gift-card': giftCard,
  'store-credit': storeCredit,
  'cash-on-delivery': cashOnDelivery,
  'bank-transfer': bankTransfer,
} satisfies { readonly [Name in ChannelName | Elsewhere]: KindOf<Name> }

type Name = keyof typeof table

/** What gives money back: the tender's own channel, or what a person or policy chose. */
export type Route = { [Each in Name]: (typeof table)[Each] extends { readonly home: 'none' } ? never : Each }[Name]

const names: readonly string[] = Object.keys(table)
const isRoute = (name: string): name is Route =>
  Object.entries(table).some(([each, kind]) => each === name && 'open' in kind)

/** Everything that gives money back, in the table's order. */
export const routes: readonly Route[] = names.filter(isRoute)

/** One thing for each of them. */
export const ofEachRoute = <Thing>(make: (route: Route) => Thing): Readonly<Record<Route, Thing>> =>
  // `fromEntries` forgets which names it was given.
  Object.fromEntries(routes.map((route) => [route, make(route)])) as Record<Route, Thing>

/** What the channels need of accounts: this process's part of `ACCOUNTS_FILE`. */
export const accountKinds: Part = new Map(
  Object.entries<TenderKind | ElsewhereKind>(table).flatMap(([name, { account }]) =>
    account === undefined ? [] : [[name, account] as const],
  ),
)

/** With which account a merchant's refunds go back by a route. `isNamed`: somebody has chosen it, and a payment keeps it. */
export type AccountFor = (
  route: Route,
  merchantId: string | undefined,
) => { readonly account: string; readonly isNamed: boolean }

/**
 * By the file of accounts. A route that needs one, where none is named, gets a name that no account can have: who asks with it is told
 * so (`accountOf`), and the next round looks anew.
 */
export const accountFor =
  (accounts: Pick<Accounts, 'nameFor'>): AccountFor =>
  (route, merchantId) => {
    if (!accountKinds.has(route)) return { account: route, isNamed: false }
    const account = accounts.nameFor(merchantId, route)
    return account === undefined ? { account: `${route}/none`, isNamed: false } : { account, isNamed: true }
  }

export type Channels = Readonly<Record<Route, Channel>>

/** Every way that money goes back. */
export const channels = (outside: Outside): Channels => ofEachRoute((route) => table[route].open(outside))

/** What decisions know of the channels that orders are paid with. The rules of it are in `routing.ts`. */
export interface Routing {
  /** All of them, in the order in which tenders are asked to give back. */
  readonly trial: readonly ChannelName[]
  /** Where a tender's money goes when nobody decided otherwise; `original`: as the request says. */
  home(channel: ChannelName): RefundDestination
  /** What gives a tender's money back through its own channel; absent where it was never ours. */
  own(channel: ChannelName): Route | undefined
}

export const routing: Routing = {
  trial: channelName.options.toSorted((one, other) => names.indexOf(one) - names.indexOf(other)),
  home: (channel) => table[channel].home,
  own: (channel) => routes.find((route) => route === channel),
}
