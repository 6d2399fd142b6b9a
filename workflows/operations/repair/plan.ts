import type { CancelRequested } from '@countermand/contracts'
import { shellCommand } from '@countermand/contracts/shown.ts'
import { requestTaken } from '@countermand/order/store/facts.ts'
import type { Attention } from '../../src/protocol/inputs.ts'
import { eventsOf, isSagaOf } from '../../src/runs/go-on.ts'
import { keepsFailing } from '../../src/runs/keeps-failing.ts'
import { requestedAtStart } from '../../src/runs/started-with.ts'
import { parkedAfterTheEnd } from '../find/after-the-end.ts'
import { askStatus } from '../find/ask-status.ts'
import { type Description, describeRun } from '../find/describe-run.ts'
import { failingInWords } from '../find/failing-in-words.ts'
import type { FoundSaga } from '../find/find.ts'
import type { Databases } from '../reach/databases.ts'
import type { Temporal } from '../reach/temporal.ts'
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

/** The request that a run was started with, for one that no service has heard of. */
const requestInHistory = async ({ client }: Temporal, workflowId: string): Promise<CancelRequested> => {
  const requested = await requestedAtStart(client, workflowId)
  if (requested !== undefined) return requested.request
  throw new Error(
    `expected the request of ${workflowId}, neither the order service nor its history has it: publish it again`,
  )
}

/** Why a run may be ended though it is open; `undefined`: it walks, and is this saga's. */
const begunWrongly = async ({ client }: Temporal, found: FoundSaga, run: Description): Promise<string | undefined> => {
  if (keepsFailing(run)) return failingInWords(run, undefined)
  const events = await eventsOf(client, { workflowId: found.workflowId, runId: run.runId })
  return events === undefined || isSagaOf(events, found) ? undefined : 'its run is not that of a saga of this request'
}

const ofRunning = async (temporal: Temporal, found: FoundSaga, run: Description): Promise<RetryPlan> => {
  const { requestId, workflowId } = found
  if (keepsFailing(run)) {
    const replay = shellCommand('saga replay', requestId)
    const events = await eventsOf(temporal.client, { workflowId, runId: run.runId })
    const because = `${failingInWords(run, events)}: deploy code that follows it, \`${replay}\` says where it differs; --restart begins it again, where no code will`
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
  const told = await requestTaken(databases.order, requestId)
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
