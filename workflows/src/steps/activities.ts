import {
  type Answer,
  type AnswerTo,
  type CancelRequested,
  type CommandName,
  check,
  commandId,
  commands,
  eventHeaders,
  isCommandName,
  said,
  serviceOf,
  stepOf,
  topics,
} from '@countermand/contracts'
import type { OutgoingMessage } from '@countermand/messaging/message.ts'
import { ApplicationFailure, activityInfo, CompleteAsyncError } from '@temporalio/activity'
import { z } from 'zod'
import { deadRequest, type Origin } from '../messages/dead-request.ts'
import { encodeReplyTo } from '../messages/reply-to.ts'
import { activityName, type OwnData } from '../protocol/commands.ts'
import { unsendable } from '../protocol/inputs.ts'
import type { AskFast, NotNow } from './fast-lane.ts'

export const source = 'countermand/orchestrator'

/** How an answer is waited for: `final`, or short attempts, from outside; `withinMs`, in this process, and then by that activity. */
export type Way = { readonly final: boolean } | { readonly withinMs: number; readonly activityId: string }

/** Resolves when the broker has acknowledged the messages. */
export type Publish = (messages: readonly OutgoingMessage[]) => Promise<void>

export interface Ids {
  readonly orderId: string
  readonly requestId: string
  readonly round: number
}

/** One activity for each command, named like it: sends the command, and is completed by whoever reads its answer. */
export type CommandActivities = {
  [Name in CommandName as Uncapitalize<Name>]: (data: Ids & OwnData<Name>, way: Way) => Promise<AnswerTo<Name> | NotNow>
}

export interface RequestActivities {
  /** Puts a request aside whose id was seen with another order or other content. */
  rejectRequest(request: CancelRequested, origin: Origin | undefined): Promise<void>
}

export type Activities = CommandActivities & RequestActivities

const identified = z.object({
  orderId: z.string(),
  requestId: z.string(),
  round: z.number(),
  key: z.string().optional(),
})

/** The headers that say where the answer goes. */
export interface ReplyHeaders {
  readonly 'reply-topic': string
  readonly 'reply-partition'?: string
  readonly 'reply-to': string
}

/** A command that does not pass its contract: asking again would not change it. */
export class UnsendableCommand extends Error {
  override readonly name = 'UnsendableCommand'
  constructor(command: CommandName, problems: string) {
    super(`expected ${command} to pass its contract; ${problems}`)
  }
}

/** A command as a message. The data are checked against the contract: a bug is caught before it is sent. Throws {@link UnsendableCommand}. */
export const commandMessage = (
  name: CommandName,
  given: unknown,
  now: string,
  reply?: ReplyHeaders,
): OutgoingMessage => {
  const { direction, data: schema } = commands[name]
  const checked = check(schema, given)
  if (!checked.ok) throw new UnsendableCommand(name, checked.problems)
  const { data } = checked
  const service = serviceOf(name, data)
  if (service === undefined) throw new UnsendableCommand(name, 'expected a step that a service owns, got none')
  const { orderId, requestId, round, key } = identified.parse(data)
  const step = stepOf(name, key === undefined ? {} : { key })
  const id = commandId({ orderId, requestId, step, direction, round })
  return {
    topic: topics[`${service}Commands`],
    key: orderId,
    value: JSON.stringify(data),
    headers: {
      ...eventHeaders({ id, source, type: name, time: now, subject: requestId }),
      ...reply,
    },
  }
}

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

/**
 * The saga's activities. An ordinary one only sends: it is left open when its message is with the broker, and each further
 * attempt is the same message again, which a service answers with what it has stored. A local one waits for the answer.
 */
export const createActivities = (deps: ActivityOptions) => ({
  ...Object.fromEntries(
    commandNames.map((command) => [
      activityName(command),
      (data: unknown, way: Way): Promise<Answer | NotNow> =>
        'withinMs' in way
          ? deps.askFast(command, data, way.withinMs, { workflowId: askerOf(command), activityId: way.activityId })
          : sendAndLeaveOpen(command, data, way.final, deps),
    ]),
  ),
  rejectRequest: (request: CancelRequested, origin: Origin | undefined): Promise<void> =>
    deps.publish([deadRequest(request, origin, deps.now())]),
})
