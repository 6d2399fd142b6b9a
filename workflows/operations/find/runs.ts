import { formerSagaId } from '@countermand/contracts/message-id.ts'
import type { WorkflowExecutionInfo, WorkflowExecutionStatusName } from '@temporalio/client'
import { attributes } from '../../src/protocol/search-attributes.ts'
import type { Workflows } from '../../src/protocol/workflows.ts'
import { reasonOf } from '../reach/reason-of.ts'
import type { Temporal } from '../reach/temporal.ts'

/** A run of a saga, as Temporal's search has it. */
export interface Run {
  readonly workflowId: string
  readonly runId: string
  readonly orderId: string
  readonly requestId: string
  readonly status: WorkflowExecutionStatusName
  readonly stage: string | undefined
  readonly outcome: string | undefined
  readonly merchantId: string | undefined
  readonly reasonCode: string | undefined
  readonly needsAttention: boolean
  readonly attentionReason: string | undefined
  readonly startedAt: Date
  readonly closedAt: Date | undefined
}

/** The request that a run is about; `undefined`: it is none of ours. */
const requestOf = ({ workflowId, memo }: WorkflowExecutionInfo, order: string): string | undefined => {
  if (typeof memo?.requestId === 'string') return memo.requestId
  // Sagas from before the memo have it in their id.
  const prefix = formerSagaId(order, '')
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : undefined
}

const runOf = (info: WorkflowExecutionInfo): Run[] => {
  const found = info.typedSearchAttributes
  const order = found.get(attributes.orderId)
  const request = order === undefined ? undefined : requestOf(info, order)
  if (order === undefined || request === undefined) return []
  return [
    {
      workflowId: info.workflowId,
      runId: info.runId,
      orderId: order,
      requestId: request,
      status: info.status.name,
      stage: found.get(attributes.stage),
      outcome: found.get(attributes.outcome),
      merchantId: found.get(attributes.merchantId),
      reasonCode: found.get(attributes.reasonCode),
      needsAttention: found.get(attributes.needsAttention) ?? false,
      attentionReason: found.get(attributes.attentionReason),
      startedAt: info.startTime,
      closedAt: info.closeTime,
    },
  ]
}

/** Temporal compares quotes, backslashes and control characters as it has escaped them, not as they are: only what is before them can be asked for. */
const askable = /^[^'"\\\p{Cc}]*/u

const quoted = (value: string): string => `'${value}'`

/** The condition that an attribute is this text, as near as it can be said; the rest is for whoever reads the answer. */
const is = (attribute: string, value: string | undefined): string[] => {
  if (value === undefined) return []
  const start = askable.exec(value)?.[0] ?? ''
  if (start === value && value !== '') return [`${attribute} = ${quoted(value)}`]
  return start === '' ? [] : [`${attribute} STARTS_WITH ${quoted(start)}`]
}

/** What to look for; nothing: every saga that Temporal still keeps. */
export interface RunQuery {
  readonly attention?: boolean | undefined
  readonly stage?: string | undefined
  readonly outcome?: string | undefined
  readonly order?: string | undefined
  readonly workflowId?: string | undefined
  /** Started at or after. */
  readonly since?: Date | undefined
  /** What came after the end of a cancellation too. */
  readonly everyKind?: boolean | undefined
  /** In Temporal's list filter language, beside the rest. */
  readonly where?: string | undefined
}

/** A cancellation, and what may come after its end. */
const ofACancellation: readonly (keyof Workflows)[] = ['cancelOrder', 'settleReversedRefund', 'settleLateIntercept']

/** The query in Temporal's list filter language. */
export const filterOf = (query: RunQuery): string =>
  [
    query.attention || query.everyKind
      ? `WorkflowType IN (${ofACancellation.map(quoted).join(', ')})`
      : "WorkflowType = 'cancelOrder'",
    ...(query.attention ? [`${attributes.needsAttention.name} = true`, "ExecutionStatus = 'Running'"] : []),
    ...is(attributes.stage.name, query.stage),
    ...is(attributes.outcome.name, query.outcome),
    ...is(attributes.orderId.name, query.order),
    ...is('WorkflowId', query.workflowId),
    ...(query.since === undefined ? [] : [`StartTime >= ${quoted(query.since.toISOString())}`]),
    ...(query.where === undefined ? [] : [`(${query.where})`]),
  ].join(' AND ')

const isWanted = (run: Run, { stage, outcome, order, workflowId }: RunQuery): boolean =>
  (stage ?? run.stage) === run.stage &&
  (outcome ?? run.outcome) === run.outcome &&
  (order ?? run.orderId) === run.orderId &&
  (workflowId ?? run.workflowId) === run.workflowId

/** Lists runs of sagas, newest first. Throws when Temporal does not answer. */
export const listRuns = async ({ client }: Temporal, query: RunQuery = {}): Promise<Run[]> => {
  const runs: Run[] = []
  try {
    await client.connection.withDeadline(Date.now() + 60_000, async () => {
      for await (const info of client.workflow.list({ query: filterOf(query), pageSize: 1_000 }))
        runs.push(...runOf(info).filter((run) => isWanted(run, query)))
    })
  } catch (cause) {
    const message = `expected Temporal to list the sagas of namespace ${client.options.namespace}: ${reasonOf(cause)}`
    throw new Error(message, { cause })
  }
  return runs
}
