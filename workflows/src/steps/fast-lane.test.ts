import type { Answer } from '@countermand/contracts'
import { type IncomingMessage, type OutgoingMessage, Unsendable } from '@countermand/kafka'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { beforeEach, expect, test, vi } from 'vitest'
import { decodeReplyTo } from '../messages/reply-to.ts'
import { openFastLane } from './fast-lane.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const now = () => '2026-11-20T10:00:00Z'
const data = { orderId: 'ord-1', requestId: 'req-1', round: 1 }
const later = { workflowId: 'cancel-ord-1-req-1', activityId: 'refund-undo-1' }
const yes: Answer = { type: 'NothingMoved' }

let sent: OutgoingMessage[]
let owned: number[]
let brokerIsAway: Error | undefined
/** Why the broker takes no message for the topic of replies. */
let refusal: Unsendable['trouble'] | undefined
beforeEach(() => {
  sent = []
  owned = [2]
  brokerIsAway = undefined
  refusal = undefined
})

const open = () =>
  openFastLane({
    publish: async (messages) => {
      if (brokerIsAway !== undefined) throw brokerIsAway
      if (refusal !== undefined && messages.some(({ topic }) => topic === 'saga.replies.v1'))
        throw new Unsendable(refusal, `expected the broker to take it, got ${refusal}`)
      sent.push(...messages)
    },
    ...{ owned: () => owned, now, log, metrics: createMetrics() },
  })

const answerTo = (index: number) => {
  const to = decodeReplyTo(sent[index]?.headers['reply-to'] ?? '')
  if (to === undefined || !('waiter' in to)) throw new Error('expected the address of a waiter')
  return to
}

const incoming = (headers: Record<string, string>): IncomingMessage => ({
  ...{ topic: 'saga.fast-replies.v1', partition: 2, offset: '7', key: 'ord-1', headers },
  value: Buffer.from(JSON.stringify(data)),
})

const answerHeaders = (index: number): Record<string, string> => ({
  ...{ ce_specversion: '1.0', ce_id: 'x', ce_source: '/countermand/payment', ce_type: 'NothingMoved' },
  'reply-to': sent[index]?.headers['reply-to'] ?? '',
})

test('whoever asks gets the answer that comes to a partition of this process', async () => {
  const lane = open()
  const asked = lane.ask('ForbidRefund', data, 60_000, later)
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  expect(sent[0]?.headers).toMatchObject({ 'reply-topic': 'saga.fast-replies.v1', 'reply-partition': '2' })
  await lane.onBatch([incoming(answerHeaders(0))])
  expect(await asked).toMatchObject(yes)
  expect(sent).toHaveLength(1)
})

test('an answer that comes when nobody waits any more goes to the activity that asks or awaits after them', async () => {
  const lane = open()
  expect(await lane.ask('ForbidRefund', data, 300, later)).toEqual({ type: 'NotNow' })
  const { key, value, headers } = incoming(answerHeaders(0))
  await lane.onBatch([incoming(answerHeaders(0))])
  expect(sent[1]).toEqual({ topic: 'saga.replies.v1', key, value, headers })
  expect(answerTo(0)).toMatchObject(later)
})

test('two who ask at once get each their own answer', async () => {
  const lane = open()
  const first = lane.ask('ForbidRefund', data, 60_000, later)
  const second = lane.ask('ReserveAgain', data, 60_000, later)
  await vi.waitFor(() => expect(sent).toHaveLength(2))
  lane.give(answerTo(1), { type: 'NothingToUndo' })
  lane.give(answerTo(0), yes)
  expect([await first, await second]).toEqual([yes, { type: 'NothingToUndo' }])
})

test('a process that reads no partition of the fast replies sends nothing', async () => {
  owned = []
  expect(await open().ask('ForbidRefund', data, 60_000, later)).toEqual({ type: 'NotNow' })
  expect(sent).toEqual([])
})

test('a broker that takes no message leaves the step to the slow lane at once', async () => {
  brokerIsAway = new Error('no broker')
  expect(await open().ask('ForbidRefund', data, 60_000, later)).toEqual({ type: 'NotNow' })
})

test('a service that misses five answers in a row is left alone, others are not, and it is tried again after a while', async () => {
  vi.useFakeTimers()
  try {
    const lane = open()
    const miss = async (withinMs: number) => {
      const asked = lane.ask('ForbidRefund', data, withinMs, later)
      await vi.advanceTimersByTimeAsync(withinMs)
      return asked
    }
    // Too little time is not the service's fault.
    for (let time = 1; time <= 5; time++) await miss(400)
    for (let time = 1; time <= 5; time++) await miss(2_000)
    expect(sent).toHaveLength(10)
    expect(await lane.ask('ForbidRefund', data, 100, later)).toEqual({ type: 'NotNow' })
    expect(sent).toHaveLength(10)
    const other = lane.ask('ReserveAgain', data, 100, later)
    await vi.advanceTimersByTimeAsync(0)
    lane.give(answerTo(10), { type: 'NothingToUndo' })
    expect(await other).toEqual({ type: 'NothingToUndo' })
    await vi.advanceTimersByTimeAsync(5_000)
    const again = lane.ask('ForbidRefund', data, 100, later)
    await vi.advanceTimersByTimeAsync(0)
    lane.give(answerTo(11), yes)
    expect(await again).toEqual(yes)
  } finally {
    vi.useRealTimers()
  }
})

test('an answer that cannot be read is a dead letter', async () => {
  await open().onBatch([incoming({})])
  expect(sent).toMatchObject([{ topic: 'saga.fast-replies.v1.dlq', headers: { 'dlq-reason': 'missing-headers' } }])
})

test.each(['too-large', 'refused'] as const)(
  'an answer that the other topic never takes (%s) is a dead letter, and those behind it go on',
  async (trouble) => {
    refusal = trouble
    const lane = open()
    expect(await lane.ask('ForbidRefund', data, 20, later)).toEqual({ type: 'NotNow' })
    await lane.onBatch([incoming(answerHeaders(0))])
    expect(sent.slice(1)).toMatchObject([
      { topic: 'saga.fast-replies.v1.dlq', headers: { 'dlq-reason': 'cannot-be-sent', 'dlq-original-offset': '7' } },
    ])
  },
)

test('an answer waits for the other topic where somebody must give this process the right to write', async () => {
  refusal = 'not-allowed'
  const lane = open()
  expect(await lane.ask('ForbidRefund', data, 20, later)).toEqual({ type: 'NotNow' })
  await expect(lane.onBatch([incoming(answerHeaders(0))])).rejects.toThrow('not-allowed')
  expect(sent).toHaveLength(1)
})
