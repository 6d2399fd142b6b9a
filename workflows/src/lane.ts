import type { Answer, AnswerTo, CommandName } from '@countermand/contracts'
import { ActivityCancellationType, ActivityFailure, isCancellation, proxyActivities } from '@temporalio/workflow'
import type { Ids } from './activities.ts'
import { activityName, awaitIdOf, type Call, commandSteps, type OwnData, stepOfCall } from './commands.ts'
import type { Saga } from './saga.ts'

/** Who asks: the names that its commands carry, and how often it has used each activity id. */
export type Asker = Pick<Saga, 'orderId' | 'requestId' | 'asked'>

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

type Activity<Name extends CommandName> = (
  data: Ids & OwnData<Name>,
  options: { readonly final: boolean },
) => Promise<AnswerTo<Name>>

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
  const name = activityName(call.command)
  const activities = proxyActivities<{ [activity: string]: Activity<Name> }>({
    activityId,
    startToCloseTimeout,
    summary: call.summary,
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
    // Nobody runs an asynchronous activity, so nobody would confirm its cancellation.
    cancellationType: ActivityCancellationType.TRY_CANCEL,
  })
  const activity = activities[name]
  if (activity === undefined) throw new Error(`expected an activity ${name}`)
  return activity({ orderId, requestId, round, ...call.data }, { final })
}

const pending = (answer: Answer): answer is Answer<'StepPending'> => answer.type === 'StepPending'

/**
 * The slow lane: an ordinary activity that is completed by whoever reads the answer. It takes no slot, thread or process
 * while it waits, and no attempt count is spent on waiting: *ask* ends with yes, no or `pending`, *await* asks again each hour.
 */
export const slowLane: Lane = async (asker, call, round, onPending) => {
  const activityId = activityIdOf(asker, call, round)
  const answer = await send(asker, call, round, activityId, asking)
  if (!pending(answer)) return answer
  onPending(answer)
  return send(asker, call, round, awaitIdOf(activityId), awaiting)
}

/** An activity that was failed from outside is a step that failed: it needs a person, and does not end the run. */
export const failedAnswer = (error: unknown, command: CommandName): Answer<'StepFailed'> => {
  if (!(error instanceof ActivityFailure) || isCancellation(error)) throw error
  return {
    type: 'StepFailed',
    error: error.cause?.message ?? error.message,
    attempts: 1,
    moneyInDoubt: command === 'RefundOrder',
  }
}
