import { attentionReason, sagaStage } from '@countermand/contracts'
import { type Metrics, singleFlight } from '@countermand/telemetry'
import type { Client, Connection } from '@temporalio/client'
import { tsToDate } from '@temporalio/common/lib/time.js'
import { taskQueue } from './inputs.ts'

/** Whoever asks whether we are ready waits for 2 s at most. */
const patienceMs = 1_500
/** A poll lasts a minute when there is nothing to do. */
const pollsAgainWithinMs = 90_000
/** `temporal.api.enums.v1.TaskQueueType` */
const workflowTasks = 1

/**
 * Asks Temporal when it last heard of this worker: that its state is "running" only says that nobody has stopped it. Says in words why it is not
 * well; empty: it is.
 */
export const createTemporalProbe = (
  connection: Connection,
  namespace: string,
  worker: { readonly identity: string },
): (() => Promise<string[]>) => {
  const request = { namespace, taskQueue: { name: taskQueue }, taskQueueType: workflowTasks }
  return singleFlight(async () => {
    try {
      const { pollers } = await connection.withDeadline(Date.now() + patienceMs, () =>
        connection.workflowService.describeTaskQueue(request),
      )
      const own = pollers?.find(({ identity }) => identity === worker.identity)?.lastAccessTime
      const silentMs = own ? Date.now() - tsToDate(own).getTime() : Number.POSITIVE_INFINITY
      return silentMs < pollsAgainWithinMs ? [] : [`temporal: the worker does not poll task queue ${taskQueue}`]
    } catch (error) {
      return [`temporal: ${error instanceof Error ? error.message : error}`]
    }
  })
}

/** Asking costs the server one count for each: none of them can be had together. */
const freshForMs = 15_000

/** Tells in metrics how many runs are open, by what they can be searched by. All orchestrators tell the same. */
export const measureSagas = (metrics: Metrics, client: Client): void => {
  const stages = sagaStage.exclude(['closed']).options
  const count = async (query: string): Promise<number> =>
    (await client.workflow.count(`ExecutionStatus = 'Running' AND ${query}`)).count
  metrics.measure({
    freshForMs,
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
    read: async () => {
      const open = stages.map(async (stage) => ({
        gauge: 'countermand_sagas_open' as const,
        labels: { stage },
        value: await count(`SagaStage = '${stage}'`),
      }))
      const attention = attentionReason.options.map(async (reason) => ({
        gauge: 'countermand_sagas_attention' as const,
        labels: { reason },
        value: await count(`AttentionReason = '${reason}'`),
      }))
      return Promise.all([...open, ...attention])
    },
  })
}
