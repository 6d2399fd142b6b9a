import type {
  Answer,
  AnswerName,
  AttentionReason,
  CommandName,
  Remedy,
  Resolution,
  SettledByHand,
} from '@countermand/contracts'
import { said } from '@countermand/contracts/text.ts'
import { condition } from '@temporalio/workflow'
import { type Call, commandSteps, roundOf, stepOfCall } from '../../protocol/commands.ts'
import type { Attention, ResolveInput } from '../../protocol/inputs.ts'
import { record } from './records.ts'
import { forwardOnlyBecause, inNeed, meantBy, type Parked, refundSkipped, refusedInput, type Saga } from './saga.ts'
import { checkSettled, settledBy } from './settled-by-hand.ts'
import { show } from './show.ts'
import { askToTurn } from './turns.ts'

/** Why a step cannot go on without a person. */
export interface Trouble {
  readonly reason: AttentionReason
  readonly error: string
  /** Whether money may have moved without anybody knowing. */
  readonly moneyInDoubt: boolean
  /** What may be decided; absent: as for any step. */
  readonly remedies?: readonly Remedy[]
  /** Which decision is wanted, when it is about no step of the cancellation itself. */
  readonly named?: { readonly step: string; readonly round: number }
  /** What a `skip` says was given back by hand; absent: what is known of the tenders then says it. */
  readonly settles?: readonly SettledByHand[]
}

/** Answers that are no end of a step. */
export type TroubleName = 'StepFailed' | 'CommandRejected' | 'RefundStuck' | 'StepPending' | 'Undone'

const trouble = (reason: AttentionReason, error: string, moneyInDoubt = false): Trouble => ({
  reason,
  error: said(error),
  moneyInDoubt,
})

/** What is wrong with an answer; `undefined`: it is an end of the step. */
export const troubleWith = (command: CommandName, answer: Answer): Trouble | undefined => {
  const failed = commandSteps[command].direction === 'do' ? 'step-failed' : 'undo-failed'
  switch (answer.type) {
    case 'StepFailed':
      return trouble(
        answer.moneyInDoubt ? 'refund-in-doubt' : failed,
        `${answer.error} (after ${answer.attempts} attempts)`,
        answer.moneyInDoubt,
      )
    case 'CommandRejected':
      return trouble(failed, `the command could not be read: ${answer.reason} (dead letter ${answer.deadLetterId})`)
    case 'RefundStuck':
      return trouble(answer.reason, answer.message, answer.reason === 'refund-overdue')
    case 'Undone':
      return trouble(failed, 'the step was taken back in this round, but money has moved: it has to be done again')
    default:
      return undefined
  }
}

/** Whether an answer ends its step. */
export const isFinal = <Given extends Answer>(answer: Given): answer is Exclude<Given, Answer<TroubleName>> =>
  !(['StepFailed', 'CommandRejected', 'RefundStuck', 'StepPending', 'Undone'] satisfies TroubleName[]).some(
    (name: AnswerName) => name === answer.type,
  )

/** What a person may decide about it. Only payment knows where the pivot is: an `undo` is asked of it, and may be told no. */
const remediesFor = (saga: Saga, command: CommandName, { moneyInDoubt }: Trouble): Remedy[] => {
  const { direction, skippable } = commandSteps[command]
  const afterPivot = saga.moneyMoved || moneyInDoubt || refundSkipped(saga)
  return [
    'retry',
    ...(skippable ? (['skip'] as const) : []),
    ...(command === 'RefundOrder' && !moneyInDoubt ? (['refund-elsewhere'] as const) : []),
    ...(direction === 'do' && !afterPivot ? (['undo'] as const) : []),
  ]
}

const remediesNow = (saga: Saga, call: Call<CommandName>, found: Trouble): readonly Remedy[] =>
  found.remedies ?? remediesFor(saga, call.command, found)

const describeParked = (saga: Saga, call: Call<CommandName>, found: Trouble): Parked => ({
  attention: {
    reason: found.reason,
    step: stepOfCall(call),
    direction: commandSteps[call.command].direction,
    round: roundOf(saga.resolutions, call.command),
    ...found.named,
    error: said(found.error),
    since: new Date().toISOString(),
    remedies: remediesNow(saga, call, found),
  },
  what: call.summary,
  settles: found.settles,
  resolution: undefined,
  answer: undefined,
})

export const at = ({ step, direction, round }: Pick<Attention, 'step' | 'direction' | 'round'>) =>
  `${step}-${direction}-${round}`

