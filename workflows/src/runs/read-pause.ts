import { type Client, WorkflowNotFoundError } from '@temporalio/client'
import { pausedByMemo, pausedByOperationMemo, pausedForMemo, pauseId, type Told } from '../protocol/pause.ts'

/** A pause of intake that is in force. */
export interface Pause extends Told {
  readonly since: Date
}

/** The pause that is in force; `undefined`: intake is open. Throws when Temporal does not answer. */
export const readPause = async (client: Client): Promise<Pause | undefined> => {
  try {
    const { status, memo = {}, startTime } = await client.workflow.getHandle(pauseId).describe()
    if (status.name !== 'RUNNING') return undefined
    const { [pausedByMemo]: by, [pausedForMemo]: reason, [pausedByOperationMemo]: operationId } = memo
    return {
      ...{ by: String(by ?? 'somebody'), reason: String(reason ?? 'no reason given'), since: startTime },
      ...(typeof operationId === 'string' && { operationId }),
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

export const pauseInWords = ({ by, reason, since }: Pause): string =>
  `intake is paused since ${since.toISOString()} by ${by}: ${reason}`
