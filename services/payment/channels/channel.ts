import type { ReasonCode, RefundCure, RefundDestination } from '@countermand/contracts'
import type { AccountKind } from '@countermand/providers/account.ts'
import type { Accounts } from '@countermand/providers/accounts.ts'
import type { Http } from '@countermand/providers/http.ts'

/** One refund, as a channel is asked for it. */
export interface RefundCall {
  /** `ref_` and 24 hexadecimal digits: what a provider is given as our reference, whatever ids the order has. */
  readonly refundId: string
  readonly orderId: string
  readonly tenderId: string
  /** Absent: the order was accepted before this was kept. */
  readonly merchantId?: string
  readonly customerId?: string
  /** Whose credentials it is asked with. */
  readonly account: string
  readonly paymentRef: string
  /** What the customer paid with this payment, of which this may be a part; minor units. */
  readonly paidTotal: number
  /** ISO 8601: when the customer paid, where it was told. */
  readonly paidAt?: string
  /** `void`: the whole payment is held, and not taken. One that was taken meanwhile is refunded, as its provider's answer says. */
  readonly operation: 'refund' | 'void'
  /** Minor units. */
  readonly amount: number
  /** ISO 4217. */
  readonly currency: string
  readonly destination: RefundDestination
  /** The round of the command that this call serves. */
  readonly round: number
  /** Why the order is cancelled, where it was told. */
  readonly reason?: ReasonCode
  /**
   * The same for the whole life of the refund: a channel does the work once for each key. It is the refund's id, but for one that was
   * planned by an earlier release: that keeps the key it may have been asked with.
   */
  readonly idempotencyKey: string
  /** ISO 8601: since when a channel may know of this refund. Absent: since before this was kept. */
  readonly firstAskedAt?: string
  /** The provider's own name of this refund, once it has said one. */
  readonly providerRef?: string
}

/**
 * What stays the same for the whole life of a key, in every round and after everything that is learned meanwhile: providers take a key
 * again only with the same content, so that a request is made of this alone.
 */
export type Content = Omit<RefundCall, 'round' | 'providerRef' | 'firstAskedAt' | 'paidAt' | 'paidTotal' | 'account'>

/** What a channel is asked under: a void is another operation than a refund, and one may have to follow the other. */
export const keyOf = ({ idempotencyKey, operation }: RefundCall): string =>
  operation === 'void' ? `${idempotencyKey}-v` : idempotencyKey

/** Why a refund that was taken on is not done yet. */
export type PendingWhy = 'processing' | 'no-funds' | 'charge-pending' | 'review'

/** What somebody has to do outside before a refund goes on. */
export interface Action {
  readonly who: 'customer' | 'merchant'
  readonly what: string
}

/** A final no. */
export interface Refusal {
  readonly reason: string
  /** `alive`: the same key may be asked with again, once its cause is cured; `dead`: it will only say no again. */
  readonly key: 'alive' | 'dead'
  /** What would help: money at the merchant, time, another destination, the end of a dispute. */
  readonly cure: RefundCure
}

/** What a channel says of a refund. A technical failure is thrown instead: see {@link ChannelError}. `providerRef`: its own name of it. */
export type RefundResult =
  /** `reversibleUntil` (ISO 8601): the channel may still take it back, so it is looked at again until then. */
  | { readonly outcome: 'succeeded'; readonly providerRef: string; readonly reversibleUntil?: string }
  /** Taken in, and not judged: a no that follows is one before anything was accepted. */
  | { readonly outcome: 'received'; readonly providerRef?: string }
  /** Accepted; what comes of it is asked by `status`. */
  | { readonly outcome: 'pending'; readonly providerRef?: string; readonly why: PendingWhy }
  /** Accepted, and it goes on when somebody has done something. */
  | ({ readonly outcome: 'action-required'; readonly providerRef?: string } & Action)
  /**
   * No money moved, and none will. `unsure`: the provider did not sign the no, or says that of an earlier call of ours too ("it was
   * refunded already"): it is believed when a look finds nothing.
   */
  | ({ readonly outcome: 'refused'; readonly unsure?: true } & Refusal)
  /** No money moved, no decision was made, and this key never will move any: it takes a new one. */
  | { readonly outcome: 'key-dead'; readonly reason: string }
  /** The payment was never taken, or is not any more: there is nothing to give back. */
  | { readonly outcome: 'nothing-captured'; readonly reason: string }
  /** It succeeded, and the money came back afterwards. */
  | { readonly outcome: 'reversed'; readonly reason: string }

