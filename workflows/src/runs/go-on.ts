import { type Client, isGrpcServiceError, WorkflowNotFoundError } from '@temporalio/client'
import type { History } from '@temporalio/common/lib/proto-utils.js'
import { z } from 'zod'
import { workflowType } from '../protocol/inputs.ts'
import { payloadConverter } from '../protocol/payload-converter.ts'

/** How a run goes on that is lost: from its first workflow task, which needs no code that could walk it, with all that it was told since. */

export interface LostRun {
  readonly workflowId: string
  readonly runId: string
}

/** Whether a run has ended otherwise than by its own doing. */
export const isLost = (status: string): boolean => ['TERMINATED', 'FAILED', 'TIMED_OUT', 'CANCELLED'].includes(status)

export type Events = NonNullable<History['events']>

/** What a run has been through, by default the latest of its id; `undefined`: its history is gone. */
export const eventsOf = async (
  { workflow }: Client,
  { workflowId, runId }: Partial<LostRun> & Pick<LostRun, 'workflowId'>,
): Promise<Events | undefined> => {
  try {
    return (await workflow.getHandle(workflowId, runId).fetchHistory()).events ?? undefined
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined
    throw error
  }
}

const named = z.object({ orderId: z.string(), requestId: z.string() })

/** Whether it is the saga of this request, and not something else that somebody has started under its id. */
export const isSagaOf = (events: Events, saga: { readonly orderId: string; readonly requestId: string }): boolean => {
  const started = events[0]?.workflowExecutionStartedEventAttributes
  const [input] = started?.input?.payloads ?? []
  const { data } = named.safeParse(input && payloadConverter.fromPayload(input))
  return (
    started?.workflowType?.name === workflowType && data?.orderId === saga.orderId && data.requestId === saga.requestId
  )
}

/** The same for everybody who lets a lost run go on: it happens once. */
const onceFor = ({ runId }: LostRun): string => `lost-${runId}`

/**
 * Resets a lost run to its first workflow task: signals and updates come again, stored answers and recorded decisions see to it that
 * nothing is done twice. False: it has not come to the end of a workflow task.
 */
const reset = async (
  { workflowService, options: { namespace } }: Client,
  lost: LostRun,
  events: Events,
  reason: string,
): Promise<boolean> => {
  const { workflowId, runId } = lost
  // Not the event of its start, which may have come in one transaction with the run's own.
  const first = events.find(
    (event) =>
      event.workflowTaskCompletedEventAttributes ??
      event.workflowTaskFailedEventAttributes ??
      event.workflowTaskTimedOutEventAttributes,
  )?.eventId
  if (first == null) return false
  await workflowService.resetWorkflowExecution({
    ...{ namespace, workflowExecution: { workflowId, runId }, reason },
    ...{ requestId: onceFor(lost), workflowTaskFinishEventId: first },
  })
  return true
}

/** Its number in gRPC. */
const alreadyExists = 6

/** Starts a run anew as it was started before it was lost. */
const startAsBefore = async (
  { workflowService, options: { namespace } }: Client,
  lost: LostRun,
  [first]: Events,
): Promise<void> => {
  const started = first?.workflowExecutionStartedEventAttributes
  if (started == null) return
  const { workflowType: type, taskQueue, input, memo, searchAttributes } = started
  const asked = {
    ...{ namespace, workflowId: lost.workflowId, requestId: onceFor(lost) },
    ...{ workflowType: type ?? null, taskQueue: taskQueue ?? null, input: input ?? null },
    ...{ memo: memo ?? null, searchAttributes: searchAttributes ?? null, userMetadata: first?.userMetadata ?? null },
  }
  await workflowService.startWorkflowExecution(asked).catch((error: unknown) => {
    // Another one runs by now.
    if (!isGrpcServiceError(error) || error.code !== alreadyExists) throw error
  })
}

/** Tells the run that is open by now what a lost one was told. Each signal is known by its event: it comes once. */
export const tellAgain = async (
  { workflowService, options: { namespace } }: Client,
  lost: LostRun,
  events: Events,
): Promise<void> => {
  for (const { eventId, workflowExecutionSignaledEventAttributes: signal } of events) {
    if (signal == null) continue
    await workflowService.signalWorkflowExecution({
      ...{ namespace, workflowExecution: { workflowId: lost.workflowId }, requestId: `${onceFor(lost)}-${eventId}` },
      ...{ signalName: signal.signalName ?? null, input: signal.input ?? null, header: signal.header ?? null },
    })
  }
}

/** Temporal's Cancel is no signal, and no reset brings it back. */
const cancelAgain = async (
  { workflowService, options: { namespace } }: Client,
  lost: LostRun,
  events: Events,
): Promise<void> => {
  const asked = events.find((event) => event.workflowExecutionCancelRequestedEventAttributes)
  if (asked === undefined) return
  const { cause, identity } = asked.workflowExecutionCancelRequestedEventAttributes ?? {}
  await workflowService.requestCancelWorkflowExecution({
    ...{ namespace, workflowExecution: { workflowId: lost.workflowId }, requestId: `${onceFor(lost)}-cancel` },
    ...{ reason: cause ?? null, identity: identity ?? null },
  })
}

/** Lets a lost run go on, whatever it is. */
export const goOn = async (client: Client, lost: LostRun, events: Events, reason: string): Promise<void> => {
  if (!(await reset(client, lost, events, reason))) {
    await startAsBefore(client, lost, events)
    await tellAgain(client, lost, events)
  }
  await cancelAgain(client, lost, events)
}
