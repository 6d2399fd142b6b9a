import type { Left } from '@countermand/kafka/last-resort.ts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import { Unsendable } from '@countermand/kafka/unsendable.ts'
import { createLogger } from '@countermand/telemetry'
import { describe, expect, it } from 'vitest'
import { buriedAfterMs, createUndertaker } from './outbox-undertaker.ts'

const refusalOf = (trouble: Unsendable['trouble']): Unsendable => {
  const type = { 'too-large': 'MESSAGE_TOO_LARGE', refused: 'INVALID_RECORD' }[String(trouble)]
  return new Unsendable(trouble, 'expected the broker to take 1 messages', {
    cause: Object.assign(new Error(`the broker says ${type}`), { type }),
  })
}

/** What becomes of a message that a broker refuses of which `refuses` says why. */
const buried = async (
  message: OutgoingMessage,
  refuses: (message: OutgoingMessage) => Unsendable['trouble'] | undefined,
  ageMs = buriedAfterMs,
) => {
  const taken: OutgoingMessage[] = []
  const reduced: Left[] = []
  const publish = async (messages: readonly OutgoingMessage[]) => {
    for (const each of messages) {
      const trouble = refuses(each)
      if (trouble !== undefined) throw refusalOf(trouble)
      taken.push(each)
    }
  }
  const undertaker = createUndertaker({
    ...{ publisher: { publish }, service: 'order', log: createLogger({ name: 'test', level: 'silent' }) },
    onReduced: (left) => reduced.push(left),
  })
  const isBuried = await undertaker.isBuried(message, refusalOf(refuses(message) ?? 'refused'), { attempts: 3, ageMs })
  return { isBuried, taken, reduced }
}

const answer: OutgoingMessage = {
  topic: 'saga.replies.v1',
  key: 'order-1',
  value: Buffer.from('an answer'),
  headers: { 'ce-type': 'StockReleased' },
}
const own = { 'dlq-reason': 'unreadable-json', 'dlq-original-topic': 'orders.placed.v1', 'dlq-original-offset': '7' }
const letter: OutgoingMessage = {
  topic: 'orders.placed.v1.dlq',
  key: 'order-1',
  partition: 0,
  value: Buffer.from('{'),
  headers: { 'x-shop': 'north', ...own },
}
const bare = { topic: letter.topic, partition: 0, headers: own }

describe('a message that can never be sent', () => {
  it('is a dead letter with its content, or without it where that is too large', async () => {
    const refused = await buried(answer, ({ topic }) => (topic === answer.topic ? 'refused' : undefined))
    expect(refused).toMatchObject({ isBuried: true, taken: [{ topic: 'saga.replies.v1.dlq', value: answer.value }] })
    const large = await buried(answer, ({ value }) => (value === null ? undefined : 'too-large'))
    expect(large).toMatchObject({
      isBuried: true,
      taken: [{ topic: 'saga.replies.v1.dlq', value: null, headers: answer.headers }],
    })
  })

  it('is a dead letter without its headers where these are too large', async () => {
    const { isBuried, taken, reduced } = await buried(answer, ({ headers }) =>
      'ce-type' in headers ? 'too-large' : undefined,
    )
    expect({ isBuried, reduced }).toEqual({ isBuried: true, reduced: ['no-headers'] })
    expect(taken).toMatchObject([{ topic: 'saga.replies.v1.dlq', headers: { 'dlq-original-topic': answer.topic } }])
  })

  it('waits while somebody may still make it sendable', async () => {
    const waits = { isBuried: false, taken: [], reduced: [] }
    expect(await buried(answer, () => 'refused', buriedAfterMs - 1)).toEqual(waits)
    expect(await buried(answer, () => 'not-allowed')).toEqual(waits)
  })
})

describe('a dead letter that can never be sent', () => {
  it('is the same letter with less, and says of what message it is', async () => {
    const refusesHeaders = ({ headers }: OutgoingMessage) => ('x-shop' in headers ? 'too-large' : undefined)
    expect(await buried(letter, refusesHeaders)).toEqual({
      isBuried: true,
      reduced: ['no-headers'],
      taken: [{ ...bare, key: letter.key, value: letter.value }],
    })
    expect(await buried(letter, ({ value }) => (value === null ? undefined : 'refused'))).toEqual({
      isBuried: true,
      reduced: ['no-content'],
      taken: [{ ...bare, key: null, value: null }],
    })
  })

  it('is given up when no broker takes even its reason, and holds up nobody', async () => {
    expect(await buried(letter, () => 'too-large')).toEqual({ isBuried: true, reduced: ['nothing'], taken: [] })
  })

  it('waits for a right that was taken away', async () => {
    expect(await buried(letter, () => 'not-allowed')).toEqual({ isBuried: false, reduced: [], taken: [] })
  })
})
