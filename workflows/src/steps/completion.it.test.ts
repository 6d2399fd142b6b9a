import { type Answer, UnreadableMessage } from '@countermand/contracts'
import { ActivityNotFoundError, Client, Connection } from '@temporalio/client'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { connectTemporal } from '../temporal/connect.ts'
import { type Complete, openCompletion } from './completion.ts'

let connection: Connection
let complete: Complete
beforeAll(async () => {
  connection = await connectTemporal({ address: inject('stack').temporalAddress })
  complete = openCompletion(new Client({ connection }))
})
afterAll(() => connection.close())

it('tells an answer that nobody waits for from one that Temporal will never take', async () => {
  const answer: Answer = { type: 'RefundSettled', tenders: [] }
  await expect(complete({ workflowId: 'nobody', activityId: 'waits' }, answer)).rejects.toThrow(ActivityNotFoundError)
  for (const bad of [
    { workflowId: '', activityId: 'waits' },
    { workflowId: 'nobody', activityId: '' },
  ])
    await expect(complete(bad, answer)).rejects.toThrow(UnreadableMessage)
})

it('tells an answer that is larger than what Temporal reads from a server that has no time', async () => {
  // The client would try for most of a minute.
  const once = await Connection.connect({ address: inject('stack').temporalAddress, interceptors: [] })
  const answer: Answer = { type: 'StepFailed', error: 'x'.repeat(5_000_000), attempts: 1, moneyInDoubt: false }
  await expect(
    openCompletion(new Client({ connection: once }))({ workflowId: 'some', activityId: 'waits' }, answer),
  ).rejects.toThrow(UnreadableMessage)
  await once.close()
})
