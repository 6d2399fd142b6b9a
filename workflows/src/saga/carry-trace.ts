import type { ActivityInput, LocalActivityInput, WorkflowInterceptors } from '@temporalio/workflow'
import { requestedSignal } from '../protocol/inputs.ts'
import { traceHeader } from '../protocol/trace-header.ts'

type Headers = ActivityInput['headers']

/**
 * Hands the trace that a run was started in on to its activities, unread. Nothing of OpenTelemetry is loaded in here, where each
 * module costs CPU anew for every workflow. Headers are no commands: histories from before replay as they did.
 */
export const interceptors = (): WorkflowInterceptors => {
  let trace: Headers = {}
  const take = ({ [traceHeader]: found }: Headers) => {
    if (found !== undefined) trace = { [traceHeader]: found }
  }
  const inTrace = <Input extends ActivityInput | LocalActivityInput>(input: Input): Input => ({
    ...input,
    headers: { ...trace, ...input.headers },
  })
  return {
    inbound: [
      {
        execute: (input, next) => {
          take(input.headers)
          return next(input)
        },
        handleSignal: (input, next) => {
          // A decision that overtook its request started the run; the cancellation is the request's.
          if (input.signalName === requestedSignal.name) take(input.headers)
          return next(input)
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(inTrace(input)),
        scheduleLocalActivity: (input, next) => next(inTrace(input)),
      },
    ],
  }
}
