import { expect, it } from 'vitest'
import { replyTopics } from './reply-topics.ts'

it("allows the orchestrator's topics of answers, those that are named, and no others", () => {
  const isAllowed = replyTopics(['shop.replies.v1'])
  expect(['saga.replies.v1', 'saga.fast-replies.v1', 'shop.replies.v1'].every(isAllowed)).toBe(true)
  for (const topic of [
    'payment.commands.v1',
    'orders.cancel-requests.v1',
    'saga.replies.v1.dlq',
    '',
    'SAGA.REPLIES.V1',
  ])
    expect(isAllowed(topic)).toBe(false)
})
