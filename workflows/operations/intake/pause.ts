import { setTimeout as sleep } from 'node:timers/promises'
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import { z } from 'zod'
import { taskQueue } from '../../src/protocol/inputs.ts'
import {
  gateLagMs,
  pausedByMemo,
  pausedByOperationMemo,
  pausedForMemo,
  pauseId,
  pauseWorkflowType,
  resumeSignal,
  type Told,
} from '../../src/protocol/pause.ts'
import type { Workflows } from '../../src/protocol/workflows.ts'
import { type Pause, readPause } from '../../src/runs/read-pause.ts'
import { reasonOf } from '../reach/reason-of.ts'
import type { Temporal } from '../reach/temporal.ts'
import { Unsettled } from '../reach/unsettled.ts'

export { type Pause, pauseInWords } from '../../src/runs/read-pause.ts'

const answerWithinMs = 15_000

/** The pause that is in force. Throws when Temporal does not answer. */
export const currentPause = ({ client }: Temporal): Promise<Pause | undefined> =>
  client.connection
    .withDeadline(Date.now() + answerWithinMs, () => readPause(client))
    .catch((cause: unknown) => {
      throw new Error(`expected Temporal to say whether intake is paused: ${reasonOf(cause)}`, { cause })
    })

/** Pauses intake, and returns when no process takes a new event any more; `false`: it is paused already. */
export const pause = async ({ client }: Temporal, { by, reason, operationId }: Told): Promise<boolean> => {
  try {
    await client.workflow.start<Workflows['pauseIntake']>(pauseWorkflowType, {
      workflowId: pauseId,
      taskQueue,
      args: [{ by, reason }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      workflowIdConflictPolicy: 'FAIL',
      memo: {
        ...{ [pausedByMemo]: by, [pausedForMemo]: reason },
        ...(operationId === undefined ? {} : { [pausedByOperationMemo]: operationId }),
      },
      staticSummary: `Intake is paused by ${by}: ${reason}`,
    })
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return false
    throw error
  }
  await sleep(gateLagMs)
  return true
}

const askedFor = z.object({ operationId: z.string().optional() })
/** So many pauses are looked through, the newest first. */
const mostLookedAt = 20

/**
 * Whether a pause was begun, or ended, for this operation: by an earlier run of its request, and whatever became of intake since. Throws
 * when Temporal does not answer.
 */
export const wasHeldFor = async ({ client }: Temporal, operationId: string): Promise<boolean> => {
  let looked = 0
  for await (const { runId, memo } of client.workflow.list({ query: `WorkflowId = '${pauseId}'` })) {
    if (memo?.[pausedByOperationMemo] === operationId) return true
    const handle = client.workflow.getHandle(pauseId, runId)
    // What the list says of its status may be late.
    const { status } = await handle.describe()
    const ended: unknown = status.name === 'COMPLETED' ? await handle.result() : undefined
    if (askedFor.safeParse(ended).data?.operationId === operationId) return true
    looked += 1
    if (looked === mostLookedAt) return false
  }
  return false
}

/** Resumes intake, and returns when it is open; `false`: it is open already. */
export const resume = async (temporal: Temporal, told: Told): Promise<boolean> => {
  if ((await currentPause(temporal)) === undefined) return false
  const { client } = temporal
  const handle = client.workflow.getHandle<Workflows['pauseIntake']>(pauseId)
  await handle.signal(resumeSignal, told)
  await client.connection
    .withDeadline(Date.now() + answerWithinMs, () => handle.result())
    .catch((cause: unknown) => {
      const message = `expected an orchestrator to end the pause within ${answerWithinMs / 1000} s: it does so when one runs, the wish is kept`
      throw new Unsettled(message, { cause })
    })
  return true
}
