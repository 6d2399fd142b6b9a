import type {
  ApprovalDecision,
  AttentionReason,
  CancelRequested,
  InputRejection,
  RefusalCode,
  Remedy,
  SagaOutcome,
  SagaStage,
  TenderRefund,
} from '@countermand/contracts'
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow'

/** What a run is started with, told, and asked: the words that intake, the command line and the workflow share. */

export const workflowType = 'cancelOrder'
export const taskQueue = 'cancellations'

/** The memo that keeps a run's {@link Requested.digest}. */
export const digestMemo = 'requestDigest'

/** The type of the failure of a command that does not pass its contract: it was not sent, and never will be. */
export const unsendable = 'Unsendable'

/** The memo that keeps of which request a run is. */
export const requestMemo = 'requestId'

/** Whether steps are tried in the fast lane first. */
export type StepLane = 'slow' | 'adaptive'

export interface SagaInput {
  readonly orderId: string
  readonly requestId: string
  /** Absent in runs from before there was a choice: slow. */
  readonly lane?: StepLane
  /**
   * How the fast lane knows that its time is over: its activity says so. Absent in runs from before, which ask the workflow's clock; when two
   * steps are asked side by side, that may be a moment later in a replay than it was between their answers.
   */
  readonly timedBy?: 'activity'
  /**
   * When answers of the fast lane to what was asked side by side are heard: all at once. Absent in runs from before, which hear each as it
   * comes; a replay hears them in another order.
   */
  readonly heard?: 'together'
  /** Absent: a decision or withdrawal overtook its request, which comes as the signal `requested`. */
  readonly requested?: Requested
  /** How long such a run waits for its request, in ms; absent, in runs from before it was told: a day. */
  readonly patienceMs?: number
}

/** Where on `orders.cancel-requests.v1` a request came from. */
export interface Origin {
  readonly partition: number
  readonly offset: string
}

export interface Requested {
  readonly request: CancelRequested
  /** Tells apart two requests with the same id. */
  readonly digest: string
  readonly origin?: Origin
  /** When the request was published first, ISO 8601. Absent in runs from before it was told. */
  readonly publishedAt?: string
}

/** What a run is started with that begins today. Without a request: it waits for it. */
export const sagaInput = (
  { orderId, requestId }: Pick<SagaInput, 'orderId' | 'requestId'>,
  lane: StepLane,
  requested?: Requested,
  patienceMs?: number,
): SagaInput => ({
  ...{ orderId, requestId, lane, timedBy: 'activity', heard: 'together' },
  ...(requested === undefined ? {} : { requested }),
  ...(patienceMs === undefined ? {} : { patienceMs }),
})

/** An input's identity, at most 200 characters: what it comes to is recorded once. And what it is about; not told by old senders. */
interface Identified {
  readonly inputId: string
  readonly orderId?: string
  readonly requestId?: string
}

export interface Decided extends Identified {
  readonly decision: ApprovalDecision['decision']
  readonly by: string
  readonly message?: string
  /** ISO 8601: when its sender says that it was made. */
  readonly at: string
  /** ISO 8601: when it arrived; not told by old senders: when the saga hears of it. The earlier of both counts against the deadline. */
  readonly arrivedAt?: string
}

export interface Withdrawn extends Identified {
  readonly by: string
}

/** Who gives a word by hand, and whose it is. */
export interface ByHand {
  readonly by: string
  readonly onBehalfOf?: string
}

export const requestedSignal = defineSignal<[Requested]>('requested')
export const decidedSignal = defineSignal<[Decided]>('decided')
export const withdrawnSignal = defineSignal<[Withdrawn]>('withdrawn')

/**
 * Whether an input took effect; `kept`: it will, or the public is told that it does not (`input-rejected`). An update of a run that
 * closes is rejected by Temporal, which means `too-late`.
 */
export type InputAnswer =
  | { readonly accepted: true; readonly kept?: true }
  | { readonly accepted: false; readonly code: InputRejection; readonly message: string }

export type DecideInput = Pick<Decided, 'decision' | 'message'> & ByHand
export type WithdrawInput = ByHand
export interface ResolveInput {
  /** Which of what needs attention; absent: what is shown first. Another than needs it is refused. */
  readonly step?: string
  readonly direction?: 'do' | 'undo'
  readonly round?: number
  readonly decision: Remedy
  readonly to?: 'store-credit' | 'bank-transfer'
  /** With a `skip` of the refund: the tenders that were given back by hand; absent: all that their channels do not give back. */
  readonly settled?: readonly string[]
  readonly by: string
  readonly reason: string
}

export const decideUpdate = defineUpdate<InputAnswer, [DecideInput]>('decide')
export const withdrawUpdate = defineUpdate<InputAnswer, [WithdrawInput]>('withdraw')
export const resolveUpdate = defineUpdate<InputAnswer, [ResolveInput]>('resolve')

/** What holds up a saga that needs attention. */
export interface Attention {
  readonly reason: AttentionReason
  readonly step: string
  readonly direction: 'do' | 'undo'
  readonly round: number
  readonly error: string
  /** ISO 8601. */
  readonly since: string
  readonly remedies: readonly Remedy[]
}

export interface SagaStatus {
  readonly stage: SagaStage
  readonly outcome?: SagaOutcome
  readonly code?: RefusalCode
  /** In words; absent: it is not waiting. */
  readonly waitingFor?: string
  /** ISO 8601: since when it waits. */
  readonly since?: string
  readonly attention?: Attention
  /** All that needs attention, where it is more than one step. */
  readonly parked?: readonly Attention[]
  readonly refunds?: readonly TenderRefund[]
}

export const statusQuery = defineQuery<SagaStatus>('status')

/** What a run returns. Without an outcome: the request never came, its id belongs to another one, or nobody can read what it was started with. */
export interface SagaResult {
  readonly outcome?: SagaOutcome
  readonly code?: RefusalCode
  /** Where it stopped. */
  readonly stage: SagaStage
  readonly refunds?: readonly TenderRefund[]
  readonly rejected?: 'unknown-request' | 'request-id-reused' | 'unreadable-input'
}
