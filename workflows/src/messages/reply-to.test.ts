import { expect, test } from 'vitest'
import { decodeReplyTo, encodeReplyTo } from './reply-to.ts'

const replyTo = { workflowId: 'cancel-ord-ü-1', activityId: 'refund-do-1-await', command: 'RefundOrder', final: true }

test('an address comes back as it was sent', () => {
  expect(decodeReplyTo(encodeReplyTo(replyTo))).toEqual(replyTo)
})

test('an address that fits a header: letters, digits, - and _ only', () => {
  expect(encodeReplyTo(replyTo)).toMatch(/^[\w-]+$/)
})

test.each(['', 'nonsense', Buffer.from('{"workflowId":1}').toString('base64url')])('%j is none of ours', (text) => {
  expect(decodeReplyTo(text)).toBeUndefined()
})

test.each([
  { ...replyTo, workflowId: '' },
  { ...replyTo, activityId: '' },
  { ...replyTo, workflowId: 'x'.repeat(1001) },
  { waiter: '', workflowId: 'w', activityId: 'a', command: 'RefundOrder' },
])('an address that Temporal takes for none is none of ours', (address) => {
  expect(decodeReplyTo(encodeReplyTo(address))).toBeUndefined()
})
