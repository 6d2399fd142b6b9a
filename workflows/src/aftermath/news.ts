import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { requestMemo } from '../protocol/inputs.ts'
import { type News, newsSignal } from '../protocol/news.ts'
import { attributes } from '../protocol/search-attributes.ts'
import { idInUse, sagaIdInUse } from '../runs/workflow-ids.ts'

/** News, and the run that may wait for it once the cancellation has ended. */
export interface NewsOfCase {
  readonly news: News & Required<Pick<News, 'orderId' | 'requestId'>>
  readonly caseId: string
  /** What it was before ids told every pair apart. */
  readonly formerCaseId: string
}

const isTold = async ({ workflow }: Client, workflowId: string, news: News): Promise<boolean> => {
  try {
    await workflow.getHandle(workflowId).signal(newsSignal, news)
    return true
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false
    throw error
  }
}

/** Tells the saga that is open, else what came after its end: that begins only then. */
export const tellNews = async (
  client: Client,
  { news, caseId, formerCaseId }: NewsOfCase,
): Promise<'told' | 'nobody-waits'> => {
  const { orderId, requestId } = news
  // A cancellation itself is never over by itself: only what came after it is.
  const isOfCase = news.over === true
  if (!isOfCase && (await isTold(client, await sagaIdInUse(client, { orderId, requestId }), news))) return 'told'
  const later = await idInUse(
    client,
    caseId,
    formerCaseId,
    ({ memo, typedSearchAttributes }) =>
      memo?.[requestMemo] === requestId && typedSearchAttributes.get(attributes.orderId) === orderId,
  )
  return (await isTold(client, later, news)) ? 'told' : 'nobody-waits'
}
