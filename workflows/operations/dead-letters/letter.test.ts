import type { IncomingMessage } from '@countermand/kafka'
import { deadLetter, publishedAt } from '@countermand/kafka'
import { describe, expect, it } from 'vitest'
import { letterOf, merge, messageOf, topicOfId } from './letter.ts'

const message: IncomingMessage = {
  topic: 'orders.accepted.v1',
  partition: 3,
  offset: '12',
  key: 'ord-1',
  value: Buffer.from('{}'),
  headers: { ce_id: 'e-1', ce_type: 'order.accepted.v1' },
}

/** As it lies on the dead-letter topic. */
const buried = (service: string, from: IncomingMessage = message): IncomingMessage => {
  const trouble = { reason: 'invalid-data', error: 'expected more', service, attempts: 1 } as const
  const { topic, headers } = deadLetter(from, { ...trouble, failedAt: '2026-11-20T10:00:00Z' })
  return { ...from, topic, headers, partition: 0, offset: '5' }
}

describe('a dead letter', () => {
  it('has the id of the message that it was, and gives it back as it was', () => {
    const letter = letterOf(buried('payment'))
    expect(letter.id).toBe('orders.accepted.v1:3:12')
    expect(letter.failures).toMatchObject([{ service: 'payment', reason: 'invalid-data', attempts: 1 }])
    const { topic, partition, key, value, headers } = message
    expect(messageOf(letter)).toEqual({ topic, partition, key, value, headers })
  })

  it('of a request says when it was published first, however often it is sent again', () => {
    const request = { ...message, topic: 'orders.cancel-requests.v1', arrivedAt: '2026-11-20T10:00:00.000Z' }
    const again = messageOf(letterOf(buried('orchestrator', request)))
    expect(again.headers).toEqual({ ...message.headers, 'first-published-at': '2026-11-20T10:00:00.000Z' })
    const { headers } = again
    const later = { ...request, headers, arrivedAt: '2026-11-29T10:00:00.000Z' }
    expect(publishedAt(later)).toBe('2026-11-20T10:00:00.000Z')
    expect(messageOf(letterOf(buried('orchestrator', later))).headers).toEqual(headers)
  })

  it('of a request from before that was told was published when it failed, at most', () => {
    const letter = letterOf(buried('orchestrator', { ...message, topic: 'orders.cancel-requests.v1' }))
    expect(messageOf(letter).headers).toMatchObject({ 'first-published-at': '2026-11-20T10:00:00Z' })
  })

  it('has an id of its own when nobody said where the message was, so that two of them are not taken for one', () => {
    const letter = letterOf(buried('payment', { ...message, partition: -1, offset: '-1' }))
    expect(letter).toMatchObject({
      id: 'orders.accepted.v1.dlq:0:5',
      topic: 'orders.accepted.v1',
      partition: undefined,
    })
    expect(messageOf(letter)).not.toHaveProperty('partition')
    expect(topicOfId(letter.id)).toBe('orders.accepted.v1')
  })

  it('is one for all readers of its topic, with the trouble of each', () => {
    const letter = [buried('inventory'), buried('inventory')].map(letterOf).reduce(merge, letterOf(buried('payment')))
    expect(letter.failures.map(({ service }) => service)).toEqual(['payment', 'inventory'])
  })
})

it.each([
  'ord-1',
  'orders.placed.v1',
  'orders.placed.v1:0',
  'orders.placed.v1:0:x',
  'cakes.v1:0:1',
  'dead-letters.log.v1:0:1',
])('says that %s is not the id of a dead letter', (id) => {
  expect(() => topicOfId(id)).toThrow(`such as orders.placed.v1:0:12, got ${id}`)
})
