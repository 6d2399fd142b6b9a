import { attentionReason, sagaStage } from '@countermand/contracts'
import { type Metrics, singleFlight } from '@countermand/telemetry'
import type { Client, Connection } from '@temporalio/client'
import { taskQueue } from '../protocol/inputs.ts'
import { createPollWatch, pollsAgainWithinMs } from './poll-watch.ts'

/** Whoever asks whether we are ready waits for 2 s at most. */
const patienceMs = 1_500

/**
 * Asks Temporal whether it answers, and the SDK whether the worker polls: that its state is "running" only says that nobody has stopped it.
 * Neither is a search. Says in words why it is not well; empty: it is.
 */
export const createTemporalProbe = (
  connection: Connection,
  sdkMetrics: () => Promise<string>,
): (() => Promise<string[]>) => {
  const silentMs = createPollWatch()
  return singleFlight(async () => {
    try {
      await connection.withDeadline(Date.now() + patienceMs, () => connection.workflowService.getSystemInfo({}))
      return silentMs(await sdkMetrics()) < pollsAgainWithinMs
        ? []
        : [`temporal: the worker does not poll task queue ${taskQueue}`]
    } catch (error) {
      // Polls that are lost with the server are not the worker's silence.
      silentMs('')
      return [`temporal: ${error instanceof Error ? error.message : error}`]
    }
  })
}

/** Whether it was so within the last `forMs` in which it was asked. */
const lately = (isSo: () => boolean, forMs: number): (() => boolean) => {
  let seenAt = Number.NEGATIVE_INFINITY
  return () => {
    if (isSo()) seenAt = performance.now()
    return performance.now() - seenAt < forMs
  }
}

/** What was read last, for so long; a failure is not kept. */
const keptFor = <Value>(ms: number, read: () => Promise<Value>): (() => Promise<Value>) => {
  let kept: { readonly value: Value; readonly at: number } | undefined
  return async () => {
    if (kept === undefined || performance.now() - kept.at >= ms) kept = { value: await read(), at: performance.now() }
    return kept.value
  }
}

/** Asking costs the server a search for each: they cannot be counted by groups. A namespace has thirty searches a second. */
const freshForMs = 30_000
/** A leader leads for so long after it was seen to: a group that gives out its partitions anew has none for a moment. */
const leadsForMs = 60_000

/**
 * Tells in metrics how many runs are open, by what they can be searched by. One orchestrator asks and tells for all, `isLeader`; for a
 * minute after it has changed, two may.
 */
export const measureSagas = (metrics: Metrics, client: Client, isLeader: () => boolean): void => {
  const stages = sagaStage.exclude(['closed']).options
  const count = async (query: string): Promise<number> =>
    (await client.workflow.count(`ExecutionStatus = 'Running' AND ${query}`)).count
  const countAll = async () => {
    const open = stages.map(async (stage) => ({
      gauge: 'countermand_sagas_open' as const,
      labels: { stage },
      value: await count(`SagaStage = '${stage}'`),
    }))
    // Of a run whose code fails the order service tells: it cannot say so itself.
    const searchable = attentionReason.exclude(['workflow-task-failing']).options
    const attention = searchable.map(async (reason) => ({
      gauge: 'countermand_sagas_attention' as const,
      labels: { reason },
      value: await count(`AttentionReason = '${reason}'`),
    }))
    return Promise.all([...open, ...attention])
  }
  const leads = lately(isLeader, leadsForMs)
  const counts = keptFor(freshForMs, countAll)
  metrics.measure({
    // Who leads is asked at each scrape, the server not.
    freshForMs: 0,
    gauges: [
      {
        name: 'countermand_sagas_open',
        help: 'Open sagas by stage, as they can be searched: as of their last wait',
        labelNames: ['stage'],
      },
      {
        name: 'countermand_sagas_attention',
        help: 'Open sagas that wait for a person, by reason',
        labelNames: ['reason'],
      },
    ],
    read: async () => (leads() ? counts() : []),
  })
}
