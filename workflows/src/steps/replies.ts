import { type Answer, UnreadableMessage } from '@countermand/contracts'
import { type IncomingMessage, InfrastructureError } from '@countermand/kafka'
import { processed } from '@countermand/kafka/spans.ts'
import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { ActivityNotFoundError } from '@temporalio/client'
import { bury } from '../messages/bury.ts'
import type { Publish } from '../messages/publish.ts'
import { readAnswer } from '../messages/read-answer.ts'
import { awaitIdOf } from '../protocol/commands.ts'
import { createRefusals, type Refusals } from '../temporal/refusals.ts'
import type { Complete } from './completion.ts'
import type { TellLate } from './late-answers.ts'

export const repliesGroup = 'countermand-replies'

interface RepliesOptions {
  readonly complete: Complete
  readonly tellLate: TellLate
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

type Result = 'completed' | 'pending' | 'news' | 'nobody-waits' | 'dead-letter'

const repliesAtOnce = 64

/**
 * Gives answers to the activities that wait for them. Which orchestrator reads an answer does not matter, nor in which
 * order. One that nobody waits for any more (a second copy, an earlier attempt's) is dropped, unless a run stands still for want of it.
 */
export const createReplies = (options: RepliesOptions) => {
  const counted = options.metrics.counter<'result'>({
    name: 'countermand_replies_total',
    help: 'Answers of services by what they came to',
    labelNames: ['result'],
  })
  const refusals = createRefusals()
  const handle = async (message: IncomingMessage) => {
    counted.inc({ result: await takeOrBury(message, options, refusals) })
  }
  return (messages: readonly IncomingMessage[]): Promise<void> =>
    inGroups(
      messages.map((message) => [message]),
      repliesAtOnce,
      (message) => processed(message, handle),
    )
}

const takeOrBury = async (message: IncomingMessage, options: RepliesOptions, refusals: Refusals): Promise<Result> => {
  try {
    const result = await take(message, options)
    if (result !== 'pending') refusals.taken(message)
    return result
  } catch (error) {
    await bury(message, refusals.asDeadLetter(message, error), options)
    return 'dead-letter'
  }
}

const take = async (message: IncomingMessage, { complete, tellLate }: RepliesOptions): Promise<Result> => {
  const { replyTo, answer } = readAnswer(message)
  const final = 'final' in replyTo && replyTo.final
  if (final && answer.type === 'StepPending') return 'pending'
  const { workflowId, activityId } = replyTo
  if (await isTaken(complete, { workflowId, activityId }, answer)) return 'completed'
  if (answer.type === 'StepPending') return 'nobody-waits'
  // The fast lane, or a late attempt of the activity that asked, may be the service's latest asker when another one awaits the answer.
  const awaiting = { workflowId, activityId: awaitIdOf(activityId) }
  if (!final && (await isTaken(complete, awaiting, answer))) return 'completed'
  if (await tellLate(replyTo, answer)) return 'news'
  void offerAgain(
    async () => (!final && (await isTaken(complete, awaiting, answer))) || (await tellLate(replyTo, answer)),
  )
  return 'nobody-waits'
}

/** When an answer that nobody waits for is offered again, in ms after the time before. */
const offeredAgainAfterMs = [1_000, 5_000, 30_000, 120_000]

/**
 * The activity that awaits the answer may be opened a moment later: it asks by itself, but a start of it that gets lost would ask again only
 * after an hour. And a run may come to stand still a moment later.
 */
const offerAgain = async (offer: () => Promise<boolean>): Promise<void> => {
  for (const afterMs of offeredAgainAfterMs) {
    await new Promise((resolve) => setTimeout(resolve, afterMs).unref())
    if (await offer().catch(() => false)) return
  }
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
    if (error instanceof UnreadableMessage) throw error
    const { activityId, workflowId } = activity
    throw new InfrastructureError(`expected Temporal to take the answer to ${activityId} of ${workflowId}`, {
      cause: error,
    })
  }
}
