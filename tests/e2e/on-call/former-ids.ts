import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, formerSagaId, sagaId } from '@countermand/contracts'
import { eventually, eventuallyHolds } from '@countermand/testing'
import { requestOf } from '@countermand/tools/shop/scenarios.ts'
import { orderFrom, type Wish } from '@countermand/tools/shop/wish.ts'
import { digestMemo, requestMemo, taskQueue, workflowType } from '@countermand/workflows/src/protocol/inputs.ts'
import { attributes } from '@countermand/workflows/src/protocol/search-attributes.ts'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { endsOf, openShop, type Request, type Shop } from '../shop.ts'
import { world } from './system.ts'

/** Sagas that were started before workflow ids told every pair of ids apart: each command finds them under the id that they have. */

const commandsMs = 180_000

let shop: Shop
beforeAll(() => {
  shop = openShop(world)
})

interface Former extends Request {
  readonly formerId: string
}

interface Ids {
  readonly orderId: string
  readonly requestId: string
}

/** Starts its saga as it was started then. */
const begin = async ({ orderId, requestId }: Ids): Promise<Former> => {
  const formerId = formerSagaId(orderId, requestId)
  expect(sagaId(orderId, requestId)).not.toBe(formerId)
  const asked = requestOf(orderId, requestId, new Date().toISOString())
  const request = await shop.ask({ orderId }, asked, 'later')
  const digest = digestOf(asked)
  await world.temporal.client.workflow.start(workflowType, {
    ...{ workflowId: formerId, taskQueue, args: [{ orderId, requestId, requested: { request: asked, digest } }] },
    memo: { [requestMemo]: requestId, [digestMemo]: digest },
    typedSearchAttributes: [{ key: attributes.orderId, value: orderId }],
  })
  return { ...request, formerId }
}

const wished = async (wish: Wish): Promise<Former> => {
  const { orderId } = await shop.place(wish)
  return begin({ orderId, requestId: `${wish.name}-${randomUUID().slice(0, 8)}-7` })
}

const sent = [{ number: 'OK-1', status: 'in-transit' }] as const
const atTheGate = async (name: string): Promise<Former> => {
  const request = await wished({ name, parcels: sent })
  await request.hears('order.cancellation.awaiting-merchant.v1')
  return request
}
const parked = async (name: string): Promise<Former> => {
  const request = await wished({ name, tenders: [{ ref: 'pay_down' }] })
  await request.hears('order.cancellation.needs-attention.v1')
  return request
}

const json = async (...args: readonly string[]) => JSON.parse((await world.saga(...args, '--json')).stdout)
const why = ['--by', 'ann', '--reason', 'tried'] as const
const runs = async ({ formerId, orderId, requestId }: Former): Promise<string[]> => {
  const found: string[] = []
  for (const id of [formerId, sagaId(orderId, requestId)])
    for await (const { workflowId } of world.temporal.client.workflow.list({ query: `WorkflowId = '${id}'` }))
      found.push(workflowId)
  return found
}

describe.concurrent('a saga that runs under its former id', { timeout: commandsMs }, () => {
  it('is shown, listed, exported, replayed and resolved', async () => {
    const request = await parked('resolve')
    const { requestId, orderId, formerId } = request
    const story = await json('show', requestId)
    expect(story).toMatchObject({ workflowId: formerId, temporalUrl: expect.stringContaining(formerId) })
    expect(story.next).toContain('needs attention (step-failed)')
    expect(story.timeline).toContainEqual(expect.objectContaining({ name: 'cancelOrder started' }))
    // Temporal's list is a moment behind.
    await eventuallyHolds(async () =>
      expect(await json('list', '--attention', '--order', orderId)).toMatchObject([
        { requestId, workflowId: formerId },
      ]),
    )
    const file = join(tmpdir(), `${requestId}.json`)
    expect(await world.saga('export', requestId, '-o', file)).toMatchObject({ code: 0 })
    expect(z.object({ events: z.array(z.unknown()) }).parse(JSON.parse(await readFile(file, 'utf8')))).toBeDefined()
    const replayed = await world.saga('replay', requestId)
    expect(replayed).toMatchObject({ code: 0, stdout: expect.stringContaining(formerId) })
    expect(await world.saga('resolve', requestId, '--decision', 'retry', ...why)).toMatchObject({ code: 0 })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    expect(await runs(request)).toEqual([formerId])
  })

  it('is retried, one alone and among those of a query', async () => {
    const request = await parked('retry')
    const { requestId, orderId, formerId } = request
    const where = `OrderId = '${orderId}'`
    await eventuallyHolds(async () => {
      const bulk = await world.saga('retry', '--where', where, '--reason', 'tried', '--dry-run')
      expect(bulk).toMatchObject({ code: 0, stdout: expect.stringContaining('retry do refund') })
    })
    expect(await json('retry', requestId, ...why, '--dry-run')).toMatchObject({ workflowId: formerId })
    expect(await world.saga('retry', requestId, ...why)).toMatchObject({ code: 0 })
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  })

  it.each([
    ['decide', ['--decision', 'reject', '--by', 'ann'], 'refused'],
    ['withdraw', ['--by', 'ann'], 'withdrawn'],
    ['cancel', why, 'withdrawn'],
  ] as const)('is told a %s', async (command, options, outcome) => {
    const request = await atTheGate(command)
    expect(await world.saga(command, request.requestId, ...options)).toMatchObject({ code: 0 })
    expect(await request.ends()).toMatchObject({ outcome })
    expect(await runs(request)).toEqual([request.formerId])
  })

  it('goes on under it when it was terminated, and hears its merchant there', async () => {
    const request = await atTheGate('terminated')
    const handle = world.temporal.client.workflow.getHandle(request.formerId)
    await handle.terminate('a test')
    expect(await world.saga('retry', request.requestId, ...why)).toMatchObject({ code: 0 })
    await request.decide('approve')
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    await eventually('its run to complete', async () => (await handle.describe()).status.name === 'COMPLETED')
    expect(new Set(await runs(request))).toEqual(new Set([request.formerId]))
  })
})

