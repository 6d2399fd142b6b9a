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
import { type Call, commandSteps, noEnds } from '../../protocol/commands.ts'
import type { Attention, InputAnswer, ResolveInput } from '../../protocol/inputs.ts'
import { roundOf, stepOfCall } from '../ask/rounds.ts'
import { at, decidedAbout } from './decided.ts'
import { aboutOf, isAnswered, takeNews } from './news.ts'
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
  /** What news of it is about; absent: its step. */
  readonly about?: string
  /** What a `skip` says was given back by hand; absent: what is known of the tenders then says it. */
  readonly settles?: readonly SettledByHand[]
}

/** Answers that are no end of a step. */
export type TroubleName = (typeof noEnds)[number]

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
  !noEnds.some((name: AnswerName) => name === answer.type)

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
  about: found.about ?? aboutOf(call),
  settles: found.settles,
  resolution: undefined,
  answer: undefined,
})

/**
 * The decision after so many about this step: one that an earlier run made and this one hears of by now, or a person's, or what news
 * makes of it, which is recorded before it is acted on. The first that was recorded counts.
 */
const nextResolution = async (saga: Saga, parked: Parked, after: number): Promise<Resolution> => {
  const heard = () => decidedAbout(saga, parked.attention)[after]
  takeNews(saga, parked)
  await condition(() => parked.resolution !== undefined || heard() !== undefined)
  const earlier = heard()
  if (earlier !== undefined) return earlier
  const { resolution } = parked
  if (resolution === undefined) throw new Error(`expected a resolution of ${at(parked.attention)}`)
  await record(saga, `resolved.${at(parked.attention)}.${after + 1}`, { what: 'resolved', ...resolution })
  const counts = heard()
  // The order service of an earlier release does not say what is written down.
  if (counts === undefined) saga.resolutions = [...saga.resolutions, resolution]
  return counts ?? resolution
}

/** What the public hears of it. Who decided, and why, is recorded, and nobody else's business. */
const undone = { outcome: 'compensated', code: 'turned-back-by-operator', by: 'operator' } as const

/** True when the saga goes on with this decision; an `undo` that comes too late leaves it parked. */
const takesEffect = async (saga: Saga, { decision }: Resolution): Promise<boolean> =>
  decision !== 'undo' || (await askToTurn(saga, undone))

const raiseAlarm = async (saga: Saga, attention: Attention): Promise<void> => {
  const { reason, error, since, remedies } = attention
  show(saga)
  const what = 'needs-attention'
  const trouble = { reason, error, since, remedies: [...remedies] }
  await record(saga, `attention.${at(attention)}`, { what, stage: saga.stage, ...trouble })
}

/** What whoever decided hears: a decision that an earlier run has made, and this one did not know of, counts in place of theirs. */
const answerTo = (
  saga: Saga,
  { resolution: mine }: Parked,
  { resolution, effective }: { readonly resolution: Resolution; readonly effective: boolean },
): InputAnswer => {
  if (mine !== undefined && (mine.at !== resolution.at || mine.decision !== resolution.decision))
    return refusedInput('already-decided', `it was decided already: ${resolution.decision} by ${resolution.by}`)
  return effective ? { accepted: true } : refusedInput('too-late', forwardOnlyBecause(saga))
}

/**
 * Parks a step until a person has decided, or news has come that answers it, and returns what: `retry`, `refund-elsewhere` or `skip`. A decision that an
 * earlier run recorded is not asked for again. Several parked steps are resolved in their order.
 */
export const park = async (saga: Saga, call: Call<CommandName>, found: Trouble): Promise<Resolution> => {
  const parked = describeParked(saga, call, found)
  const { attention } = parked
  let known = 0
  for (const earlier of decidedAbout(saga, attention)) {
    known += 1
    if (await takesEffect(saga, earlier)) return earlier
  }
  saga.parked.push(parked)
  try {
    // Whoever writes the alarm down tells a run that was reset what was decided.
    if (!isAnswered(saga, parked)) await raiseAlarm(saga, attention)
    for (;;) {
      const resolution = await nextResolution(saga, parked, known)
      known += 1
      const effective = await takesEffect(saga, resolution)
      parked.answer = answerTo(saga, parked, { resolution, effective })
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
