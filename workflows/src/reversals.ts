import { readEnvelope, refundChanged, UnreadableMessage } from '@countermand/contracts'
import { deadLetter, type IncomingMessage, readEvent } from '@countermand/messaging'
import type { Logger, Metrics } from '@countermand/telemetry'
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import type { Publish } from './activities.ts'
import { attributes } from './attributes.ts'
import { inGroups } from './concurrently.ts'
import { taskQueue } from './inputs.ts'
import {
  type Reversal,
  requestMemo,
  reversalId,
  reversalMemo,
  reversedSignal,
  reversedWorkflowType,
} from './reversal.ts'
import type { settleReversedRefund } from './settle-refund.ts'
import { temporalTrouble } from './temporal-trouble.ts'
import { money } from './words.ts'

export const refundsGroup = 'countermand-refunds'

interface ReversalsOptions {
  readonly client: Client
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

const refundsAtOnce = 32

const optionsOf = (reversal: Reversal) => {
  const { orderId, amount, currency, channel } = reversal
  const args: [Reversal] = [reversal]
  return {
    workflowId: reversalId(reversal),
    taskQueue,
    args,
    memo: { [reversalMemo]: reversal.refundId, [requestMemo]: reversal.requestId },
    staticSummary: `Reversed refund of ${orderId}: ${money(amount, currency)} (${channel})`,
    typedSearchAttributes: [
      { key: attributes.orderId, value: orderId },
      { key: attributes.stage, value: 'refunding' },
      { key: attributes.needsAttention, value: false },
    ],
  }
}

/** Which reversal the latest run of this tender was started for. */
const knownReversal = async ({ workflow }: Client, reversal: Reversal): Promise<unknown> => {
  try {
    return (await workflow.getHandle(reversalId(reversal)).describe()).memo?.[reversalMemo]
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** Has a reversal settled. The same one again changes nothing; another one of the same tender is told to the run, or starts the next. */
const begin = async (client: Client, reversal: Reversal): Promise<'started' | 'told' | 'duplicate'> => {
  const options = optionsOf(reversal)
  try {
    await client.workflow.start<typeof settleReversedRefund>(reversedWorkflowType, {
      ...options,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    })
    return 'started'
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
  if ((await knownReversal(client, reversal)) === reversal.refundId) return 'duplicate'
  await client.workflow.signalWithStart<typeof settleReversedRefund, [Reversal]>(reversedWorkflowType, {
    ...options,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    signal: reversedSignal,
    signalArgs: [reversal],
  })
  return 'told'
}

const take = async (message: IncomingMessage, { client, log }: ReversalsOptions) => {
  const event = readEvent(readEnvelope(message), message)
  if (event.type !== 'refund.reversed.v1') return 'not-concerned'
  const { orderId, requestId, tenderId, refundId, channel, amount, currency, failure } = refundChanged.parse(event.data)
  const about = { orderId, requestId, tenderId, refundId }
  const reason = failure === undefined ? {} : { failure }
  const result = await begin(client, { ...about, channel, amount, currency, ...reason })
  log.warn({ ...about, result }, 'a refund was reversed')
  return result
}

/** Starts a saga of its own for each refund that is reversed. A batch is done when Temporal has acknowledged all of it. */
export const createReversals = (options: ReversalsOptions) => {
  const { publish, now, log, metrics } = options
  const counted = metrics.counter<'result'>({
    name: 'countermand_refund_events_total',
    help: 'Events of refunds, by what they came to',
    labelNames: ['result'],
  })

  const bury = async (message: IncomingMessage, error: unknown) => {
    const fault = error instanceof UnreadableMessage ? error : temporalFault(error)
    const { topic, partition, offset } = message
    log.warn({ err: fault, reason: fault.reason, topic, partition, offset }, 'dead letter')
    const trouble = {
      reason: fault.reason,
      error: fault.message,
      service: 'orchestrator',
      attempts: 1,
      failedAt: now(),
    }
    await publish([deadLetter(message, trouble)])
    return 'dead-letter' as const
  }

  const handle = async (message: IncomingMessage): Promise<void> => {
    const result = await take(message, options).catch((error: unknown) => bury(message, error))
    counted.inc({ result })
  }

  return (messages: readonly IncomingMessage[]): Promise<void> =>
    inGroups(Map.groupBy(messages, ({ key }) => key).values(), refundsAtOnce, handle)
}

/** What Temporal will never take; a Temporal that is away is thrown, and the batch comes again. */
const temporalFault = (error: unknown): UnreadableMessage => {
  const trouble = temporalTrouble(error)
  if (!trouble.fault) throw trouble.error
  return new UnreadableMessage('processing-failed', trouble.error.message, { cause: error })
}