const decidedAlready = (saga: Saga, attention: Attention): Resolution[] =>
  saga.resolutions.filter((each) => at(each) === at(attention))

/** Waits for a person's decision and has it recorded before it is acted on. */
const nextResolution = async (saga: Saga, parked: Parked): Promise<Resolution> => {
  await condition(() => parked.resolution !== undefined)
  const { resolution } = parked
  if (resolution === undefined) throw new Error(`expected a resolution of ${at(parked.attention)}`)
  const count = decidedAlready(saga, parked.attention).length + 1
  await record(saga, `resolved.${at(parked.attention)}.${count}`, { what: 'resolved', ...resolution })
  saga.resolutions = [...saga.resolutions, resolution]
  return resolution
}

/** What the public hears of it. Who decided, and why, is recorded, and nobody else's business. */
const undone = { outcome: 'compensated', code: 'turned-back-by-operator', by: 'operator' } as const

/** True when the saga goes on with this decision; an `undo` that comes too late leaves it parked. */
const takesEffect = async (saga: Saga, { decision }: Resolution): Promise<boolean> =>
  decision !== 'undo' || (await askToTurn(saga, undone))

/**
 * Parks a step until a person has decided, and returns what: `retry`, `refund-elsewhere` or `skip`. A decision that an
 * earlier run recorded is not asked for again. Several parked steps are resolved in their order.
 */
export const park = async (saga: Saga, call: Call<CommandName>, found: Trouble): Promise<Resolution> => {
  const parked = describeParked(saga, call, found)
  const { attention } = parked
  for (const earlier of decidedAlready(saga, attention)) if (await takesEffect(saga, earlier)) return earlier
  saga.parked.push(parked)
  show(saga)
  try {
    const { reason, error, since, remedies } = attention
    const what = 'needs-attention'
    await record(saga, `attention.${at(attention)}`, {
      what,
      stage: saga.stage,
      reason,
      error,
      since,
      remedies: [...remedies],
    })
    for (;;) {
      const resolution = await nextResolution(saga, parked)
      const effective = await takesEffect(saga, resolution)
      parked.answer = effective ? { accepted: true } : refusedInput('too-late', forwardOnlyBecause(saga))
      if (effective) return resolution
      parked.resolution = undefined
      parked.attention = { ...attention, remedies: remediesNow(saga, call, found) }
      show(saga)
    }
  } finally {
    saga.parked.splice(saga.parked.indexOf(parked), 1)
    show(saga)
  }
}

/** This run's decisions after those that earlier runs recorded. */
export const takeUp = (saga: Saga, recorded: readonly Resolution[]): void => {
  const known = (mine: Resolution) => recorded.some((each) => at(each) === at(mine) && each.at === mine.at)
  saga.resolutions = [...recorded, ...saga.resolutions.filter((mine) => !known(mine))]
}

const others = (saga: Saga): string => saga.parked.map(({ attention }) => at(attention)).join(', ')

const parkedFor = (saga: Saga, input: ResolveInput): Parked => {
  if (inNeed(saga) === undefined) throw new Error(`expected a saga that needs attention, ${saga.requestId} does not`)
  const parked = meantBy(saga, input)
  if (parked !== undefined) return parked
  const meant = [input.step, input.direction, input.round].filter((each) => each !== undefined).join('-')
  throw new Error(
    `expected a decision about what needs attention (${others(saga)}), got one about ${meant}: look again`,
  )
}

/** Checks an operator's decision against what is parked. Throws what is wrong with it. */
export const checkResolution = (saga: Saga, input: ResolveInput): void => {
  const parked = parkedFor(saga, input)
  if (parked.resolution !== undefined)
    throw new Error(`${saga.requestId} is being resolved by ${parked.resolution.by} already`)
  const { step, remedies } = parked.attention
  if (!remedies.includes(input.decision))
    throw new Error(`expected one of ${remedies.join(', ')} for ${step}, got ${input.decision}`)
  if ((input.decision === 'refund-elsewhere') !== (input.to !== undefined))
    throw new Error('expected a destination (`to`) with refund-elsewhere, and with nothing else')
  checkSettled(saga, parked, input)
}

export const resolutionOf = (saga: Saga, parked: Parked, input: ResolveInput): Resolution => {
  const { step, direction, round } = parked.attention
  const { decision, to, by, reason } = input
  const settled = settledBy(saga, parked, input)
  return {
    ...{ step, direction, round, decision },
    ...(to === undefined ? {} : { to }),
    ...(settled === undefined ? {} : { settled }),
    ...{ by, reason, at: new Date().toISOString() },
  }
}
