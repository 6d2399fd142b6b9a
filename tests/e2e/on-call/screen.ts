import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import {
  type OperationAnswer,
  type OperationRequested,
  type OperationWanted,
  operationAnswered,
  readEnvelope,
  topics,
} from '@countermand/contracts'
import { connectKafka, type RunningConsumer, startConsumer } from '@countermand/kafka'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { eventually, eventuallyHolds } from '@countermand/testing'
import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { answerTo as answerOf } from '@countermand/workflows/operations/requests/answer.ts'
import { type Serving, serveRequests } from '@countermand/workflows/operations/requests/serve.ts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

/** What is asked of operations from a screen, over Kafka, on the real parts. */

vi.setConfig({ testTimeout: 120_000 })

const killed = fileURLToPath(new URL('../killed-operations/main.ts', import.meta.url))
const log = createLogger({ name: 'screen', level: 'silent' })
const answers = new Map<string, OperationAnswer[]>()
let shop: Shop
let listener: RunningConsumer

const kafka = () => connectKafka({ brokers: world.where.kafkaBrokers, clientId: 'screen', prefix: world.topicPrefix })

beforeAll(async () => {
  shop = openShop(world)
  listener = await startConsumer({
    ...{ kafka: kafka(), groupId: `screen-${randomUUID()}`, topics: [topics.operationResults], log },
    onBatch: async (messages) => {
      for (const message of messages) {
        const { operationId, answer } = operationAnswered.parse(readEnvelope(message).data)
        answers.set(operationId, [...(answers.get(operationId) ?? []), answer])
      }
    },
  })
})
afterAll(async () => {
  await listener?.stop()
})

const operations = (): Promise<Serving> =>
  serveRequests({
    ...{ where: world.where, temporal: world.temporal, databases: world.databases, kafka: kafka(), waitMs: 10_000 },
    ...{ log, metrics: createMetrics() },
    onStuck: (reason) => {
      throw new Error(reason)
    },
  })

const send = async (wanted: OperationWanted, more: Partial<OperationRequested> = {}): Promise<string> => {
  const operationId = more.operationId ?? randomUUID()
  await world.outside.publish('operation.requested.v1', operationId, {
    ...{ operationId, dryRun: false, by: 'Ann', reason: 'it is back', at: new Date().toISOString(), wanted },
    ...more,
  })
  return operationId
}

const answerTo = (operationId: string): Promise<OperationAnswer> =>
  eventually(`an answer to ${operationId}`, () => answers.get(operationId)?.[0], 60_000)
const ask = async (wanted: OperationWanted, more: Partial<OperationRequested> = {}): Promise<OperationAnswer> =>
  answerTo(await send(wanted, more))

const sagaIn = (answer: OperationAnswer) => {
  const [saga] = answer.kind === 'sagas' ? answer.sagas : []
  if (saga === undefined) throw new Error(`expected what came of a saga, got ${JSON.stringify(answer)}`)
  return saga
}

const parked = async (name: string, ref = 'pay_down'): Promise<Request> => {
  const request = await shop.ask(await shop.place({ name, tenders: [{ ref }] }))
  await request.hears('order.cancellation.needs-attention.v1')
  return request
}

const target = ({ orderId, requestId }: Request) => ({ orderId, requestId })

/** What would be done for it, as its screen hears it. */
const looked = async (request: Request) => {
  const saga = sagaIn(await ask({ kind: 'retry', sagas: [target(request)] }, { dryRun: true }))
  if (saga.parked === undefined) throw new Error(`expected what needs attention, got ${saga.text}`)
  const { step, direction, round } = saga.parked
  return { saga, meant: { ...target(request), parked: { step, direction, round } } }
}

/** As the saga itself has written it down: what counts, however often it was sent. */
const decisionsOf = async (request: Request) => {
  const { requests } = await request.story()
  return (requests[0]?.records ?? []).map(({ record }) => record).filter(({ what }) => what === 'resolved')
}

const dies = async (process: ChildProcess): Promise<void> => {
  const [, signal] = await once(process, 'exit')
  expect(signal).toBe('SIGKILL')
}

