import { randomUUID } from 'node:crypto'
import { type CancelRequested, digestOf } from '@countermand/contracts'
import type { Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import {
  digestMemo,
  requestMemo,
  sagaInput,
  taskQueue,
  workflowType,
} from '@countermand/workflows/src/protocol/inputs.ts'
import { payloadConverter } from '@countermand/workflows/src/protocol/payload-converter.ts'
import { attributes } from '@countermand/workflows/src/protocol/search-attributes.ts'
import { mapToPayloads, toPayloads } from '@temporalio/common'
import { msToTs } from '@temporalio/common/lib/time.js'

/** Temporal's numbers in gRPC. */
const startTimer = 3
const terminateExisting = 3
const allowDuplicate = 1

const identity = 'countermand-drill'

/**
 * A saga's run in whose history there is what code of another version did, and that of today does not: it has set a timer. So no
 * code here can walk it, as after a change without `patched`. A run that is open under its id is replaced. The server hands the first
 * workflow task to whoever starts a run, so no worker has to be of that version.
 */
export const beginAsAnotherVersion = async (
  { client: { workflowService, options } }: Temporal,
  request: CancelRequested,
  workflowId: string,
): Promise<void> => {
  const { namespace } = options
  const { orderId, requestId, reason, initiator } = request
  const digest = digestOf(request)
  const input = sagaInput(request, 'adaptive', { request, digest })
  const { orderId: ofOrder, stage, needsAttention } = attributes
  const known = { [ofOrder.name]: orderId, [stage.name]: 'requested', [needsAttention.name]: false }
  const summary = `Cancel ${orderId}: ${reason.code} (${initiator.kind})`
  const { eagerWorkflowTask } = await workflowService.startWorkflowExecution({
    ...{ namespace, identity, workflowId, requestId: randomUUID(), requestEagerExecution: true },
    ...{ workflowType: { name: workflowType }, taskQueue: { name: taskQueue } },
    ...{ workflowIdConflictPolicy: terminateExisting, workflowIdReusePolicy: allowDuplicate },
    input: { payloads: toPayloads(payloadConverter, input) ?? [] },
    memo: { fields: mapToPayloads(payloadConverter, { [requestMemo]: requestId, [digestMemo]: digest }) },
    searchAttributes: { indexedFields: mapToPayloads<string>(payloadConverter, known) },
    userMetadata: { summary: payloadConverter.toPayload(summary) },
  })
  if (eagerWorkflowTask?.taskToken == null)
    throw new Error(
      'expected Temporal to hand over the first workflow task (system.enableEagerWorkflowStart), it did not',
    )
  await workflowService.respondWorkflowTaskCompleted({
    ...{ namespace, identity, taskToken: eagerWorkflowTask.taskToken, forceCreateNewWorkflowTask: true },
    commands: [
      {
        commandType: startTimer,
        startTimerCommandAttributes: { timerId: 'remind-the-merchant', startToFireTimeout: msToTs('1 day') },
      },
    ],
  })
}
