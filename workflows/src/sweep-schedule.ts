import { type Client, ScheduleAlreadyRunning, type ScheduleOptionsStartWorkflowAction } from '@temporalio/client'
import { taskQueue } from './inputs.ts'
import type { sweepHolds } from './sweep-holds.ts'

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
  } satisfies ScheduleOptionsStartWorkflowAction<typeof sweepHolds>,
  policies: { overlap: 'SKIP', catchupWindow: '1 minute' } as const,
})

/** Makes the schedule of the sweep, or brings it up to date; one that an operator has paused stays so. */
export const ensureSweep = async ({ schedule }: Client, intervalMs: number): Promise<void> => {
  const wanted = scheduleOf(intervalMs)
  try {
    await schedule.create({ scheduleId: sweepScheduleId, ...wanted })
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error
    await schedule.getHandle(sweepScheduleId).update(({ state }) => ({ ...wanted, state }))
  }
}
