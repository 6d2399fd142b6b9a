import { defaultPayloadConverter } from '@temporalio/common'
import type { ActivityInput, LocalActivityInput } from '@temporalio/workflow'
import { expect, test } from 'vitest'
import { traceHeader } from '../protocol/trace-header.ts'
import { interceptors } from './carry-trace.ts'

const headersOf = (traceparent: string) => ({ [traceHeader]: defaultPayloadConverter.toPayload({ traceparent }) })
const common = { activityType: 'refundOrder', args: [], options: {}, headers: {}, seq: 1 }

const open = () => {
  const { inbound: [inbound] = [], outbound: [outbound] = [] } = interceptors()
  return {
    start: (headers: ActivityInput['headers']) => inbound?.execute?.({ args: [], headers }, async () => undefined),
    signal: (signalName: string, headers: ActivityInput['headers']) =>
      inbound?.handleSignal?.({ signalName, args: [], headers }, async () => undefined),
    ordinary: () => outbound?.scheduleActivity?.(common, async (input: ActivityInput) => input.headers),
    local: () =>
      outbound?.scheduleLocalActivity?.({ ...common, attempt: 1 }, async (input: LocalActivityInput) => input.headers),
  }
}

test('hands the trace of the start on to both kinds of activities, and to the next run nothing of it', async () => {
  const run = open()
  await run.start(headersOf('of the request'))
  expect(await run.ordinary()).toEqual(headersOf('of the request'))
  expect(await run.local()).toEqual(headersOf('of the request'))
  expect(await open().ordinary()).toEqual({})
})

test('goes on in the trace of the request when a decision has started the run, and in no other’s', async () => {
  const run = open()
  await run.start(headersOf('of the decision'))
  await run.signal('requested', headersOf('of the request'))
  await run.signal('withdrawn', headersOf('of the withdrawal'))
  expect(await run.ordinary()).toEqual(headersOf('of the request'))
})
