import { dataConverter } from '@countermand/workflows/src/runs/data-converter.ts'
import { Client, Connection, type WorkflowExecutionInfo, type WorkflowExecutionStatusName } from '@temporalio/client'
import { defineSearchAttributeKey } from '@temporalio/common'
import { reasonOf } from './error.ts'

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

export interface Temporal {
  readonly client: Client
  close(): Promise<void>
}

/** Connects to Temporal; the caller closes it. Throws when nothing answers within 5 s. */
export const openTemporal = async (where: {
  readonly temporalAddress: string
  readonly namespace: string
}): Promise<Temporal> => {
  const address = where.temporalAddress
  const connection = await Connection.connect({ address, connectTimeout: 5_000 }).catch((cause: unknown) => {
    throw new Error(`expected Temporal to answer on ${address}`, { cause })
  })
  return {
    client: new Client({ connection, namespace: where.namespace, dataConverter }),
    close: () => connection.close(),
  }
}

const keyword = (name: string) => defineSearchAttributeKey(name, 'KEYWORD')
const orderId = keyword('OrderId')
const stage = keyword('SagaStage')
const outcome = keyword('SagaOutcome')
const merchantId = keyword('MerchantId')
const reasonCode = keyword('ReasonCode')
const attentionReason = keyword('AttentionReason')
const needsAttention = defineSearchAttributeKey('NeedsAttention', 'BOOL')

/** The request that a run is about; `undefined`: it is none of ours. */
const requestOf = ({ workflowId, memo }: WorkflowExecutionInfo, order: string): string | undefined => {
  if (typeof memo?.requestId === 'string') return memo.requestId
  // Sagas from before the memo have it in their id.
  const prefix = `cancel-${order}-`
  return workflowId.startsWith(prefix) ? workflowId.slice(prefix.length) : undefined
}

const runOf = (info: WorkflowExecutionInfo): Run[] => {
  const found = info.typedSearchAttributes
  const order = found.get(orderId)
  const request = order === undefined ? undefined : requestOf(info, order)
  if (order === undefined || request === undefined) return []
  return [
    {
      workflowId: info.workflowId,
      runId: info.runId,
      orderId: order,
      requestId: request,
      status: info.status.name,
      stage: found.get(stage),
      outcome: found.get(outcome),
      merchantId: found.get(merchantId),
      reasonCode: found.get(reasonCode),
      needsAttention: found.get(needsAttention) ?? false,
      attentionReason: found.get(attentionReason),
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

const workflowTypes = ['cancelOrder', 'settleReversedRefund', 'settleLateIntercept']

/** The query in Temporal's list filter language. */
export const filterOf = (query: RunQuery): string =>
  [
    query.attention || query.everyKind
      ? `WorkflowType IN (${workflowTypes.map(quoted).join(', ')})`
      : "WorkflowType = 'cancelOrder'",
    ...(query.attention ? ['NeedsAttention = true', "ExecutionStatus = 'Running'"] : []),
    ...is('SagaStage', query.stage),
    ...is('SagaOutcome', query.outcome),
    ...is('OrderId', query.order),
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
