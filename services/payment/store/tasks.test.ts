import { expect, it } from 'vitest'
import { channels } from '../channels/index.ts'
import { toldChannel } from '../test/told-channel.ts'
import { createWorld } from '../test/world.ts'
import { channelTask } from './tasks.ts'

it('reads a task of the release before, and asks under the key that it may have been asked with', () => {
  const call = {
    ...{ orderId: 'ord-1', tenderId: 't1', paymentRef: 'pay_ok_1', amount: 60, currency: 'EUR' },
    ...{ destination: 'original', round: 1, idempotencyKey: 'req-1/t1' },
  }
  const read = channelTask.parse({ refundId: 'ref_1', route: 'sandbox-card', call })
  expect(read.call).toEqual({
    ...{ ...call, refundId: 'ref_1', account: 'sandbox-card', paidTotal: 60, operation: 'refund' },
  })
})

it('reads what this release writes, with all that a provider asks for', () => {
  const world = createWorld(channels({ sandbox: toldChannel().channel }))
  // Ids that no provider would take as a key.
  const strange = 'x/%'.repeat(42)
  world.accept([{ tenderId: strange, channel: 'sandbox-card', amount: 100, paymentRef: 'pay_1' }])
  world.refund({ requestId: strange, amount: 40, reason: 'fraud-suspected' })
  const [task] = [...world.tasks.values()]
  expect(channelTask.parse(JSON.parse(JSON.stringify(task?.payload)))).toEqual(task?.payload)
  const { call } = channelTask.parse(task?.payload)
  expect(call).toMatchObject({
    ...{ merchantId: 'mer-1', customerId: 'cus-1', account: 'sandbox-card', reason: 'fraud-suspected' },
    ...{ amount: 40, paidTotal: 100, firstAskedAt: expect.any(String) },
  })
  expect(call.refundId).toMatch(/^ref_[0-9a-f]{24}$/)
  expect(call.idempotencyKey).toBe(call.refundId)
})