/** Two orders and two requests whose ids, put one after the other, are the same. */
const twoOfOneName = async (name: string): Promise<readonly [Ids, Ids]> => {
  const short = `ord-${name}`
  const long = await shop.place({ name, parcels: sent })
  const number = randomUUID().slice(0, 8)
  const other = { ...orderFrom({ name, parcels: sent }), orderId: short }
  await world.outside.publish('order.placed.v1', short, other)
  const ids = [
    { orderId: long.orderId, requestId: number },
    { orderId: short, requestId: `${long.orderId.slice(short.length + 1)}-${number}` },
  ] as const
  expect(new Set(ids.map(({ orderId, requestId }) => formerSagaId(orderId, requestId))).size).toBe(1)
  return ids
}
const ask = ({ orderId, requestId }: Ids) => shop.ask({ orderId }, { requestId })

describe.concurrent('two orders whose sagas once had one id', () => {
  it('have each a saga of their own, and each is told what is meant for it', async () => {
    const [one, two] = await twoOfOneName('alike')
    const first = await ask(one)
    await first.hears('order.cancellation.awaiting-merchant.v1')
    const second = await ask(two)
    await second.hears('order.cancellation.awaiting-merchant.v1')
    await second.withdraw('cus-of-second')
    expect(await second.ends()).toMatchObject({ orderId: two.orderId, outcome: 'withdrawn' })
    await first.decide('approve')
    expect(await first.ends()).toMatchObject({ orderId: one.orderId, outcome: 'cancelled' })
  })

  it('are not mistaken for each other while one of then is open: what is meant for the other changes nothing of it', async () => {
    const [one, two] = await twoOfOneName('then')
    const then = await begin(two)
    await then.hears('order.cancellation.awaiting-merchant.v1')
    const now = await ask(one)
    const letter = await eventually('its dead letter', async () =>
      (await world.deadLetters()).find(({ key }) => key === one.orderId),
    )
    expect(letter).toMatchObject({ reason: 'request-id-reused' })
    await now.withdraw('cus-of-now')
    await then.decide('approve')
    expect(await then.ends()).toMatchObject({ orderId: two.orderId, outcome: 'cancelled' })
    expect((await world.story(one.orderId)).order).toMatchObject({ status: 'shipped', heldBy: null })
  })
})

describe.concurrent('a run that somebody starts once more by hand, under another id', () => {
  /** As "Start Workflow Like This One" of the Temporal UI does. */
  const startLike = async ({ workflowId }: Request, newId: string) => {
    const { client } = world.temporal
    const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
    const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data
    const args = [JSON.parse(Buffer.from(input ?? []).toString())]
    return client.workflow.start(workflowType, { workflowId: newId, taskQueue, args })
  }

  it('refunds nothing twice, and tells no second end, when its saga has ended', async () => {
    const request = await shop.ask(await shop.place({ name: 'like-this-one' }))
    expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
    const twin = await startLike(request, `again-${request.requestId}`)
    expect(await twin.result()).toMatchObject({ outcome: 'cancelled' })
    const { payment } = await world.story(request.orderId)
    expect(payment.tenders).toMatchObject([{ refunded: 3351 }])
    expect(payment.refunds).toHaveLength(1)
    expect(endsOf(request)).toHaveLength(1)
  })
})
