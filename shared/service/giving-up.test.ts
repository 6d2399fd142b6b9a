import { type Left, publishingLetters } from '@countermand/kafka/last-resort.ts'
import { InfrastructureError, type OutgoingMessage } from '@countermand/kafka/message.ts'
import { createLogger } from '@countermand/telemetry'
import { describe, expect, it } from 'vitest'
import { createGivingUp } from './giving-up.ts'
import type { LetterWork, TaskWork, Work } from './work.ts'

/** An error as PostgreSQL tells it. */
const refusal = (code: string) => Object.assign(new Error(`refused with ${code}`), { code })

const letter: LetterWork = {
  kind: 'letter',
  raw: { topic: 'orders.placed.v1', partition: 1, offset: '7', key: 'k', value: Buffer.from('{'), headers: { a: 'b' } },
  reason: 'unreadable-json',
  error: 'expected JSON',
  attempts: 1,
  asker: undefined,
}

/** What is written when the database refuses every work that `refuses` names. */
const givenUp = async (work: Work<object>, refuses: (work: Work<object>) => Error | undefined) => {
  const written: Work<object>[] = []
  const reduced: Left[] = []
  const attempt = async (each: Work<object>) => {
    const error = refuses(each)
    if (error !== undefined) throw error
    written.push(each)
  }
  // Never asked: no message waits here.
  const database = undefined as never
  const log = createLogger({ name: 'test', level: 'silent' })
  const onReduced = (left: Left) => reduced.push(left)
  const giveUp = createGivingUp<object>({ service: 'order', database, attempt, transact: attempt, onReduced, log })
  await giveUp(work, refuses(work) ?? new Error('a bug'))
  return { written, reduced }
}

describe('a dead letter that cannot be written', () => {
  it('is written without its headers', async () => {
    const { written, reduced } = await givenUp(letter, (work) =>
      work.kind === 'letter' && Object.keys(work.raw.headers).length > 0 ? refusal('22P05') : undefined,
    )
    expect(reduced).toEqual(['no-headers'])
    expect(written).toEqual([{ ...letter, raw: { ...letter.raw, headers: {} } }])
  })

  it('is written without its content when that is at fault', async () => {
    const { written, reduced } = await givenUp(letter, (work) =>
      work.kind === 'letter' && work.raw.value !== null ? refusal('54000') : undefined,
    )
    expect(reduced).toEqual(['no-content'])
    expect(written).toMatchObject([{ reason: 'unreadable-json', raw: { offset: '7', key: null, value: null } }])
  })

  it('is skipped, and counted, when nothing of it can be written', async () => {
    const { written, reduced } = await givenUp(letter, () => new TypeError('a bug'))
    expect([written, reduced]).toEqual([[], ['nothing']])
  })

  it.each(['42P01', '42501', '57P01', '53100'])('waits while the database takes nothing at all (%s)', async (code) => {
    await expect(givenUp(letter, () => refusal(code))).rejects.toThrow(InfrastructureError)
  })
})

describe('a task whose result cannot be saved', () => {
  const decide = () => ({})
  const told: string[] = []
  const failed = () => ({})
  const task: TaskWork<object> = {
    ...{ kind: 'task', taskId: 't', orderId: 'o', token: 'x', traceparent: null, decide },
    failing: (error) => {
      told.push(error)
      return failed
    },
  }

  it('is a call that failed', async () => {
    const { written } = await givenUp(task, (work) =>
      work.kind === 'task' && work.decide === decide ? refusal('22P02') : undefined,
    )
    expect(written).toMatchObject([{ kind: 'task', decide: failed }])
    expect(told).toEqual(['expected a result that can be used, got refused with 22P02'])
  })

  it('is set aside when not even that can be saved', async () => {
    const { written } = await givenUp(task, (work) => (work.kind === 'task' ? refusal('22P02') : undefined))
    expect(written).toMatchObject([{ kind: 'broken-task', taskId: 't', orderId: 'o', token: 'x' }])
  })
})

describe('a dead letter that no broker takes', () => {
  const tooLarge = Object.assign(new Error('too large'), { type: 'MESSAGE_TOO_LARGE' })
  const headers = { 'x-large': 'x', 'dlq-reason': 'unreadable-json' }
  const big: OutgoingMessage = { topic: 'orders.placed.v1.dlq', partition: 0, key: 'k', value: '{', headers }

  const published = async (refuses: (message: OutgoingMessage) => Error | undefined) => {
    const taken: OutgoingMessage[] = []
    const reduced: Left[] = []
    const publish = async (messages: readonly OutgoingMessage[]) => {
      for (const message of messages) {
        const error = refuses(message)
        if (error !== undefined) throw new Error('expected the broker to take 1 messages', { cause: error })
        taken.push(message)
      }
    }
    await publishingLetters(
      publish,
      (left) => reduced.push(left),
      createLogger({ name: 'test', level: 'silent' }),
    )([big])
    return { taken, reduced }
  }

  it('goes without the headers of its message, or without its content, or is counted', async () => {
    const own = { 'dlq-reason': 'unreadable-json' }
    expect(await published(({ headers: { 'x-large': large } }) => (large ? tooLarge : undefined))).toEqual({
      reduced: ['no-headers'],
      taken: [{ ...big, headers: own }],
    })
    expect(await published(({ value }) => (value === null ? undefined : tooLarge))).toEqual({
      reduced: ['no-content'],
      taken: [{ ...big, headers: own, key: null, value: null }],
    })
    expect(await published(() => tooLarge)).toEqual({ reduced: ['nothing'], taken: [] })
  })

  it('waits when its topic may not be written', async () => {
    const denied = Object.assign(new Error('denied'), { type: 'TOPIC_AUTHORIZATION_FAILED' })
    await expect(published(() => denied)).rejects.toThrow('expected the broker to take')
  })
})
