import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { digestMemo } from '../protocol/inputs.ts'
import type { Told } from '../protocol/pause.ts'
import { eventsOf, goOn, isLost, isSagaOf, tellAgain } from './go-on.ts'
import { sagaIdInUse } from './workflow-ids.ts'

export interface SagaName {
  readonly orderId: string
  readonly requestId: string
}

const because = (wish: Told | undefined): string =>
  wish === undefined ? 'the run was lost' : `started again by ${wish.by}: ${wish.reason}`

/** The latest run of a saga, when it is over. */
export const closedRun = async ({ workflow }: Client, workflowId: string) => {
  try {
    const { status, runId, memo } = await workflow.getHandle(workflowId).describe()
    const hasRequest = memo?.[digestMemo] !== undefined
    return status.name === 'RUNNING' ? undefined : { workflowId, runId, status: status.name, hasRequest }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

interface TakenUp {
  readonly goesOn: boolean
  /** It came to its end by its own doing. */
  readonly isOver: boolean
  /** Tells the next run what the lost one was told, when it cannot go on itself. */
  readonly tellAgain: () => Promise<void>
}

const nothingTold = async (): Promise<void> => {}

/** Lets a saga's lost run go on. One that is none of this saga's, whoever started it, cannot, but may have been told something. */
export const takeUp = async (client: Client, saga: SagaName, wish?: Told): Promise<TakenUp> => {
  const closed = await closedRun(client, await sagaIdInUse(client, saga))
  const events = closed && (await eventsOf(client, closed))
  if (closed === undefined) return { goesOn: false, isOver: false, tellAgain: nothingTold }
  const goesOn = isLost(closed.status)
  if (events === undefined) return { goesOn: false, isOver: !goesOn, tellAgain: nothingTold }
  if (!isSagaOf(events, saga))
    return { goesOn: false, isOver: false, tellAgain: () => tellAgain(client, closed, events) }
  if (goesOn) await goOn(client, closed, events, because(wish))
  return { goesOn, isOver: !goesOn, tellAgain: nothingTold }
}
