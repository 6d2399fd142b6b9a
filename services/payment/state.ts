import type { ChannelName, ReasonCode, RefundCure, TenderRefund } from '@countermand/contracts'
import type { Action, PendingWhy, RefundCall, Refusal } from './channels/channel.ts'
import type { Posting } from './ledger/posting.ts'

/** What payment knows of one order. Amounts are minor units, times ISO 8601. */
export interface Payment {
  readonly orderId: string
  /** Absent until the order is accepted: a `ForbidRefund` may come before its order. */
  readonly currency: string | undefined
  /** Whose order it is, to ask with the right credentials. Absent: accepted before these were kept. */
  readonly merchantId: string | undefined
  readonly customerId: string | undefined
  /** Which version of the order the tenders are of. */
  readonly version: number
  readonly tenders: readonly Tender[]
  readonly requests: readonly RefundRequest[]
  /** Never shortened; the latest of a request and tender is the one that counts. */
  readonly refunds: readonly Refund[]
  /** What was posted since the state was loaded: the ledger itself only grows, and no decision reads it. */
  readonly newPostings: readonly Posting[]
}

/**
 * Money of a payment that goes back, and not by us: somebody refunded it in the provider's own pages, or its payer's bank claims it. While a
 * dispute is `open`, or once it is `lost`, and for ever after a refund (`done`), so much less is left; one that was `won` gave it back.
 */
export interface Claim {
  /** The provider's own name of it. */
  readonly ref: string
  readonly kind: 'foreign-refund' | 'dispute'
  readonly state: 'done' | 'open' | 'won' | 'lost'
  /** Minor units; nothing where nobody said. */
  readonly amount: number
  /** The shop had said of this money in another way, or a person had: so it counts there, and nothing is gone by it. */
  readonly toldAs?: 'amended' | 'by-hand'
}

export interface Tender {
  readonly tenderId: string
  readonly channel: ChannelName
  readonly paymentRef: string
  /** With whose account it was paid, so that nobody moves it by choosing another; absent: with the merchant's of the day. */
  readonly account: string | undefined
  /** What was taken, or is held. */
  readonly captured: number
  /** It is held, and was not taken. */
  readonly authorized: boolean
  readonly paidAt: string | undefined
  /** What the payment was in all; absent: as much as the tender. */
  readonly paidTotal: number | undefined
  /** What has moved back, less what was reversed. */
  readonly refunded: number
  /** What others gave back of it, or claim. */
  readonly claims: readonly Claim[]
  /** What the shop gave back of it itself, as it said by changes of its order: each, in minor units. */
  readonly released: readonly number[]
}

export type Destination = TenderRefund['destination']
export type OtherDestination = 'store-credit' | 'bank-transfer'

/** A request that was taken back before any money moved: nothing is ever refunded for it. */
export interface ForbiddenRequest {
  readonly requestId: string
  readonly status: 'forbidden'
  readonly forbiddenAt: string
}

export interface AskedRequest {
  readonly requestId: string
  readonly status: 'asked'
  /** The pivot: set with the first intent to call a channel, absent again once every tender has a final no. */
  readonly crossedAt: string | undefined
  /** A channel has accepted a refund of this request once: from then on it goes forward, never back. */
  readonly accepted: boolean
  readonly amount: number
  readonly reason: ReasonCode | undefined
  /** The latest round that was asked for. */
  readonly round: number
  /** The round that still waits for its answer. */
  readonly openRound: number | undefined
  readonly fallback: OtherDestination | 'attention'
  /** A person's decision of this round: what is refused goes there. */
  readonly elsewhere: OtherDestination | undefined
  /** The one tender that this round is about, because its refund was reversed; absent: all of the request's. */
  readonly tenderId: string | undefined
  /** A person has closed it: its channels are watched, and called only for a round that a later decision opens. */
  readonly closed: Closed | undefined
}

export interface Closed {
  readonly at: string
  /** Of which tenders, where a person has decided about some alone: the others go on as policy has it. Absent: of all. */
  readonly tenderIds: readonly string[] | undefined
  /** What a person gave back by hand, in minor units. Without a tender: of what no channel was asked about. */
  readonly settled: readonly { readonly tenderId: string | undefined; readonly amount: number }[]
}

