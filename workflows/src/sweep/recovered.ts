import { inGroups } from '@countermand/process/in-groups.ts'
import type { Logger } from '@countermand/telemetry'
import type { Client } from '@temporalio/client'
import { commandMessage } from '../messages/command-message.ts'
import type { Publish } from '../messages/publish.ts'
import type { FailingRun, RecoveredActivities } from '../protocol/sweep.ts'
import { sagaIdInUse } from '../runs/workflow-ids.ts'
import { look } from './sweep.ts'

/** Runs whose code failed, and that it can walk again: their alarm is over, and told to be. */

interface RecoveredOptions {
  readonly client: Client
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
}

const atOnce = 16

/** What fails has a workflow task at hand until it does not, and what is lost is started again, and looked at then. */
const goesOn = (run: Awaited<ReturnType<typeof look>>): boolean =>
  run === undefined ||
  run.status.name === 'COMPLETED' ||
  (run.status.name === 'RUNNING' && run.raw.pendingWorkflowTask == null)

const resumedMessage = ({ request, alarm }: FailingRun, now: string) => {
  const { orderId, requestId } = request
  const key = alarm.replace(/^attention/, 'resumed')
  const record = { what: 'resumed', of: alarm, at: now } as const
  return commandMessage('RecordCancellation', { orderId, requestId, round: 1, key, request, record }, now)
}

export const createRecovered = ({ client, publish, now, log }: RecoveredOptions): RecoveredActivities => ({
  tellRecovered: async (failing) => {
    const told: string[] = []
    await inGroups(
      failing.map((each) => [each]),
      atOnce,
      async (each) => {
        const workflowId = await sagaIdInUse(client, each.request)
        if (!goesOn(await look(client, workflowId))) return
        log.info({ workflowId, alarm: each.alarm }, 'a workflow task that failed does not any more')
        await publish([resumedMessage(each, now())])
        told.push(workflowId)
      },
    )
    return told
  },
})
