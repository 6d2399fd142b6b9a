import { sagaIdInUse } from '../../src/runs/workflow-ids.ts'
import type { Databases } from '../reach/databases.ts'
import type { Temporal } from '../reach/temporal.ts'
import { identifyByPrefix } from './by-prefix.ts'
import { listRuns, type Run } from './runs.ts'
import { identifyRun } from './unheard.ts'

/** A request to cancel, and the id of its saga. */
export interface FoundSaga {
  readonly orderId: string
  readonly requestId: string
  readonly workflowId: string
}

const unknown = (id: string): Error =>
  new Error(
    `expected a request that a service or Temporal has heard of, or the id of its run (cancel-<orderId>-<requestId>), got ${id}`,
  )

/** By the id of its run, also of one that has ended. */
const runById = async (temporal: Temporal, id: string): Promise<FoundSaga> => {
  const [run] = /^cancel[-/]/.test(id) ? await listRuns(temporal, { workflowId: id }) : []
  if (run === undefined) throw unknown(id)
  return { orderId: run.orderId, requestId: run.requestId, workflowId: id }
}

/**
 * Finds a request by its id or the beginning of it, by its order's when that has one request, or by the id of its run when no
 * service has heard of it yet. Throws when there is none, or more than one.
 */
export const findSaga = async (databases: Databases, temporal: Temporal, id: string): Promise<FoundSaga> => {
  const known = (await identifyByPrefix(databases, id)) ?? (await identifyRun(temporal, id))
  if (known === undefined) return runById(temporal, id)
  const { orderId, requestIds } = known
  const [requestId, ...others] = requestIds
  if (requestId !== undefined && others.length === 0)
    return { orderId, requestId, workflowId: await sagaIdInUse(temporal.client, { orderId, requestId }) }
  const its = requestId === undefined ? 'nobody asked to cancel it' : `its requests: ${requestIds.join(', ')}`
  throw new Error(`expected a request, got order ${orderId}; ${its}`)
}

/** Every run of a request that Temporal keeps, oldest first: those that were started again, and what came after the end. */
export const runsOf = async (
  temporal: Temporal,
  { orderId, requestId }: Pick<FoundSaga, 'orderId' | 'requestId'>,
): Promise<Run[]> => {
  const runs = await listRuns(temporal, { everyKind: true, order: orderId })
  return runs
    .filter((run) => run.requestId === requestId)
    .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
}