export type RefundRequest = ForbiddenRequest | AskedRequest

export type Progress =
  | { readonly state: 'planned' }
  /** The intent is committed. Not `calling`: the attempts of this round are used up. */
  | {
      readonly state: 'submitted'
      readonly calling: boolean
      /** An attempt may have reached the channel, and its answer is not known. */
      readonly inDoubt: boolean
      /** The channel has it, and has not judged it: it is heard of, and nothing is in doubt. */
      readonly received: boolean
      /** Runs of this round's call that were heard of. */
      readonly attempts: number
      readonly failure: string | undefined
    }
  | { readonly state: 'pending'; readonly waitsFor: WaitsFor }
  /** Until when the channel may take it back; absent: it does not say so. */
  | { readonly state: 'succeeded'; readonly reversibleUntil: string | undefined }
  | { readonly state: 'failed'; readonly failure: string; readonly key: Refusal['key']; readonly cure: RefundCure }
  | { readonly state: 'reversed'; readonly failure: string }

/** What a channel that has taken a refund on waits for; `who`: for somebody outside. */
export type WaitsFor = { readonly why: PendingWhy } | Action

/** One operation with one channel, under one idempotency key for its whole life. */
export interface Refund {
  readonly refundId: string
  /** The same, but for one that an earlier release has planned. */
  readonly idempotencyKey: string
  readonly requestId: string
  readonly tenderId: string
  readonly amount: number
  readonly currency: string
  readonly destination: Destination
  readonly operation: RefundCall['operation']
  /** The round that asked for it last. */
  readonly round: number
  /** Another refund has taken its place. */
  readonly replaced: boolean
  readonly expectedBy: string | undefined
  /** Since when a channel may know of it. */
  readonly firstAskedAt: string | undefined
  /** The provider's own name of it, once it has said one. */
  readonly providerRef: string | undefined
  readonly progress: Progress
}

/** Cash that a carrier has collected: it was told when. Before that, and of a parcel that never arrives, there is none. */
export const isCollected = ({ channel, paidAt }: Pick<Tender, 'channel' | 'paidAt'>): boolean =>
  channel === 'cash-on-delivery' && paidAt !== undefined

/** Nothing of it was taken yet: it is held, or collected when the parcel is delivered. */
export const isNotTaken = (tender: Pick<Tender, 'authorized' | 'channel' | 'paidAt'>): boolean =>
  tender.authorized || (tender.channel === 'cash-on-delivery' && !isCollected(tender))

export const unheard = (orderId: string): Payment => ({
  orderId,
  currency: undefined,
  merchantId: undefined,
  customerId: undefined,
  version: 1,
  tenders: [],
  requests: [],
  refunds: [],
  newPostings: [],
})

export const requestOf = (state: Payment | undefined, requestId: string): RefundRequest | undefined =>
  state?.requests.find((each) => each.requestId === requestId)

export const tenderOf = (state: Payment, tenderId: string): Tender => {
  const tender = state.tenders.find((each) => each.tenderId === tenderId)
  if (tender === undefined) throw new Error(`expected tender ${tenderId} in order ${state.orderId}, got none`)
  return tender
}

/** What is gone of a tender, and not by us. */
export const goneOf = ({ claims }: Tender): number =>
  claims.reduce((sum, { state, amount, toldAs }) => (state === 'won' || toldAs ? sum : sum + amount), 0)

/** What still lies where the tender was paid: all of it but what was given back, or released, there, or is gone. */
export const lyingOf = (state: Payment, tender: Tender): number =>
  state.refunds.reduce((left, { destination, progress, ...refund }) => {
    const isThere = destination === 'original' || destination === 'none'
    return refund.tenderId === tender.tenderId && isThere && progress.state === 'succeeded'
      ? left - refund.amount
      : left
  }, tender.captured - goneOf(tender))

