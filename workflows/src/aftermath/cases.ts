import type { IncomingMessage } from '@countermand/kafka'
import { processed } from '@countermand/kafka/spans.ts'
import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { type Client, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError } from '@temporalio/client'
import type { SignalDefinition } from '@temporalio/common'
import { bury } from '../messages/bury.ts'
import type { Publish } from '../messages/publish.ts'
import { requestMemo, type SagaResult, taskQueue } from '../protocol/inputs.ts'
import { attributes } from '../protocol/search-attributes.ts'
import { summarized } from '../protocol/words.ts'
import { idInUse } from '../runs/workflow-ids.ts'
import { createRefusals } from '../temporal/refusals.ts'
import { type NewsOfCase, tellNews } from './news.ts'

/** What comes after the end of a cancellation, and has a saga of its own. */
export interface Case<Input> {
  readonly workflowType: string
  /** One run at a time. */
  readonly workflowId: string
  /** What it was before ids told every pair apart. */
  readonly formerId: string
  readonly orderId: string
  readonly requestId: string
  readonly stage: 'refunding' | 'undoing'
  /** In words. */
  readonly summary: string
  readonly input: Input
  /** What of all that may come under this id it is: the same again changes nothing. */
  readonly memo: { readonly name: string; readonly value: string }
  /** Tells a run that is open of this one. */
  readonly signal: SignalDefinition<[Input]>
}

export interface CasesOptions {
  readonly client: Client
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

const casesAtOnce = 32

type Workflow<Input> = (input: Input) => Promise<SagaResult>

const optionsOf = <Input>({ orderId, requestId, stage, summary, workflowId, input, memo }: Case<Input>) => {
  const args: [Input] = [input]
  return {
    workflowId,
    taskQueue,
    args,
    memo: { [memo.name]: memo.value, [requestMemo]: requestId },
    staticSummary: summarized(summary),
    typedSearchAttributes: [
      { key: attributes.orderId, value: orderId },
      { key: attributes.stage, value: stage },
      { key: attributes.needsAttention, value: false },
    ],
  }
}

/** Which one the latest run under this id was started for. */
const latest = async <Input>({ workflow }: Client, { workflowId, memo }: Case<Input>): Promise<unknown> => {
  try {
    return (await workflow.getHandle(workflowId).describe()).memo?.[memo.name]
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

/** The same case, under the id that its run has. */
const asInUse = async <Input>(client: Client, each: Case<Input>): Promise<Case<Input>> => ({
  ...each,
  workflowId: await idInUse(
    client,
    each.workflowId,
    each.formerId,
    ({ memo, typedSearchAttributes }) =>
      memo?.[requestMemo] === each.requestId && typedSearchAttributes.get(attributes.orderId) === each.orderId,
  ),
})

/** Has a case settled. The same one again changes nothing; another one of the same id is told to the run, or starts the next. */
const begin = async <Input>(client: Client, found: Case<Input>): Promise<'started' | 'told' | 'duplicate'> => {
  const each = await asInUse(client, found)
  const options = optionsOf(each)
  try {
    await client.workflow.start<Workflow<Input>>(each.workflowType, {
      ...options,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
    })
    return 'started'
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error
  }
  if ((await latest(client, each)) === each.memo.value) return 'duplicate'
  await client.workflow.signalWithStart<Workflow<Input>, [Input]>(each.workflowType, {
    ...options,
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    signal: each.signal,
    signalArgs: [each.input],
  })
  return 'told'
}

/**
 * Starts a saga of its own for each event that is a case, and tells the one that waits for it of any other. A batch is done when Temporal has acknowledged all of it. `read`,
 * `newsIn`: `undefined` when the event is none. `metric` counts the events by what they came to.
 */
export const createCases = <Input>(
  options: CasesOptions,
  metric: { readonly name: string; readonly help: string },
  read: (message: IncomingMessage) => Case<Input> | undefined,
  newsIn: (message: IncomingMessage) => NewsOfCase | undefined,
) => {
  const { client, log, metrics } = options
  const counted = metrics.counter<'result'>({ ...metric, labelNames: ['result'] })

  const refusals = createRefusals()

  const takeNews = async (message: IncomingMessage) => {
    const found = newsIn(message)
    if (found === undefined) return 'not-concerned'
    const result = await processed(message, () => tellNews(client, found))
    refusals.taken(message)
    const { orderId, requestId, step, direction, says } = found.news
    log.info({ orderId, requestId, step, direction, result }, says)
    return result
  }

  const take = async (message: IncomingMessage) => {
    const found = read(message)
    if (found === undefined) return takeNews(message)
    const result = await processed(message, () => begin(client, found))
    refusals.taken(message)
    const { orderId, requestId, workflowId, summary } = found
    log.warn({ orderId, requestId, workflowId, [found.memo.name]: found.memo.value, result }, summary)
    return result
  }

  const setAside = async (message: IncomingMessage, error: unknown) => {
    await bury(message, refusals.asDeadLetter(message, error), options)
    return 'dead-letter' as const
  }

  const handle = async (message: IncomingMessage): Promise<void> => {
    const result = await take(message).catch((error: unknown) => setAside(message, error))
    counted.inc({ result })
  }

  return (messages: readonly IncomingMessage[]): Promise<void> =>
    inGroups(Map.groupBy(messages, ({ key }) => key).values(), casesAtOnce, handle)
}
