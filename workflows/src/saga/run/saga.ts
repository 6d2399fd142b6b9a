import type {
  Answer,
  CancelRequested,
  InputRejection,
  RecordedTurn,
  Resolution,
  SagaStage,
  SettledByHand,
  StepRound,
  TenderRefund,
} from '@countermand/contracts'
import { patched } from '@temporalio/workflow'
import type { OwnData } from '../../protocol/commands.ts'
import type {
  Attention,
  ByHand,
  Decided,
  InputAnswer,
  Requested,
  SagaInput,
  SagaResult,
  SagaStatus,
} from '../../protocol/inputs.ts'
import type { News } from '../../protocol/news.ts'
import { type Asker, openAsker } from '../ask/lane.ts'
import { opensRound } from '../ask/rounds.ts'

/** Why, and from where, a saga turns back. */
export type Turn = RecordedTurn

/** Somebody wants the saga to turn back: the payment service decides whether there still is a way. */
export interface TurnRequest {
  readonly turn: Turn
  decided: 'not-yet' | 'turned' | 'too-late'
}

/** A merchant's decision that waits for the gate. */
export interface HeldDecision {
  /** Whoever publishes an event may write any name into it; who decides by hand has been let into Temporal. */
  readonly byEvent: boolean
  readonly decided: Decided & Required<Pick<Decided, 'arrivedAt'>> & Pick<ByHand, 'onBehalfOf'>
  /** Nobody waits for its answer: if it does not count, that is told in public. */
  kept: boolean
  answer: InputAnswer | undefined
}

/** A step that waits for a person. */
export interface Parked {
  attention: Attention
  /** In words, e.g. `Refund 33.51 EUR`. */
  readonly what: string
  /** The step of its service that it is about, as news names it. */
  readonly about: string
  /** What a `skip` says was given back by hand, where it is known beforehand. */
  readonly settles?: readonly SettledByHand[] | undefined
  resolution: Resolution | undefined
  answer: InputAnswer | undefined
}

/** What the saga waits for, in words, and since when (ISO 8601). */
export interface Wait {
  readonly for: string
  readonly since: string
}

/** Everything that one run knows. Services know better: no road back trusts it. */
export interface Saga extends Asker {
  requested: Requested | undefined
  /** How long it waits for its request, in ms. */
  readonly patienceMs: number | undefined
  held: Answer<'CancellationBegun'> | undefined
  stage: SagaStage
  /** When this run began, and when it came to its stage: ms since the epoch. */
  readonly startedAt: number
  stageSince: number
  /** Steps 3 and 4 may wait side by side. */
  waits: readonly Wait[]
  turning: Turn | undefined
  readonly turns: TurnRequest[]
  gate: 'ahead' | 'open' | 'passed'
  readonly decisions: HeldDecision[]
  /** Every input of this run by its id, with its answer. */
  readonly heard: Map<string, Promise<InputAnswer>>
  /** How many inputs of askers are not decided yet, whether or not they still wait. */
  undecided: number
  readonly parked: Parked[]
  /** What has come for steps that may be parked, by what it is about. */
  readonly news: Map<string, News>
  /** What people decided about this saga, in earlier runs too. */
  resolutions: Resolution[]
  /** The decisions that this run has told the service that they are about, by what names them. */
  readonly told: Set<string>
  refunds: readonly TenderRefund[]
  /** Payment said so; before it does, only payment knows. */
  moneyMoved: boolean
  /** What was done, and what was taken back, in words. */
  readonly done: string[]
  readonly undone: string[]
  ended: SagaResult | undefined
}

export const openSaga = (input: SagaInput): Saga => ({
  ...openAsker(input),
  requested: input.requested,
  patienceMs: input.patienceMs,
  held: undefined,
  stage: 'requested',
  startedAt: Date.now(),
  stageSince: Date.now(),
  waits: [],
  turning: undefined,
  turns: [],
  gate: 'ahead',
  decisions: [],
  heard: new Map(),
  undecided: 0,
  parked: [],
  news: new Map(),
  resolutions: [],
  told: new Set(),
  refunds: [],
  moneyMoved: false,
  done: [],
  undone: [],
  ended: undefined,
})

