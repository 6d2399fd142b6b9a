import { listRuns, type Temporal } from '../runs.ts'

/** The run that waits for a person about a refund of this request that was reversed after its end; of several the first. */
export const parkedReversal = async (
  temporal: Temporal,
  { orderId, requestId }: { readonly orderId: string; readonly requestId: string },
): Promise<string | undefined> => {
  const parked = await listRuns(temporal, { attention: true, order: orderId })
  const ofRequest = parked.filter((run) => run.requestId === requestId && run.workflowId.startsWith('refund-'))
  return ofRequest.toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime())[0]?.workflowId
}
