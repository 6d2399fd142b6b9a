import type { ChannelName, TenderRefund } from '@countermand/contracts'
import type { RefundCall } from './channels/channel.ts'

/** What payment knows of one order. Amounts are minor units, times ISO 8601. */
export interface Payment {
  readonly orderId: string
  /** Absent until the order is accepted: a `ForbidRefund` may come before its order. */
  readonly currency: string | undefined
  readonly tenders: readonly Tender[]
  readonly requests: readonly RefundRequest[]
  /** Never shortened; the latest of a request and tender is the one that counts. */
  readonly refunds: readonly Refund[]
  /** Ledger entries made since the state was loaded: the ledger itself only grows, and no decision reads it. */
  readonly newEntries: readonly LedgerEntry[]
}

export interface Tender {
  readonly tenderId: string
  readonly channel: ChannelName
  readonly paymentRef: string
  readonly captured: number
  /** What has moved back, less what was reversed. */
  readonly refunded: number
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
      /** Runs of this round's call that were heard of. */
      readonly attempts: number
      readonly failure: string | undefined
    }
  | { readonly state: 'pending' }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly failure: string }
  | { readonly state: 'reversed'; readonly failure: string }

/** One operation with one channel, under one idempotency key for its whole life. */
export interface Refund {
  readonly refundId: string
  readonly idempotencyKey: string
  readonly requestId: string
  readonly tenderId: string
  readonly amount: number
  readonly currency: string
  readonly destination: Destination
  /** The round that asked for it last. */
  readonly round: number
  /** Another refund has taken its place. */
  readonly replaced: boolean
  readonly expectedBy: string | undefined
  readonly progress: Progress
}

export interface LedgerEntry {
  readonly entryId: string
  readonly tenderId: string
  readonly requestId: string | undefined
  readonly refundId: string | undefined
  readonly kind: 'capture' | 'refund' | 'reversal'
  readonly amount: number
  readonly destination: Destination | undefined
  readonly at: string
}

export const unheard = (orderId: string): Payment => ({
  orderId,
  currency: undefined,
  tenders: [],
  requests: [],
  refunds: [],
  newEntries: [],
})

export const requestOf = (state: Payment | undefined, requestId: string): RefundRequest | undefined =>
  state?.requests.find((each) => each.requestId === requestId)

export const tenderOf = (state: Payment, tenderId: string): Tender => {
  const tender = state.tenders.find((each) => each.tenderId === tenderId)
  if (tender === undefined) throw new Error(`expected tender ${tenderId} in order ${state.orderId}, got none`)
  return tender
}

/** The refunds that count for a request: one for each tender that takes part. */
export const currentRefunds = (state: Payment, requestId: string): Refund[] =>
  state.refunds.filter((each) => each.requestId === requestId && !each.replaced)

/** Whether a person has closed what this tender was to give back. */
export const isClosedFor = ({ closed }: AskedRequest, tenderId: string): boolean =>
  closed !== undefined && (closed.tenderIds?.includes(tenderId) ?? true)

/** Whether a person gave back by hand what this tender was to give back. */
export const isSettledByHand = ({ closed }: AskedRequest, tenderId: string): boolean =>
  closed?.settled.some((each) => each.tenderId === tenderId && each.amount > 0) === true

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
  return [
    {
      tenderId: refund.tenderId,
      channel: tenderOf(state, refund.tenderId).channel,
      amount: refund.amount,
      currency: refund.currency,
      state: progress.state,
      destination: refund.destination,
      ...(failure !== undefined && { failure }),
      ...(refund.expectedBy !== undefined && { expectedBy: refund.expectedBy }),
    },
  ]
}

/** The tenders of a request so far, as its answers carry them. */
export const toldTenders = (state: Payment, requestId: string): TenderRefund[] =>
  currentRefunds(state, requestId).flatMap((refund) => told(state, refund))

export const callOf = (state: Payment, refund: Refund): RefundCall => ({
  orderId: state.orderId,
  tenderId: refund.tenderId,
  paymentRef: tenderOf(state, refund.tenderId).paymentRef,
  amount: refund.amount,
  currency: refund.currency,
  destination: refund.destination,
  round: refund.round,
  idempotencyKey: refund.idempotencyKey,
})
