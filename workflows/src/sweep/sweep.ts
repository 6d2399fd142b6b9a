import { type CancelRequested, digestOf, sagaId, sagaStage } from '@countermand/contracts'
import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client'
import { commandMessage } from '../messages/command-message.ts'
import type { Publish } from '../messages/publish.ts'
import { digestMemo } from '../protocol/inputs.ts'
import { nextInTurn } from '../protocol/rotation.ts'
import { attributes } from '../protocol/search-attributes.ts'
import type { SweepActivities } from '../protocol/sweep.ts'
import type { Sagas } from '../runs/connect-sagas.ts'
import { attemptOf, failureOfCode, keepsFailing } from '../runs/keeps-failing.ts'
import { sagaIdInUse } from '../runs/workflow-ids.ts'
import { findOpenRuns, type OpenRun } from './open-runs.ts'

interface SweepOptions {
  readonly client: Client
  readonly sagas: Sagas
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

/** How many sagas are looked at side by side. */
const atOnce = 16
type Run = Pick<
  WorkflowExecutionDescription,
  'status' | 'workflowId' | 'runId' | 'closeTime' | 'memo' | 'raw' | 'typedSearchAttributes'
>

export const look = (client: Client, workflowId: string): Promise<Run | undefined> =>
  client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined
      throw error
    })

const findings = ['open', 'waits-for-its-request', 'failing', 'closed-just-now', 'lost'] as const
type Finding = (typeof findings)[number]

/** Whether a run was started by something that overtook its request. One whose workflow task fails is let be: a signal would start the count of attempts anew. */
export const waitsForItsRequest = (run: Pick<Run, 'status' | 'memo' | 'raw'>): boolean =>
  run.status.name === 'RUNNING' && run.memo?.[digestMemo] === undefined && attemptOf(run) <= 1

const findingOf = (run: Run | undefined, listedAt: string): Finding => {
  if (run === undefined) return 'lost'
  if (run.status.name !== 'RUNNING')
    return run.closeTime !== undefined && run.closeTime.getTime() >= Date.parse(listedAt) ? 'closed-just-now' : 'lost'
  if (keepsFailing(run)) return 'failing'
  return waitsForItsRequest(run) ? 'waits-for-its-request' : 'open'
}

/** Told once for each time that a run begins to fail: its message id names the run, and since when. The order service keeps one while that stands. */
export const attentionMessage = async (
  request: CancelRequested,
  run: Run,
  { client, now }: Pick<SweepOptions, 'client' | 'now'>,
) => {
  const { orderId, requestId } = request
  const { error, since } = await failureOfCode(client, run, now)
  const record = {
    what: 'needs-attention',
    stage: sagaStage.catch('verifying').parse(run.typedSearchAttributes.get(attributes.stage)),
    reason: 'workflow-task-failing',
    ...{ error, since },
    remedies: [],
  } as const
  const key = `attention.workflow-task-failing.${run.runId}.${Date.parse(since)}`
  return commandMessage('RecordCancellation', { orderId, requestId, round: 1, key, request, record }, now())
}

/** What a search has found needs no look, unless its turn has come. What looks lost is looked at: a search is some moments old. */
const needsNoLook = (open: OpenRun | undefined, isInTurn: boolean): boolean => open?.hasRequest === true && !isInTurn

/** The activity of the sweep: compares the orders on hold with the sagas that are open. */
export const createSweep = (options: SweepOptions): SweepActivities => {
  const { client, sagas, publish, log, metrics } = options
  const counted = metrics.counter<'finding'>({
    name: 'countermand_swept_holds_total',
    help: 'Orders on hold that the sweep looked at, by how it found their saga',
    labelNames: ['finding'],
  })

  for (const finding of findings) counted.inc({ finding }, 0)

  const attend = async (request: CancelRequested, listedAt: string): Promise<Finding> => {
    const run = await look(client, await sagaIdInUse(client, request))
    const finding = findingOf(run, listedAt)
    const about = { orderId: request.orderId, requestId: request.requestId, run: run?.runId, status: run?.status.name }
    const requested = { request, digest: digestOf(request) }
    if (finding === 'lost') {
      const level = run?.status.name === 'COMPLETED' ? 'error' : 'warn'
      log[level](about, 'an order is on hold and its saga is not open: it is started again')
      await sagas.restart(requested)
    } else if (finding === 'waits-for-its-request') await sagas.start(requested)
    else if (finding === 'failing' && run !== undefined) {
      log.error(about, 'a workflow task fails again and again')
      await publish([await attentionMessage(request, run, options)])
    }
    return finding
  }

  return {
    restartLost: async (holds, listedAt, rotation) => {
      const idOf = ({ orderId, requestId }: CancelRequested) => sagaId(orderId, requestId)
      const open = await findOpenRuns(client, holds.map(idOf))
      const openOnes = holds.filter((request) => open.has(idOf(request))).map(({ requestId }) => requestId)
      const turn = nextInTurn(openOnes, rotation ?? { after: '', left: holds.length })
      const found: [string, Finding][] = []
      const look = async (request: CancelRequested): Promise<void> => {
        const isKnown = needsNoLook(open.get(idOf(request)), turn.chosen.has(request.requestId))
        const finding = isKnown ? 'open' : await attend(request, listedAt)
        counted.inc({ finding })
        found.push([idOf(request), finding])
      }
      await inGroups(
        holds.map((request) => [request]),
        atOnce,
        look,
      )
      const those = (finding: Finding) => found.filter((each) => each[1] === finding).map(([workflowId]) => workflowId)
      const done = { restarted: those('lost'), failing: those('failing') }
      return rotation === undefined ? done : { ...done, rotation: turn.rotation }
    },
  }
}