const killedAt = (moment: string): ChildProcess =>
  spawn(globalThis.process.execPath, [killed], {
    env: { PATH: globalThis.process.env.PATH, WHERE: JSON.stringify(world.where), KILL_AT: moment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })

describe('what is asked for from a screen', () => {
  it('is looked at first, and then done as it was seen, once, though the process is killed before it could tell', async () => {
    const request = await parked('screen-killed')
    const first = await operations()
    const { saga, meant } = await looked(request)
    await first.stop()
    expect(saga).toMatchObject({ result: 'would', parked: { step: 'refund', reason: 'step-failed' } })
    expect(saga.done).toContain('do hold-order: CancellationBegun')
    expect(await decisionsOf(request)).toEqual([])
    // Produce (0): the answer that it does not live to send.
    const victim = killedAt('0:1:before')
    const operationId = await send({ kind: 'retry', sagas: [meant] })
    await dies(victim)
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(answers.get(operationId)).toBeUndefined()
    const next = await operations()
    try {
      expect(sagaIn(await answerTo(operationId))).toMatchObject({ result: 'done', text: 'it has ended: cancelled' })
      expect(await decisionsOf(request)).toMatchObject([{ decision: 'retry', by: 'Ann', reason: 'it is back' }])
      expect(request.heard().filter(({ type }) => type === 'refund.succeeded.v1')).toHaveLength(1)
    } finally {
      await next.stop()
    }
  })
})

describe('a screen', () => {
  let serving: Serving
  beforeAll(async () => {
    serving = await operations()
  })
  afterAll(() => serving?.stop())

  it('decides about what it has shown, and not about what needs attention by then', async () => {
    const request = await parked('screen-moved-on', 'pay_flaky_5')
    const { meant } = await looked(request)
    const vain = sagaIn(await ask({ kind: 'retry', sagas: [meant] }))
    expect(vain).toMatchObject({ result: 'unsettled' })
    expect(vain.text).toContain('it has not helped so far: it needs attention again (refund, step-failed)')
    const late = sagaIn(await ask({ kind: 'retry', sagas: [meant] }, { reason: 'somebody else' }))
    expect(late).toMatchObject({ result: 'refused', text: expect.stringContaining('refund-do-1: look again') })
    const unseen = sagaIn(await ask({ kind: 'resolve', decision: 'retry', sagas: [target(request)] }))
    expect(unseen.text).toContain('look at it first')
    expect(await decisionsOf(request)).toHaveLength(1)
    const again = await looked(request)
    expect(again.meant.parked.round).toBe(2)
    expect(sagaIn(await ask({ kind: 'retry', sagas: [again.meant] })).result).toBe('done')
  })

  it('sends money elsewhere for many, of which one that goes on holds up no other', async () => {
    const [stuck, well] = await Promise.all([parked('screen-elsewhere'), parked('screen-well')])
    const looks = await Promise.all([stuck, well].map(looked))
    await well.resolve('retry')
    await well.ends()
    const answer = await ask(
      { kind: 'resolve', decision: 'refund-elsewhere', to: 'store-credit', sagas: looks.map(({ meant }) => meant) },
      { approvedBy: 'Bob' },
    )
    const sagas = answer.kind === 'sagas' ? answer.sagas : []
    expect(sagas.map(({ result }) => result)).toEqual(['done', 'refused'])
    expect(await stuck.ends()).toMatchObject({ refunds: [{ destination: 'store-credit' }] })
    expect(await decisionsOf(stuck)).toMatchObject([{ by: 'Ann', reason: 'it is back (approved by Bob)' }])
  })

  it('shows what is possible without those who are away, and waits no longer than anybody looks', async () => {
    const request = await parked('screen-away')
    const { where, temporal, databases } = world
    const nowhere = 'postgres://nobody@127.0.0.1:1/none'
    const away = openDatabases({ order: nowhere, inventory: nowhere, logistics: nowhere, payment: nowhere })
    const look = (missing: 'order' | 'logistics', seconds: number) =>
      answerOf(
        {
          ...{ where, temporal, kafka: kafka(), waitMs: 0 },
          databases: { ...databases, [missing]: away[missing] },
        },
        {
          ...{
            operationId: randomUUID(),
            dryRun: true,
            by: 'Ann',
            at: new Date(Date.now() - seconds * 1_000).toISOString(),
          },
          wanted: { kind: 'retry', sagas: [target(request)] },
        },
      )
    try {
      const saga = sagaIn(await look('logistics', 0))
      expect([saga.result, saga.done]).toEqual(['would', undefined])
      await expect(look('order', 0)).rejects.toThrow('ECONNREFUSED')
      expect(await look('order', 40)).toMatchObject({ kind: 'refused', text: expect.stringContaining('ask anew') })
    } finally {
      await away.close()
      await request.resolve('retry')
    }
  })

  it('begins nothing that was asked for too long ago', async () => {
    const request = await parked('screen-old')
    const { meant } = await looked(request)
    const at = new Date(Date.now() - 16 * 60_000).toISOString()
    expect(sagaIn(await ask({ kind: 'retry', sagas: [meant] }, { at })).text).toContain('within a quarter of an hour')
    expect(await decisionsOf(request)).toEqual([])
    await request.resolve('retry')
  })

  it('holds intake and lets it in, and says who was first', async () => {
    expect(await ask({ kind: 'pause-intake' })).toMatchObject({ result: 'done', intake: { paused: true, by: 'Ann' } })
    const second = await ask({ kind: 'pause-intake' }, { by: 'Bob' })
    expect(second).toMatchObject({ result: 'nothing-done', text: expect.stringContaining('by Ann: it is back') })
    expect(await ask({ kind: 'look-system' })).toMatchObject({
      system: { intake: { paused: true, by: 'Ann', reason: 'it is back' }, unread: [] },
    })
    const resumed = { kind: 'resume-intake' } as const
    expect(await ask(resumed)).toMatchObject({ result: 'done', intake: { paused: false } })
    expect(await ask(resumed, { by: 'Bob' })).toMatchObject({ result: 'nothing-done' })
  })

  it('holds and lets in intake once, though it is asked again after somebody has done the opposite', async () => {
    const [pause, resume] = [{ kind: 'pause-intake' } as const, { kind: 'resume-intake' } as const]
    const [paused, resumed] = [randomUUID(), randomUUID()]
    const askAgain = async (wanted: OperationWanted, operationId: string) => {
      await send(wanted, { operationId })
      return eventually('its second answer', () => answers.get(operationId)?.[1])
    }
    await ask(pause, { operationId: paused })
    await ask(resume, { operationId: resumed })
    expect(await askAgain(pause, paused)).toMatchObject({ result: 'done', intake: { paused: false } })
    expect(await ask(pause, { by: 'Bob' })).toMatchObject({ result: 'done' })
    expect(await askAgain(resume, resumed)).toMatchObject({ result: 'done', intake: { paused: true, by: 'Bob' } })
    expect(await ask(resume, { by: 'Bob' })).toMatchObject({ result: 'done', intake: { paused: false } })
  })

  it('shows a dead letter, sends its message again with another value, and says what it came to', async () => {
    const orderId = `ord-${randomUUID()}`
    await world.outside.publishRaw({ topic: topics.ordersPlaced, key: orderId, headers: {}, value: 'no JSON' })
    const { letterId } = await eventually('its dead letter', async () => {
      const answer = await ask({ kind: 'look-letters', topic: topics.ordersPlaced })
      return answer.kind === 'letters' ? answer.letters.find(({ key }) => key === orderId) : undefined
    })
    expect(await ask({ kind: 'look-letter', letterId })).toMatchObject({ letter: { value: 'no JSON', state: 'open' } })
    const again = await ask({ kind: 'redrive', letterId }, { dryRun: true })
    expect(again).toMatchObject({ result: 'would', text: expect.stringContaining('would fail again: missing-headers') })
    expect(await ask({ kind: 'redrive', letterId, value: 'still none' }, { dryRun: true })).toMatchObject({
      kind: 'refused',
    })
    const discard = { kind: 'discard', letterId } as const
    expect(await ask(discard, { reason: 'a test' })).toMatchObject({ result: 'done' })
    expect(await ask(discard)).toMatchObject({
      result: 'refused',
      text: expect.stringMatching(/discarded at .* by Ann/),
    })
    await eventuallyHolds(async () => {
      const found = (await world.deadLetters()).find(({ id }) => id === letterId)
      expect(found).toMatchObject({ state: 'discarded' })
    })
  })

  it('sends a message again once, though it hears twice that it is wanted', async () => {
    const orderId = `ord-${randomUUID()}`
    await world.outside.publishRaw({ topic: topics.ordersPlaced, key: orderId, headers: {}, value: 'no JSON either' })
    const lettersOf = async () => (await world.deadLetters()).filter(({ key }) => key === orderId)
    const { id: letterId } = await eventually('its dead letter', async () => (await lettersOf())[0])
    const operationId = randomUUID()
    const both = await Promise.all([1, 2].map(() => ask({ kind: 'redrive', letterId }, { operationId })))
    await eventually('both answers', () => answers.get(operationId)?.length === 2)
    expect([...both, ...(answers.get(operationId) ?? [])].map((each) => 'result' in each && each.result)).toEqual([
      ...['done', 'done', 'done', 'done'],
    ])
    await eventuallyHolds(async () =>
      expect((await lettersOf()).map(({ state, redrives }) => [state, redrives])).toEqual([
        ['failed-again', 0],
        ['open', 1],
      ]),
    )
  })

  it('hears of a letter that is gone in words', async () => {
    expect(await ask({ kind: 'look-letter', letterId: 'orders.placed.v1:0:999999' })).toMatchObject({
      ...{ kind: 'refused', text: expect.stringContaining('which is none (any more)') },
    })
  })
})
