import { InfrastructureError } from '@countermand/kafka'
import { ServiceError } from '@temporalio/client'
import { describe, expect, it } from 'vitest'
import { asDeadLetter } from './trouble.ts'

/** An error as the SDK gives it: what gRPC said is its cause. */
const refused = (code: number, details: string): Error =>
  new ServiceError('Failed to signal Workflow', {
    cause: Object.assign(new Error(`${code}: ${details}`), { code, details, metadata: {} }),
  })

const exhausted = 8

describe('a message that Temporal refuses', () => {
  it.each([
    [3, 'exceeded workflow execution limit for signal events'],
    [3, 'Workflow history count exceeds limit.'],
    [exhausted, 'exceeded workflow execution limit for signal events'],
    [exhausted, 'Workflow history size exceeds limit.'],
    [exhausted, 'grpc: received message larger than max (5000164 vs. 4194304)'],
    [exhausted, 'Received message larger than max'],
  ])('for a limit of its run or its size is put aside with the reason (%s, %s)', (code, details) => {
    expect(asDeadLetter(refused(code, details))).toMatchObject({
      reason: 'processing-failed',
      message: expect.stringContaining(details),
    })
  })

  it.each([
    [exhausted, 'namespace rate limit exceeded'],
    [exhausted, 'Workflow is busy.'],
    [exhausted, 'Namespace persistence RPS reached.'],
    [13, 'shard status unknown'],
    [14, 'no connection established'],
  ])('for want of time waits (%s, %s)', (code, details) => {
    expect(() => asDeadLetter(refused(code, details))).toThrow(InfrastructureError)
  })
})