/** The request. Throws while it has not come, which the saga waits for before anything else. */
export const requestOf = (saga: Saga): CancelRequested => {
  if (saga.requested === undefined) throw new Error(`expected request ${saga.requestId} to have come, it has not`)
  return saga.requested.request
}

/** What the order service said when it held the order. Throws before that. */
export const heldOrder = (saga: Saga): Answer<'CancellationBegun'> => {
  if (saga.held === undefined) throw new Error(`expected order ${saga.orderId} to be held, it is not`)
  return saga.held
}

/** Which version of the order was held: those who have not heard of it yet wait for it. */
export const versionOf = (saga: Saga): { readonly orderVersion?: number } => {
  const { orderVersion } = heldOrder(saga)
  return orderVersion === undefined ? {} : { orderVersion }
}

/** Why, and from where, the saga is on its way back. Throws when it is not. */
export const turnOf = (saga: Saga): Turn => {
  if (saga.turning === undefined) throw new Error(`expected saga ${saga.requestId} to be on its way back, it is not`)
  return saga.turning
}

/** A person lets the saga go on without its refund, which is settled elsewhere from then on: there is no way back either. */
export const refundSkipped = ({ resolutions }: Saga): boolean =>
  resolutions.some(({ step, decision }) => step === 'refund' && decision === 'skip')

/**
 * Where a person sent the refund. It belongs to the round that their decision opened: a later retry looks where the money is, unless payment
 * never heard of that round (`chosen`).
 */
export const destinationOf = ({ resolutions }: Saga): Pick<OwnData<'RefundOrder'>, 'elsewhere' | 'chosen'> => {
  const opened = resolutions.filter((each) => opensRound(each, 'refund', 'do'))
  const last = opened.findLastIndex(({ to }) => to !== undefined)
  const to = opened[last]?.to
  if (to === undefined) return {}
  return last === opened.length - 1 ? { elsewhere: to } : { chosen: { round: last + 2, to } }
}

/** Runs from before there was `CloseRound` ask the step again, and hear what they heard. */
export const roundsAreClosed = (): boolean => patched('rounds-are-closed')

/** Why the saga can only go forward, in words. */
export const forwardOnlyBecause = (saga: Saga): string =>
  `${refundSkipped(saga) ? 'the refund is settled elsewhere' : 'money has moved'}: there is no way back`

/**
 * What a person is to decide about next. Several parked steps are resolved in their order; one that is to be undone waits for
 * payment's word, which may need a person itself.
 */
export const inNeed = ({ parked }: Saga): Parked | undefined =>
  parked.find(({ resolution }) => resolution?.decision !== 'undo') ?? parked[0]

/** What a decision is about: the step that it names, or what is to be decided next; `undefined`: nothing of that needs one. */
export const meantBy = (saga: Saga, { step, direction, round }: Partial<StepRound>): Parked | undefined =>
  step === undefined
    ? inNeed(saga)
    : saga.parked.find(
        ({ attention }) =>
          attention.step === step &&
          (direction ?? attention.direction) === attention.direction &&
          (round ?? attention.round) === attention.round,
      )

export const status = (saga: Saga): SagaStatus => {
  const attention = inNeed(saga)?.attention
  const wait = saga.waits[0]
  return {
    stage: saga.stage,
    ...(saga.ended?.outcome === undefined ? {} : { outcome: saga.ended.outcome }),
    ...(saga.ended?.code === undefined ? {} : { code: saga.ended.code }),
    ...(wait === undefined ? {} : { waitingFor: saga.waits.map((each) => each.for).join('; '), since: wait.since }),
    ...(attention === undefined ? {} : { attention }),
    ...(saga.parked.length < 2 ? {} : { parked: saga.parked.map((each) => each.attention) }),
    ...(saga.refunds.length === 0 ? {} : { refunds: saga.refunds }),
  }
}

/** Why an input changes nothing any more; `undefined`: it still may. */
export const overBecause = (saga: Saga): { readonly code: InputRejection; readonly message: string } | undefined => {
  if (saga.ended?.rejected === 'unknown-request')
    return { code: 'unknown-request', message: `no request ${saga.requestId} came` }
  if (saga.turning === undefined && saga.ended === undefined) return undefined
  return { code: 'too-late', message: 'the cancellation has turned back or ended' }
}

export const refusedInput = (code: InputRejection, message: string): InputAnswer => ({ accepted: false, code, message })
