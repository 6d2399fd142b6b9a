import { inSpan, type SpanStart } from '@countermand/telemetry'
import { CompleteAsyncError } from '@temporalio/activity'
import { type WorkflowClientInterceptor, WorkflowExecutionAlreadyStartedError } from '@temporalio/client'
import type { Headers } from '@temporalio/common'
import type { ActivityInterceptorsFactory } from '@temporalio/worker'
import { z } from 'zod'
import { payloadConverter } from '../protocol/payload-converter.ts'
import { traceHeader } from '../protocol/trace-header.ts'

/** Spans of what is asked of Temporal, and of what it has us do; named as Temporal's own SDKs name them. */

const carried = z.object({ traceparent: z.string() })

const traceparentOf = ({ [traceHeader]: payload }: Headers): string | null =>
  payload === undefined ? null : (carried.safeParse(payloadConverter.fromPayload(payload)).data?.traceparent ?? null)

const withTrace = (headers: Headers, traceparent: string | undefined): Headers =>
  traceparent === undefined ? headers : { ...headers, [traceHeader]: payloadConverter.toPayload({ traceparent }) }

const asking = (verb: string, name: string, workflowId: string | undefined): SpanStart => ({
  name: `${verb}:${name}`,
  kind: 'client',
  attributes: workflowId === undefined ? {} : { 'temporal.workflow.id': workflowId },
})

/** A duplicate event is told so, which is no failure. */
const alreadyStarted = (error: unknown): boolean => error instanceof WorkflowExecutionAlreadyStartedError

/** Puts the trace of who starts, signals or updates a workflow into what Temporal is asked. */
export const traceClient: WorkflowClientInterceptor = {
  startWithDetails: (input, next) =>
    inSpan(
      asking('StartWorkflow', input.workflowType, input.options.workflowId),
      ({ traceparent }) => next({ ...input, headers: withTrace(input.headers, traceparent) }),
      alreadyStarted,
    ),
  signalWithStart: (input, next) =>
    inSpan(
      asking('SignalWithStartWorkflow', input.workflowType, input.options.workflowId),
      ({ traceparent }) => next({ ...input, headers: withTrace(input.headers, traceparent) }),
      alreadyStarted,
    ),
  signal: (input, next) =>
    inSpan(
      asking('SignalWorkflow', input.signalName, input.workflowExecution.workflowId ?? undefined),
      ({ traceparent }) => next({ ...input, headers: withTrace(input.headers, traceparent) }),
    ),
}

const about = z.object({ orderId: z.string(), requestId: z.string() })

/** A command's activity that is left open for its answer has done what it was to do. */
const leftOpen = (error: unknown): boolean => error instanceof CompleteAsyncError

/** Runs each activity, local ones too, in a span of its own that goes on from the run's trace. */
export const traceActivities: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute: (input, next) => {
      const ids = about.safeParse(input.args[0]).data
      const start: SpanStart = {
        name: `RunActivity:${info.activityType}`,
        kind: 'internal',
        parent: traceparentOf(input.headers),
        attributes: {
          'temporal.workflow.id': info.workflowExecution?.workflowId ?? '',
          'temporal.run.id': info.workflowExecution?.runId ?? '',
          'temporal.activity.id': info.activityId,
          'temporal.activity.attempt': info.attempt,
          'temporal.activity.local': info.isLocal,
          ...(ids === undefined
            ? {}
            : { 'countermand.order.id': ids.orderId, 'countermand.request.id': ids.requestId }),
        },
      }
      return inSpan(start, () => next(input), leftOpen)
    },
  },
})
