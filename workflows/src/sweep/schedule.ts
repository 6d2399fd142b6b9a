import type { Logger } from '@countermand/telemetry'
import { type Client, ScheduleAlreadyRunning, type ScheduleOptionsStartWorkflowAction } from '@temporalio/client'
import { taskQueue } from '../protocol/inputs.ts'
import type { Workflows } from '../protocol/workflows.ts'

export const sweepScheduleId = 'sweep-holds'

/** The most that a hold must be old before it is looked at. */
const mostAgeMs = 30_000

const scheduleOf = (intervalMs: number) => ({
  spec: { intervals: [{ every: intervalMs }] },
  action: {
    type: 'startWorkflow' as const,
    workflowType: 'sweepHolds',
    workflowId: sweepScheduleId,
    taskQueue,
    args: [{ minAgeMs: Math.min(intervalMs, mostAgeMs) }],
    staticSummary: 'Start the sagas of orders on hold again that are not open',
    // One that hangs must not keep the next ones from being started.
    workflowExecutionTimeout: '10 minutes',
  } satisfies ScheduleOptionsStartWorkflowAction<Workflows['sweepHolds']>,
  policies: { overlap: 'SKIP', catchupWindow: '1 minute' } as const,
})

const isMade = async ({ schedule }: Client, intervalMs: number): Promise<boolean> => {
  try {
    await schedule.create({ scheduleId: sweepScheduleId, ...scheduleOf(intervalMs) })
    return true
  } catch (error) {
    if (error instanceof ScheduleAlreadyRunning) return false
    throw error
  }
}

/** Makes the schedule of the sweep, or brings it up to date; one that an operator has paused stays so. */
export const ensureSweep = async (client: Client, intervalMs: number): Promise<void> => {
  if (await isMade(client, intervalMs)) return
  await client.schedule.getHandle(sweepScheduleId).update(({ state }) => ({ ...scheduleOf(intervalMs), state }))
}

/** Makes the schedule again whenever it is gone: a namespace that loses its histories loses it too. Returns how to stop. */
export const keepSweep = (client: Client, intervalMs: number, log: Logger): (() => void) => {
  const look = () =>
    isMade(client, intervalMs).then(
      (made) => made && log.warn('the schedule of the sweep was gone, it is made again'),
      (error: unknown) => log.warn({ err: error }, 'Temporal does not say whether the sweep is scheduled'),
    )
  const timer = setInterval(look, intervalMs)
  return () => clearInterval(timer)
}
