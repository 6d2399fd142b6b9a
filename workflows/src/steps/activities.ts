import {
  type Answer,
  type CancelRequested,
  type CommandName,
  commands,
  isCommandName,
  said,
  topics,
} from '@countermand/contracts'
import { ApplicationFailure, activityInfo, CompleteAsyncError } from '@temporalio/activity'
import { commandMessage, UnsendableCommand } from '../messages/command-message.ts'
import { deadRequest } from '../messages/dead-request.ts'
import type { Publish } from '../messages/publish.ts'
import { encodeReplyTo } from '../messages/reply-to.ts'
import { type FastWay, leastFastMs, type NotNow, type Way } from '../protocol/activities.ts'
import { activityName } from '../protocol/commands.ts'
import { type Origin, unsendable } from '../protocol/inputs.ts'
import type { AskFast } from './fast-lane.ts'

const commandNames = Object.keys(commands).filter(isCommandName)

interface ActivityOptions {
  readonly publish: Publish
  readonly askFast: AskFast
  readonly now: () => string
}

const askerOf = (command: CommandName): string => {
  const { workflowExecution } = activityInfo()
  if (workflowExecution === undefined) throw new Error(`expected ${command} to be asked by a workflow, got none`)
  return workflowExecution.workflowId
}

/** The activity of a command that cannot be sent fails at once: the step waits for a person. */
export const sendable: typeof commandMessage = (...args) => {
  try {
    return commandMessage(...args)
  } catch (error) {
    if (!(error instanceof UnsendableCommand)) throw error
    throw ApplicationFailure.nonRetryable(said(error.message), unsendable)
  }
}

const sendAndLeaveOpen = async (command: CommandName, data: unknown, final: boolean, deps: ActivityOptions) => {
  const { activityId } = activityInfo()
  const replyTo = encodeReplyTo({ workflowId: askerOf(command), activityId, command, final })
  const reply = { 'reply-topic': topics.sagaReplies, 'reply-to': replyTo }
  await deps.publish([sendable(command, data, deps.now(), reply)])
  throw new CompleteAsyncError()
}

/** Here, not in the workflow: what its code does next must be the same in a replay, whose clock may be further between two answers. */
const askInTime = async (command: CommandName, data: unknown, way: FastWay, deps: ActivityOptions) =>
  way.withinMs < leastFastMs
    ? ({ type: 'NotNow' } as const)
    : deps.askFast(command, data, way.withinMs, { workflowId: askerOf(command), activityId: way.activityId })

/**
 * The saga's activities. An ordinary one only sends: it is left open when its message is with the broker, and each further
 * attempt is the same message again, which a service answers with what it has stored. A local one waits for the answer.
 */
export const createActivities = (deps: ActivityOptions) => ({
  ...Object.fromEntries(
    commandNames.map((command) => [
      activityName(command),
      (data: unknown, way: Way): Promise<Answer | NotNow> =>
        'withinMs' in way ? askInTime(command, data, way, deps) : sendAndLeaveOpen(command, data, way.final, deps),
    ]),
  ),
  rejectRequest: (request: CancelRequested, origin: Origin | undefined): Promise<void> =>
    deps.publish([deadRequest(request, origin, deps.now())]),
})
