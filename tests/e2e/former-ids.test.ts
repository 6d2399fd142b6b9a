import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOf, formerSagaId, sagaId } from '@countermand/contracts'
import { eventually } from '@countermand/testing'
import { requestOf } from '@countermand/tools/demo/scenarios.ts'
import type { Wish } from '@countermand/tools/demo/wish.ts'
import { digestMemo, requestMemo, taskQueue, workflowType } from '@countermand/workflows/src/protocol/inputs.ts'
import { attributes } from '@countermand/workflows/src/protocol/search-attributes.ts'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { openShop, type Request, type Shop } from './shop.ts'
import { startWorld, type World } from './world.ts'

/** Sagas that were started before workflow ids told every pair of ids apart: each command finds them under the id that they have. */

const commandsMs = 180_000

let world: World
let shop: Shop
beforeAll(async () => {
  world = await startWorld(inject('stack'), { STEP_ATTEMPTS: '2', STEP_BACKOFF: '50ms', SWEEP_INTERVAL: '1h' })
  shop = openShop(world)
})
afterAll(async () => {
  await world?.stop()
})

interface Former extends Request {
  readonly formerId: string
}

/** Starts its saga as it was started then. */
const begin = async (wish: Wish): Promise<Former> => {
  const { orderId } = await shop.place(wish)
  const requestId = `${wish.name}-${randomUUID().slice(0, 8)}-7`
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

const sent = [{ number: 'OK-1', status: 'in-transit' }] as const
const atTheGate = async (name: string): Promise<Former> => {
  const request = await begin({ name, parcels: sent })
  await request.hears('order.cancellation.awaiting-merchant.v1')
  return request
}
const parked = async (name: string): Promise<Former> => {
  const request = await begin({ name, tenders: [{ ref: 'pay_down' }] })
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
    expect(await json('list', '--attention', '--order', orderId)).toMatchObject([{ requestId, workflowId: formerId }])
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
    const bulk = await world.saga('retry', '--where', where, '--reason', 'tried', '--dry-run')
    expect(bulk).toMatchObject({ code: 0, stdout: expect.stringContaining('retry do refund') })
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
