import type { Answer, AnswerTo, CommandName } from '@countermand/contracts'
import { said } from '@countermand/contracts/text.ts'
import {
  ActivityCancellationType,
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow'
import { type CommandActivities, type Ids, leastFastMs, type NotNow, type Way } from '../../protocol/activities.ts'
import { activityName, awaitIdOf, type Call, commandSteps, type OwnData } from '../../protocol/commands.ts'
import { type SagaInput, type StepLane, unsendable } from '../../protocol/inputs.ts'
import { summarized } from '../../protocol/words.ts'
import { stepOfCall } from './rounds.ts'
import { type SideBySide, sideBySide } from './side-by-side.ts'

/** Who asks: the names that its commands carry, how it asks, and what it has asked so far. */
export interface Asker {
  readonly orderId: string
  readonly requestId: string
  /** Not told: slow. */
  readonly lane: StepLane | undefined
  /** Who says that the fast lane has no time left; not told: the workflow's clock. */
  readonly timedBy: SagaInput['timedBy']
  /** Hears answers of the fast lane to what was asked side by side together; undefined: each as it comes. */
  readonly beside: SideBySide | undefined
  /** How often each activity id was used: a late answer to an earlier use must not complete a later one. */
  readonly asked: Map<string, number>
  /** The workflow task at hand, by the length of the history that it began with, and when it began (ms since 1970). */
  task: { readonly historyLength: number; readonly beganAt: number }
}

/** One who has not asked anything yet. */
export const openAsker = ({ orderId, requestId, lane, timedBy, heard }: SagaInput): Asker => ({
  ...{ orderId, requestId, lane, timedBy },
  beside: heard === 'together' ? sideBySide() : undefined,
  asked: new Map(),
  task: { historyLength: 0, beganAt: 0 },
})

/** Asks one command in one round, and comes back with its final answer. `onPending` hears that it takes longer. */
export type Lane = <Name extends CommandName>(
  asker: Asker,
  call: Call<Name>,
  round: number,
  onPending: (answer: Answer<'StepPending'>) => void,
) => Promise<AnswerTo<Name>>

interface Patience {
  /** How long one attempt may take; then the command is sent again. */
  readonly startToCloseTimeout: '10 seconds' | '1 hour'
  /** True: `StepPending` does not end it. */
  readonly final: boolean
}

const asking: Patience = { startToCloseTimeout: '10 seconds', final: false }
const awaiting: Patience = { startToCloseTimeout: '1 hour', final: true }

type Activity<Name extends CommandName, Answered> = (data: Ids & OwnData<Name>, way: Way) => Promise<Answered>
type Activities<Name extends CommandName, Answered> = { readonly [activity: string]: Activity<Name, Answered> }

const activityOf = <Name extends CommandName, Answered>(
  activities: Activities<Name, Answered>,
  command: Name,
): Activity<Name, Answered> => {
  const name: keyof CommandActivities = activityName(command)
  const activity = activities[name]
  if (activity === undefined) throw new Error(`expected an activity ${name}`)
  return activity
}

/** Fixed for a step, direction and round, so that an answer finds it; asked anew (`ForbidRefund` may be), it says how often. */
const activityIdOf = ({ asked }: Asker, call: Call<CommandName>, round: number): string => {
  const id = `${stepOfCall(call)}-${commandSteps[call.command].direction}-${round}`
  const times = (asked.get(id) ?? 0) + 1
  asked.set(id, times)
  return times === 1 ? id : `${id}.${times}`
}

const send = async <Name extends CommandName>(
  { orderId, requestId }: Asker,
  call: Call<Name>,
  round: number,
  activityId: string,
  { startToCloseTimeout, final }: Patience,
): Promise<AnswerTo<Name>> => {
  const activities = proxyActivities<Activities<Name, AnswerTo<Name>>>({
    activityId,
    startToCloseTimeout,
    summary: summarized(call.summary),
    // What a person has decided does not wait for ever for a service that is away: they decide about that too.
    ...(call.command === 'CloseRound' ? { scheduleToCloseTimeout: '1 hour' } : {}),
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    // Nobody runs an asynchronous activity, so nobody would confirm its cancellation.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  })
  return checked(
    await activityOf(activities, call.command)({ orderId, requestId, round, ...call.data }, { final }),
    call,
  )
}

const noAnswer = 'NoAnswer'

/** Anybody may complete an activity by hand, with what is no answer. To take that for a yes would be a guess: the step has failed. */
const checked = <Given extends { readonly type: string }>(answer: Given, { command }: Call<CommandName>): Given => {
  const given: unknown = answer
  if (typeof given === 'object' && given !== null && 'type' in given && typeof given.type === 'string') return answer
  throw ApplicationFailure.nonRetryable(`expected an answer to ${command}, got something that is none`, noAnswer)
}

const pending = (answer: Answer): answer is Answer<'StepPending'> => answer.type === 'StepPending'

/** How long local activities may hold one workflow task: meanwhile signals, updates, queries and Cancel wait. */
const taskBudgetMs = 2_000
/** How much later than its budget a local activity is given up whose process does not keep to it. */
const graceMs = 500

const budgetLeftMs = (asker: Asker): number => {
  const { historyLength } = workflowInfo()
  if (asker.task.historyLength !== historyLength) asker.task = { historyLength, beganAt: Date.now() }
  return taskBudgetMs - (Date.now() - asker.task.beganAt)
}

/**
 * The fast lane: a local activity that waits for the answer in its process, so that many steps fit into one workflow task.
 * Without an answer the slow lane sends the same command again, which the service answers with what it has stored. An answer that
 * comes when nobody waits in the process any more goes to the slow lane's activity: its start may have been lost, and with it its command.
 */
const fastLane = async <Name extends CommandName>(
  asker: Asker,
  call: Call<Name>,
  round: number,
  activityId: string,
): Promise<AnswerTo<Name> | NotNow> => {
  if (asker.lane !== 'adaptive') return { type: 'NotNow' }
  const withinMs = Math.max(0, budgetLeftMs(asker))
  // What the code does next may not depend on that number: see `timedBy`.
  if (asker.timedBy === undefined && withinMs < leastFastMs) return { type: 'NotNow' }
  const activities = proxyLocalActivities<Activities<Name, AnswerTo<Name> | NotNow>>({
    startToCloseTimeout: withinMs + graceMs,
    summary: summarized(call.summary),
    retry: { maximumAttempts: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  })
  const { orderId, requestId } = asker
  const answer = async (): Promise<AnswerTo<Name> | NotNow> => {
    try {
      return await activityOf(activities, call.command)(
        { orderId, requestId, round, ...call.data },
        { withinMs, activityId },
      )
    } catch (error) {
      if (isCancellation(error)) throw error
      return { type: 'NotNow' }
    }
  }
  return asker.beside === undefined ? answer() : asker.beside.ask(answer)
}

/**
 * Asks in the fast lane if the run may, else, or without an answer there, in the slow one: an ordinary activity that is
 * completed by whoever reads the answer. That takes no slot, thread or process while it waits, and no attempt count is spent on
 * waiting: *ask* ends with yes, no or `pending`, *await* asks again each hour.
 */
export const inLane: Lane = async (asker, call, round, onPending) => {
  const activityId = activityIdOf(asker, call, round)
  const early = await fastLane(asker, call, round, activityId)
  const answer = early.type === 'NotNow' ? await send(asker, call, round, activityId, asking) : early
  if (!pending(answer)) return answer
  onPending(answer)
  return send(asker, call, round, awaitIdOf(activityId), awaiting)
}

const isUnsendable = (cause: unknown): boolean => cause instanceof ApplicationFailure && cause.type === unsendable

/** Whether a command did not pass its contract: it was not sent, and never will be as it is. */
export const cannotBeSent = (error: unknown): boolean => error instanceof ActivityFailure && isUnsendable(error.cause)

/** An activity that was failed from outside is a step that failed: it needs a person, and does not end the run. */
export const failedAnswer = (error: unknown, command: CommandName): Answer<'StepFailed'> => {
  const isNone = error instanceof ApplicationFailure && error.type === noAnswer
  if (!isNone && (!(error instanceof ActivityFailure) || isCancellation(error))) throw error
  return {
    type: 'StepFailed',
    error: said(error.cause?.message ?? error.message),
    attempts: 1,
    // Of a command that was never sent, nobody knows anything.
    moneyInDoubt: command === 'RefundOrder' && !isUnsendable(error.cause),
  }
}