/** What `status` says: how a refund is, or that the channel, asked in a way that can be believed, does not know of it. */
export type StatusResult = RefundResult | { readonly outcome: 'absent' }

/** What a provider's rules are. Payment keeps them for all channels, so that no channel has to. */
export interface ChannelFacts {
  /** For how long, in milliseconds, the same key is the same refund. Infinite: for ever. */
  readonly keyLifeMs: number
  /** What a channel is operated with that has no key: such a call is made again only after a look. */
  readonly keyless?: readonly RefundCall['operation'][]
  /** By what it can be asked how a refund is; `never`: it tells by itself. */
  readonly asks: 'our-key' | 'provider-ref' | 'never'
  /** Milliseconds between two refunds of one payment. */
  readonly spacingMs: number
  /** After so many days a payment is not given back any more. */
  readonly windowDays?: number
  /** So many refunds a payment can have. */
  readonly maxPartials?: number
}

/** Of a channel that forgets no key and has no limits. */
export const withoutLimits: ChannelFacts = { keyLifeMs: Number.POSITIVE_INFINITY, asks: 'our-key', spacingMs: 0 }

/** From a moment on, and before another; ISO 8601. */
export interface Span {
  readonly from: string
  readonly to: string
}

/** A refund as its provider lists it. */
export interface ListedRefund {
  readonly kind: 'refund'
  /** The provider's own name of it. */
  readonly providerRef: string
  /** What it was asked for under, as the provider has kept it; absent: by nobody here. */
  readonly askedAs?: string
  /** Every name that the provider has for its payment. */
  readonly paymentRefs: readonly string[]
  /** Minor units. */
  readonly amount: number
  readonly currency: string
  /** `failed`: no money moved, or it came back. */
  readonly state: 'pending' | 'succeeded' | 'failed'
  /** ISO 8601: since when the provider has it. */
  readonly at: string
}

/** What a provider has taken for itself, in minor units; negative: it gave some back. */
export interface ListedFee {
  readonly kind: 'fee'
  readonly providerRef: string
  readonly amount: number
  readonly currency: string
  readonly at: string
}

/** How far a list reaches: what its provider has done from then on it may not have yet. Absent: it has all of the time of asking. */
export interface ListedUntil {
  readonly kind: 'until'
  readonly at: string
}

export type Listed = ListedRefund | ListedFee | ListedUntil

/** What a provider says by itself of a refund of ours. `reason`: its own words. */
export interface News {
  readonly outcome: 'succeeded' | 'refused' | 'reversed'
  readonly reason?: string
  readonly providerRef?: string
  /** ISO 8601: by its clock. */
  readonly at: string
}

/** What the customer and the poller may count on. */
export interface Terms {
  /** What payment keeps for it. */
  readonly facts: ChannelFacts
  /** When the customer should see the money of a refund made at `now`; both ISO 8601. */
  expectedBy(now: string): string
  /** Milliseconds to wait before the `attempt`-th look at a refund, from 1. */
  pollAfterMs(attempt: number): number
  /** What its provider's own word means, of one that cannot be asked. Pure. Absent: its word is a reason to look. */
  hear?(news: News): RefundResult
  /** The ledger's row is the money's move: what has none has not moved, whatever its calls came to. */
  readonly heldByLedger?: true
}

