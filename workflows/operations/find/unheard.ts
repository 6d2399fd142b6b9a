import { attributes } from '../../src/protocol/search-attributes.ts'
import type { Temporal } from '../reach/temporal.ts'
import { onlyOne } from './by-prefix.ts'
import type { Identified } from './identify.ts'
import { listRuns, type Run } from './runs.ts'

/** A run of a request that no service has heard of: something about it came first, or it has just begun. */

const isMeant = ({ orderId, requestId, workflowId }: Run, id: string): boolean =>
  [orderId, requestId, workflowId].includes(id)

const leastCharacters = 4

/** Temporal searches neither by a request nor by the middle of an id: all runs that have come to nothing yet are read. */
const runsNamed = async (temporal: Temporal, id: string): Promise<Run[]> => {
  const runs = await listRuns(temporal, { where: `${attributes.outcome.name} IS NULL` })
  const exact = runs.filter((run) => isMeant(run, id))
  if (exact.length > 0 || id.length < leastCharacters) return exact
  const begun = runs.filter(({ requestId }) => requestId.startsWith(id))
  onlyOne(id, [...new Set(begun.map(({ requestId }) => requestId))])
  return begun
}

/** The request of such a run by its id, the beginning of it, its order's, or the run's; `undefined`: there is none. */
export const identifyRun = async (temporal: Temporal, id: string): Promise<Identified | undefined> => {
  const found = (await runsNamed(temporal, id)).toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())
  const [run] = found
  return run && { orderId: run.orderId, requestIds: [...new Set(found.map(({ requestId }) => requestId))] }
}
