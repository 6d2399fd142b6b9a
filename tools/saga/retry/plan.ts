import { type CancelRequested, takenRequest } from '@countermand/contracts'
import { shellCommand } from '@countermand/contracts/shown.ts'
import { eventsOf, isSagaOf } from '@countermand/workflows/src/runs/go-on.ts'
import { attemptOf, keepsFailing } from '@countermand/workflows/src/runs/keeps-failing.ts'
import { requestedAtStart } from '@countermand/workflows/src/runs/started-with.ts'
import { type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client'
import { z } from 'zod'
import type { Databases } from '../databases.ts'
import { reasonOf } from '../error.ts'
import type { FoundSaga } from '../find.ts'
import { parkedAfterTheEnd } from '../resolve/after-the-end.ts'
import { type Attention, askStatus } from '../resolve/parked.ts'
import type { Temporal } from '../runs.ts'
import { nextRequest } from './again.ts'

/** What drives a saga on. */
export type RetryPlan =
  | { readonly action: 'resolve'; readonly workflowId: string; readonly parked: Attention }
  | {
      readonly action: 'start-again'
      readonly workflowId: string
      readonly because: string
      readonly request: CancelRequested
    }
  /** It runs, and no code will follow it, or it is none of this saga's: it is ended, and started again. */
  | {
      readonly action: 'restart'
      readonly workflowId: string
      readonly runId: string
      readonly because: string
      readonly request: CancelRequested
    }
  | { readonly action: 'ask-again'; readonly ended: string; readonly request: CancelRequested }
  | { readonly action: 'nothing'; readonly because: string }

const known = z.object({ request: takenRequest, outcome: z.string().nullable() })

const readRequest = async ({ order }: Databases, requestId: string) => {
  const [row] = await order.rows(known, 'select request, outcome from requests where request_id = $1', [requestId])
  return row
}

type Description = Pick<WorkflowExecutionDescription, 'status' | 'closeTime' | 'raw' | 'runId'>

/** How the latest run of an id is; `undefined`: Temporal keeps none. */
export const describeRun = ({ client }: Temporal, workflowId: string): Promise<Description | undefined> =>
  client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined
      throw new Error(`expected Temporal to describe ${workflowId}: ${reasonOf(error)}`, { cause: error })
    })

/** The request that a run was started with, for one that no service has heard of. */
const requestInHistory = async ({ client }: Temporal, workflowId: string): Promise<CancelRequested> => {
  const requested = await requestedAtStart(client, workflowId)
  if (requested !== undefined) return requested.request
  throw new Error(
    `expected the request of ${workflowId}, neither the order service nor its history has it: publish it again`,
  )
}

const failing = (run: Description): string => `its workflow task keeps failing (attempt ${attemptOf(run)})`

/** Why a run may be ended though it is open; `undefined`: it walks, and is this saga's. */
const begunWrongly = async ({ client }: Temporal, found: FoundSaga, run: Description): Promise<string | undefined> => {
  if (keepsFailing(run)) return failing(run)
  const events = await eventsOf(client, { workflowId: found.workflowId, runId: run.runId })
  return events === undefined || isSagaOf(events, found) ? undefined : 'its run is not that of a saga of this request'
}

const ofRunning = async (temporal: Temporal, found: FoundSaga, run: Description): Promise<RetryPlan> => {
  const { requestId, workflowId } = found
  if (keepsFailing(run)) {
    const replay = shellCommand('saga replay', requestId)
    const because = `${failing(run)}: deploy code that follows it, \`${replay}\` says where it differs; --restart begins it again, where no code will`
    return { action: 'nothing', because }
  }
  const { attention, stage, waitingFor } = await askStatus(temporal, workflowId)
  if (attention?.remedies.includes('retry')) return { action: 'resolve', workflowId, parked: attention }
  if (attention) {
    const ways = attention.remedies.join(', ') || 'no decision'
    return { action: 'nothing', because: `${attention.step} takes ${ways}, not retry: ${attention.error}` }
  }
  return {
    action: 'nothing',
    because: `it runs: ${stage}${waitingFor === undefined ? '' : `, waits for ${waitingFor}`}`,
  }
}

const ofEnded = async (
  temporal: Temporal,
  found: FoundSaga,
  { request, outcome }: { readonly request: CancelRequested; readonly outcome: string },
): Promise<RetryPlan> => {
  const workflowId = await parkedAfterTheEnd(temporal, found)
  // To ask for it again would cancel what is left of the order, and refund that.
  if (workflowId === undefined && (outcome === 'cancelled' || outcome === 'lines-cancelled'))
    return { action: 'nothing', because: `it did what was asked: ${outcome}; what is left is a new request's` }
  if (workflowId === undefined) return { action: 'ask-again', ended: outcome, request: nextRequest(request) }
  const { attention } = await askStatus(temporal, workflowId)
  if (attention?.remedies.includes('retry')) return { action: 'resolve', workflowId, parked: attention }
  return { action: 'nothing', because: `${workflowId} takes ${attention?.remedies.join(', ') ?? 'nothing'}, not retry` }
}

/**
 * Looks at a saga in the order service and in Temporal, and says what would drive it on. Changes nothing. `restart`: a run that was
 * begun wrongly may be ended for it.
 */
export const planRetry = async (
  databases: Databases,
  temporal: Temporal,
  found: FoundSaga,
  restart = false,
): Promise<RetryPlan> => {
  const { requestId, workflowId } = found
  const told = await readRequest(databases, requestId)
  if (told?.outcome != null) return ofEnded(temporal, found, { request: told.request, outcome: told.outcome })
  const run = await describeRun(temporal, workflowId)
  const requested = async () => told?.request ?? (await requestInHistory(temporal, workflowId))
  if (run?.status.name === 'RUNNING') {
    const because = restart ? await begunWrongly(temporal, found, run) : undefined
    if (because === undefined) return ofRunning(temporal, found, run)
    return { action: 'restart', workflowId, runId: run.runId, because, request: await requested() }
  }
  const state = run === undefined ? 'not known to Temporal any more' : run.status.name.toLowerCase()
  const at = run?.closeTime === undefined ? '' : ` since ${run.closeTime.toISOString()}`
  return { action: 'start-again', workflowId, because: `its run is ${state}${at}`, request: await requested() }
}