/** The refunds that count for a request: one for each tender that takes part. */
export const currentRefunds = (state: Payment, requestId: string): Refund[] =>
  state.refunds.filter((each) => each.requestId === requestId && !each.replaced)

/** Whether a person has closed what this tender was to give back. */
export const isClosedFor = ({ closed }: AskedRequest, tenderId: string): boolean =>
  closed !== undefined && (closed.tenderIds?.includes(tenderId) ?? true)

/** Whether a person gave back by hand what this tender was to give back. */
export const isSettledByHand = ({ closed }: AskedRequest, tenderId: string): boolean =>
  closed?.settled.some((each) => each.tenderId === tenderId && each.amount > 0) === true

/** Whether its channel has it, and it is waited for. */
export const isTakenOn = (refund: Refund | undefined): boolean =>
  refund?.progress.state === 'pending' || (refund?.progress.state === 'submitted' && refund.progress.received)

/** The refunds that a round is about: what is settled otherwise is not touched by it. */
export const refundsOfRound = (state: Payment, request: AskedRequest): Refund[] =>
  currentRefunds(state, request.requestId)
    .filter((each) => request.tenderId === undefined || each.tenderId === request.tenderId)
    .filter((each) => !isSettledByHand(request, each.tenderId))

/** What a request's refunds still may take of a tender: nobody else plans with it. */
export const reserved = (state: Payment, tenderId: string): number =>
  state.refunds
    .filter((each) => each.tenderId === tenderId && !each.replaced && each.progress.state !== 'succeeded')
    .filter((each) => requestOf(state, each.requestId)?.status !== 'forbidden')
    .reduce((sum, each) => sum + each.amount, 0)

/** A refund as answers and events tell it; a planned one has nothing to tell yet. */
export const told = (state: Payment, refund: Refund): TenderRefund[] => {
  const { progress } = refund
  if (progress.state === 'planned') return []
  const failure = 'failure' in progress ? progress.failure : undefined
  const waitsFor = progress.state === 'pending' ? progress.waitsFor : undefined
  const action = waitsFor !== undefined && 'who' in waitsFor ? waitsFor : undefined
  return [
    {
      tenderId: refund.tenderId,
      channel: tenderOf(state, refund.tenderId).channel,
      amount: refund.amount,
      currency: refund.currency,
      state: action === undefined ? progress.state : 'action-required',
      destination: refund.destination,
      ...(failure !== undefined && { failure }),
      ...(progress.state === 'failed' && { cure: progress.cure }),
      ...(action !== undefined && { action }),
      ...(refund.expectedBy !== undefined && { expectedBy: refund.expectedBy }),
    },
  ]
}

/** The tenders of a request so far, as its answers carry them. */
export const toldTenders = (state: Payment, requestId: string): TenderRefund[] =>
  currentRefunds(state, requestId).flatMap((refund) => told(state, refund))

const reasonOf = (state: Payment, requestId: string): ReasonCode | undefined => {
  const request = requestOf(state, requestId)
  return request?.status === 'asked' ? request.reason : undefined
}

export const callOf = (state: Payment, refund: Refund, account: string): RefundCall => {
  const { paymentRef, captured, paidTotal = captured, paidAt } = tenderOf(state, refund.tenderId)
  const reason = reasonOf(state, refund.requestId)
  return {
    refundId: refund.refundId,
    orderId: state.orderId,
    tenderId: refund.tenderId,
    ...(state.merchantId !== undefined && { merchantId: state.merchantId }),
    ...(state.customerId !== undefined && { customerId: state.customerId }),
    account,
    paymentRef,
    paidTotal,
    ...(paidAt !== undefined && { paidAt }),
    operation: refund.operation,
    amount: refund.amount,
    currency: refund.currency,
    destination: refund.destination,
    round: refund.round,
    ...(reason !== undefined && { reason }),
    idempotencyKey: refund.idempotencyKey,
    ...(refund.firstAskedAt !== undefined && { firstAskedAt: refund.firstAskedAt }),
    ...(refund.providerRef !== undefined && { providerRef: refund.providerRef }),
  }
}