export interface Channel extends Terms {
  /** Gives money back. The same key with the same parameters does nothing again and says how that refund is. Throws {@link ChannelError}. */
  refund(call: RefundCall): Promise<RefundResult>
  /** How a refund is that was asked for before. Throws when it cannot be learned. */
  status(call: RefundCall): Promise<StatusResult>
  /**
   * What has moved with an account in a span of time, each once, in no order; a release of what was only held has moved nothing. Absent: its
   * provider cannot say. Throws when it cannot be learned, or is more than anybody would wait for.
   */
  list?(account: string, span: Span): AsyncIterable<Listed>
}

/** Whether money can be put on gift cards. */
export interface GiftCards {
  /** Absent: nobody said anything of it. */
  statusOf(giftCardId: string): Promise<'active' | 'expired' | 'deactivated' | undefined>
}

/** A transfer from the shop's bank, as far as it is known. */
export interface BankTransfer {
  readonly refundId: string
  readonly amount: number
  readonly currency: string
  readonly state: 'due' | 'batched' | 'sent' | 'booked' | 'rejected' | 'returned'
  readonly reason: string | undefined
  /** ISO 8601: since when it is so. */
  readonly changedAt: string
}

/** Where transfers wait until a file takes them. */
export interface BankDesk {
  /** Wants a transfer, once for each refund, and says how it is. */
  want(call: RefundCall): Promise<BankTransfer>
  /** `undefined`: nobody wanted it. */
  find(refundId: string): Promise<BankTransfer | undefined>
}

/** What channels are opened with. */
export interface Outside {
  /** The sandbox's own book. */
  readonly sandbox: Pick<Channel, 'refund' | 'status' | 'list'>
  /** Where transfers wait for a file; absent: a sandbox bank makes them. */
  readonly bank?: BankDesk
  /** What was said of gift cards; absent: all are active. */
  readonly giftCards?: GiftCards
  /** The credentials of providers; absent: there are none. */
  readonly accounts?: Pick<Accounts, 'find'>
  /** The way to providers; absent: nobody is called. */
  readonly http?: Pick<Http, 'call'>
}

type Open = (outside: Outside) => Channel

/** A channel that orders are paid with. `account`: what it needs of the accounts at the provider that bears its name. */
export type TenderKind =
  /**
   * `home`: where its money goes when nobody decided otherwise. `original`: back through this channel, unless the customer asked for
   * store credit; anything else, always there.
   */
  | { readonly home: Exclude<RefundDestination, 'none'>; readonly open: Open; readonly account?: AccountKind }
  /** The money was never ours: nobody is called, and none moves. */
  | { readonly home: 'none'; readonly open?: never; readonly account?: never }

/** What no order is paid with: money goes there only when a person or a policy says so. */
export interface ElsewhereKind {
  readonly home?: never
  readonly open: Open
  readonly account?: never
}

/** How far a call that failed had come. Any other error that a channel throws counts as `unknown`. */
export type Reached = 'before-anything' | 'unknown'

/**
 * What kind of failure a call met that no further attempt by itself mends. `setup`: it is not configured, or its credentials are not
 * taken: a person has to see to it. `outage`: its provider is known to be away, so that nobody was called.
 */
export type Trouble = 'setup' | 'outage'

/** What is known of a failure beside its words. */
export interface FailureFacts {
  readonly trouble?: Trouble
  /** Its channel was asked whether it knows of the refund, and does not: nothing is in doubt. */
  readonly absent?: true
  /**
   * Its channel has failed, and keeps that answer: it gives the same one to the same key for ever. `absent`: a look after it has found
   * nothing, which is believed the second time.
   */
  readonly kept?: 'failure' | 'absent'
  /** Milliseconds: before that the provider wants no other call. */
  readonly retryAfterMs?: number
}

/** A technical failure of a channel. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError'
  readonly reached: Reached
  readonly facts: FailureFacts

  constructor(message: string, reached: Reached, { cause, ...facts }: ErrorOptions & FailureFacts = {}) {
    super(message, cause === undefined ? {} : { cause })
    this.reached = reached
    this.facts = facts
  }
}

export const day = 86_400_000

/** ISO 8601 → ISO 8601, so many milliseconds later. */
export const later = (now: string, milliseconds: number): string =>
  new Date(Date.parse(now) + milliseconds).toISOString()
