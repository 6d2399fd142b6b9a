import type { RefundDestination } from '@countermand/contracts'

/** One refund, as a channel is asked for it. */
export interface RefundCall {
  readonly orderId: string
  readonly tenderId: string
  readonly paymentRef: string
  /** Minor units. */
  readonly amount: number
  /** ISO 4217. */
  readonly currency: string
  readonly destination: RefundDestination
  /** The round of the command that this call serves. */
  readonly round: number
  /** The same for the whole life of the refund: a channel does the work once for each key. */
  readonly idempotencyKey: string
}

/** What a channel says of a refund. A technical failure is thrown instead: see {@link ChannelError}. */
export type RefundResult =
  /** `reversible`: the channel may still take it back, so it is looked at again. */
  | { readonly outcome: 'succeeded'; readonly reversible: boolean }
  /** Accepted; what comes of it is asked by `status`. */
  | { readonly outcome: 'pending' }
  /** A final no: no money moved, and none will. */
  | { readonly outcome: 'refused'; readonly reason: string }
  /** No money moved, and this key never will move any: it takes a new one. */
  | { readonly outcome: 'key-dead'; readonly reason: string }
  /** It succeeded, and the money came back afterwards. */
  | { readonly outcome: 'reversed'; readonly reason: string }

/** What the customer and the poller may count on. */
export interface Terms {
  /** When the customer should see the money of a refund made at `now`; both ISO 8601. */
  expectedBy(now: string): string
  /** Milliseconds to wait before the `attempt`-th look at a refund, from 1. */
  pollAfterMs(attempt: number): number
  /** The ledger's row is the money's move: what has none has not moved, whatever its calls came to. */
  readonly heldByLedger?: true
}

export interface Channel extends Terms {
  /** Gives money back. The same key with the same parameters does nothing again and says how that refund is. Throws {@link ChannelError}. */
  refund(call: RefundCall): Promise<RefundResult>
  /** How a refund is that was asked for before. Throws when it cannot be learned. */
  status(call: RefundCall): Promise<RefundResult>
}

/** What channels are opened with. */
export interface Outside {
  /** The sandbox's own book. */
  readonly sandbox: Pick<Channel, 'refund' | 'status'>
}

type Open = (outside: Outside) => Channel

/** A channel that orders are paid with. */
export type TenderKind =
  /**
   * `home`: where its money goes when nobody decided otherwise. `original`: back through this channel, unless the customer asked for
   * store credit; anything else, always there.
   */
  | { readonly home: Exclude<RefundDestination, 'none'>; readonly open: Open }
  /** The money was never ours: nobody is called, and none moves. */
  | { readonly home: 'none'; readonly open?: never }

/** What no order is paid with: money goes there only when a person or a policy says so. */
export interface ElsewhereKind {
  readonly home?: never
  readonly open: Open
}

/** How far a call that failed had come. Any other error that a channel throws counts as `unknown`. */
export type Reached = 'before-anything' | 'unknown'

/** A technical failure of a channel. */
export class ChannelError extends Error {
  override readonly name = 'ChannelError'
  readonly reached: Reached

  constructor(message: string, reached: Reached, options?: ErrorOptions) {
    super(message, options)
    this.reached = reached
  }
}

export const day = 86_400_000

/** ISO 8601 → ISO 8601, so many milliseconds later. */
export const later = (now: string, milliseconds: number): string =>
  new Date(Date.parse(now) + milliseconds).toISOString()
