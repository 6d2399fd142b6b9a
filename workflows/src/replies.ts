import {
  type Answer,
  type AnswerName,
  answers,
  commands,
  commonAnswers,
  readData,
  readEnvelope,
  UnreadableMessage,
} from '@countermand/contracts'
import { deadLetter, type IncomingMessage, InfrastructureError } from '@countermand/messaging'
import type { Logger, Metrics } from '@countermand/telemetry'
import { ActivityNotFoundError } from '@temporalio/client'
import type { z } from 'zod'
import type { Publish } from './activities.ts'
import { awaitIdOf } from './commands.ts'
import { inGroups } from './concurrently.ts'
import { decodeReplyTo, type ReplyTo } from './reply-to.ts'

export const repliesGroup = 'countermand-replies'

/** Completes an activity. Rejects with `ActivityNotFoundError` when nobody waits for it. */
export type Complete = (
  activity: { readonly workflowId: string; readonly activityId: string },
  answer: Answer,
) => Promise<void>

interface RepliesOptions {
  readonly complete: Complete
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

type Result = 'completed' | 'pending' | 'nobody-waits' | 'dead-letter'

const repliesAtOnce = 64

/**
 * Gives answers to the activities that wait for them. Which orchestrator reads an answer does not matter, nor in which
 * order; one that nobody waits for any more (a second copy, an earlier attempt's) is dropped.
 */
export const createReplies = (options: RepliesOptions) => {
  const counted = options.metrics.counter<'result'>({
    name: 'countermand_replies_total',
    help: 'Answers of services by what they came to',
    labelNames: ['result'],
  })
  const handle = async (message: IncomingMessage) => {
    const result = await take(message, options).catch((error: unknown) => bury(message, error, options))
    counted.inc({ result })
  }
  return (messages: readonly IncomingMessage[]): Promise<void> =>
    inGroups(
      messages.map((message) => [message]),
      repliesAtOnce,
      handle,
    )
}

const isAnswerName = (name: string): name is AnswerName => Object.hasOwn(answers, name)

const isCommandName = (name: string): name is keyof typeof commands => Object.hasOwn(commands, name)

const mayAnswer = (command: string, answer: AnswerName): boolean => {
  if (!isCommandName(command)) return false
  const own: readonly AnswerName[] = commands[command].answers
  const common: readonly AnswerName[] = commonAnswers
  return own.includes(answer) || common.includes(answer)
}

const read = (message: IncomingMessage): { readonly replyTo: ReplyTo; readonly answer: Answer } => {
  const { type, data } = readEnvelope(message)
  const header = message.headers['reply-to']
  const replyTo = header === undefined ? undefined : decodeReplyTo(header)
  if (replyTo === undefined)
    throw new UnreadableMessage(
      'missing-headers',
      `expected the header reply-to as it was sent, got ${header ?? 'none'}`,
    )
  if (!isAnswerName(type) || !mayAnswer(replyTo.command, type))
    throw new UnreadableMessage('unknown-type', `expected an answer to ${replyTo.command}, got type ${type}`)
  return { replyTo, answer: answerOf(type, data) }
}

const answerOf = (type: AnswerName, data: unknown): Answer => {
  const fields: z.ZodObject = answers[type]
  // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
  return { type, ...readData(fields, data) } as Answer
}

const take = async (message: IncomingMessage, { complete }: RepliesOptions): Promise<Result> => {
  const { replyTo, answer } = read(message)
  if (replyTo.final && answer.type === 'StepPending') return 'pending'
  const { workflowId, activityId } = replyTo
  if (await isTaken(complete, { workflowId, activityId }, answer)) return 'completed'
  if (replyTo.final || answer.type === 'StepPending') return 'nobody-waits'
  // A late attempt of the activity that asked may be the service's latest asker, when another one awaits the answer already.
  const awaiting = { workflowId, activityId: awaitIdOf(activityId) }
  return (await isTaken(complete, awaiting, answer)) ? 'completed' : 'nobody-waits'
}

const isTaken = async (
  complete: Complete,
  activity: { readonly workflowId: string; readonly activityId: string },
  answer: Answer,
): Promise<boolean> => {
  try {
    await complete(activity, answer)
    return true
  } catch (error) {
    if (error instanceof ActivityNotFoundError) return false
    const { activityId, workflowId } = activity
    throw new InfrastructureError(`expected Temporal to take the answer to ${activityId} of ${workflowId}`, {
      cause: error,
    })
  }
}

const bury = async (
  message: IncomingMessage,
  error: unknown,
  { publish, now, log }: RepliesOptions,
): Promise<Result> => {
  if (!(error instanceof UnreadableMessage)) throw error
  const { topic, partition, offset } = message
  log.warn({ err: error, reason: error.reason, topic, partition, offset }, 'dead letter')
  const trouble = { reason: error.reason, error: error.message, service: 'orchestrator', attempts: 1, failedAt: now() }
  await publish([deadLetter(message, trouble)])
  return 'dead-letter'
}
