import { formerSagaId, sagaId } from '@countermand/contracts/message-id.ts'
import { listRuns } from '../find/runs.ts'
import type { Temporal } from '../reach/temporal.ts'

/** The run that waits for a person about what came after the end of this request: a refund that was reversed, a parcel that comes back; of several the first. */
export const parkedAfterTheEnd = async (
  temporal: Temporal,
  { orderId, requestId }: { readonly orderId: string; readonly requestId: string },
): Promise<string | undefined> => {
  const parked = await listRuns(temporal, { attention: true, order: orderId })
  const ofSaga: readonly string[] = [sagaId(orderId, requestId), formerSagaId(orderId, requestId)]
  const ofRequest = parked.filter((run) => run.requestId === requestId && !ofSaga.includes(run.workflowId))
  return ofRequest.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())[0]?.workflowId
}
