import { type Answer, eventHeaders, topics, UnreadableMessage } from '@countermand/contracts'
import { type IncomingMessage, InfrastructureError, type OutgoingMessage } from '@countermand/kafka'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { ActivityNotFoundError } from '@temporalio/client'
import { describe, expect, it, vi } from 'vitest'
import { encodeReplyTo } from '../messages/reply-to.ts'
import type { TellLate } from './late-answers.ts'
import { createReplies } from './replies.ts'

const workflowId = 'cancel-ord-1-req-1'
const ask = 'refund-do-1'
const awaiting = 'refund-do-1-await'

const reply = (answer: Answer, activityId: string, final: boolean): IncomingMessage =>
  replyTo(encodeReplyTo({ workflowId, activityId, command: 'RefundOrder', final }), answer)

const replyTo = (address: string, { type, ...fields }: Answer): IncomingMessage => {
  const id = 'ord-1/req-1/refund/do/1'
  const event = { id: `${id}/${type}`, source: 'payment', type, time: '2026-11-20T10:00:00Z', subject: 'req-1' }
  return {
    ...{ topic: topics.sagaReplies, partition: 0, offset: '0', key: 'ord-1' },
    headers: { ...eventHeaders(event), 'reply-to': address },
    value: Buffer.from(JSON.stringify({ orderId: 'ord-1', requestId: 'req-1', commandId: id, ...fields })),
  }
}

/** Temporal with these activities open; what each was completed with. */
const read = async (open: readonly string[], message: IncomingMessage, tellLate: TellLate = async () => false) => {
  const completed: [string, string][] = []
  const replies = createReplies({
    complete: async ({ activityId }, answer) => {
      if (!open.includes(activityId)) throw new ActivityNotFoundError(`no open activity ${activityId}`)
      completed.push([activityId, answer.type])
    },
    tellLate,
    publish: async (letters) => expect(letters).toEqual([]),
    now: () => '2026-11-20T10:00:00Z',
    log: createLogger({ name: 'test', level: 'silent' }),
    metrics: createMetrics(),
  })
  await replies([message])
  return completed
}

const settled: Answer = { type: 'RefundSettled', tenders: [] }

describe('an answer', () => {
  it('completes the activity that asked', async () => {
    expect(await read([ask], reply(settled, ask, false))).toEqual([[ask, 'RefundSettled']])
  })

  it('completes the activity that awaits it, also when a late attempt of the one that asked was the latest asker', async () => {
    expect(await read([awaiting], reply(settled, awaiting, true))).toEqual([[awaiting, 'RefundSettled']])
    expect(await read([awaiting], reply(settled, ask, false))).toEqual([[awaiting, 'RefundSettled']])
  })

  it('that the fast lane waits for no more completes the activity that asks or awaits after it', async () => {
    const late = replyTo(encodeReplyTo({ waiter: 'w-1', workflowId, activityId: ask, command: 'RefundOrder' }), settled)
    expect(await read([ask], late)).toEqual([[ask, 'RefundSettled']])
    expect(await read([awaiting], late)).toEqual([[awaiting, 'RefundSettled']])
  })

  it('that says only that it takes longer does not end the waiting', async () => {
    const pending: Answer = { type: 'StepPending' }
    expect(await read([ask], reply(pending, ask, false))).toEqual([[ask, 'StepPending']])
    expect(await read([awaiting], reply(pending, ask, false))).toEqual([])
    expect(await read([awaiting], reply(pending, awaiting, true))).toEqual([])
  })

  it('that comes before the activity that awaits it is opened is offered to it again', async () => {
    vi.useFakeTimers()
    try {
      const open: string[] = []
      const completed = await read(open, reply(settled, ask, false))
      expect(completed).toEqual([])
      await vi.advanceTimersByTimeAsync(1_000)
      open.push(awaiting)
      await vi.advanceTimersByTimeAsync(5_000)
      expect(completed).toEqual([[awaiting, 'RefundSettled']])
      await vi.advanceTimersByTimeAsync(600_000)
      expect(completed).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  it('that nobody waits for is told to its run, which may stand still for want of it', async () => {
    const told: [string, string, string][] = []
    const tellLate: TellLate = async ({ workflowId: of, command }, answer) => {
      told.push([of, command, answer.type])
      return true
    }
    const late = replyTo(encodeReplyTo({ waiter: 'w-1', workflowId, activityId: ask, command: 'RefundOrder' }), settled)
    for (const message of [reply(settled, ask, false), reply(settled, awaiting, true), late])
      expect(await read([], message, tellLate)).toEqual([])
    expect(told).toEqual(Array(3).fill([workflowId, 'RefundOrder', 'RefundSettled']))
    expect(await read([awaiting], late, tellLate)).toHaveLength(1)
    expect(told).toHaveLength(3)
  })

  it('that nobody waits for is dropped', async () => {
    expect(await read([], reply(settled, ask, false))).toEqual([])
  })

  it('that Temporal will never take becomes a dead letter, and holds up no other', async () => {
    const letters: OutgoingMessage[] = []
    const completed: string[] = []
    const replies = createReplies({
      complete: async ({ workflowId }) => {
        if (workflowId === 'bad') throw new UnreadableMessage('processing-failed', 'got "invalid id"')
        completed.push(workflowId)
      },
      tellLate: async () => false,
      publish: async (messages) => void letters.push(...messages),
      now: () => '2026-11-20T10:00:00Z',
      log: createLogger({ name: 'test', level: 'silent' }),
      metrics: createMetrics(),
    })
    const to = (workflowId: string) =>
      replyTo(encodeReplyTo({ workflowId, activityId: ask, command: 'RefundOrder', final: false }), settled)
    await replies([to('bad'), to('good'), to('')])
    expect(completed).toEqual(['good'])
    expect(letters.map(({ topic, headers }) => [topic, headers['dlq-reason']])).toEqual([
      ['saga.replies.v1.dlq', 'missing-headers'],
      ['saga.replies.v1.dlq', 'processing-failed'],
    ])
  })
  it('that Temporal refuses for its run alone becomes a dead letter in the end, and its partition goes on', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    try {
      const letters: OutgoingMessage[] = []
      const busy = Object.assign(new Error('busy'), { code: 8, details: 'Workflow is busy.', metadata: {} })
      const replies = createReplies({
        complete: async ({ workflowId: of }) => {
          if (of === 'busy') throw new InfrastructureError('expected Temporal to take the answer', { cause: busy })
        },
        tellLate: async () => false,
        publish: async (messages) => void letters.push(...messages),
        now: () => '2026-11-20T10:00:00Z',
        log: createLogger({ name: 'test', level: 'silent' }),
        metrics: createMetrics(),
      })
      const to = (of: string, offset: string) => ({
        ...replyTo(encodeReplyTo({ workflowId: of, activityId: ask, command: 'RefundOrder', final: false }), settled),
        offset,
      })
      const batch = [to('busy', '1'), to('good', '2')]
      await expect(replies(batch)).rejects.toThrow(InfrastructureError)
      vi.advanceTimersByTime(14 * 60_000)
      await expect(replies(batch)).rejects.toThrow(InfrastructureError)
      vi.advanceTimersByTime(60_000)
      await replies(batch)
      expect(letters).toMatchObject([
        { topic: 'saga.replies.v1.dlq', headers: { 'dlq-error': expect.stringContaining('Workflow is busy.') } },
      ])
    } finally {
      vi.useRealTimers()
    }
  })
})
