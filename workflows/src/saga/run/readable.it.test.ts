import { RawValue } from '@temporalio/common'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, requested } from '../../../testing/laboratory.ts'
import { needsApproval, playIn, waitsFor } from '../../../testing/play.ts'
import { createWorld, request } from '../../../testing/world.ts'
import { decideUpdate, workflowType } from '../../protocol/inputs.ts'
import { lateInterceptType } from '../../protocol/late-intercept.ts'
import { reversedWorkflowType } from '../../protocol/reversal.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)

const shapes = [
  [],
  [null],
  ['a text'],
  [{}],
  [[]],
  [7],
  [{ by: 'x' }],
  [{ inputId: 1, decision: 'approve', by: {}, at: [] }],
]
/** Payloads as others write them: no JSON though it says so, their own encryption, no encoding at all. */
const foreign = [
  { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from('{ "by": ') },
  { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from([0, 255, 7]) },
  { metadata: {}, data: Buffer.from('{}') },
  {},
]
const decided = { inputId: 'event:1', decision: 'reject', by: 'mer-9', at: '2026-11-20T10:00:00Z' }

test('signals of any shape, and of other orders, fail no workflow task: the saga goes on and ends as its merchant decides', async () => {
  const others = fc.sample(fc.jsonValue(), { numRuns: 40, seed: 7 })
  const { world, result } = await play(
    needsApproval(() => laboratory, 'reject'),
    async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      for (const name of ['decided', 'withdrawn', 'requested', 'unheard-of'])
        for (const args of [...shapes, ...others.map((value) => [value])]) await saga.signal(name, ...args)
      await saga.signal('decided', { ...decided, orderId: 'another' })
      for (const input of [undefined, null, 'a text', {}, []])
        await expect(saga.executeUpdate('decide', { args: [input] })).rejects.toMatchObject({
          cause: { message: expect.stringMatching(/^expected/) },
        })
      const answer = await saga.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'mer-3' }] })
      expect(answer).toEqual({ accepted: true })
    },
  )
  expect(result.outcome).toBe('cancelled')
  expect(world.records.map(({ record }) => record.what)).toEqual(['awaiting-merchant', 'decided'])
})

test('what nobody here can decode fails no workflow task either, in a signal or an update', async () => {
  const { world, result } = await play(
    needsApproval(() => laboratory, 'reject'),
    async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      const { workflowService, options } = saga.client
      const to = { namespace: options.namespace, workflowExecution: { workflowId: saga.workflowId } }
      for (const payload of foreign) {
        const input = { payloads: [payload] }
        for (const signalName of ['decided', 'withdrawn', 'requested'])
          await workflowService.signalWorkflowExecution({ ...to, signalName, input })
        const told = saga.executeUpdate('decide', { args: [RawValue.fromPayload(payload)] })
        await expect(told).rejects.toMatchObject({ cause: { message: expect.stringMatching(/^expected/) } })
      }
      await saga.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by: 'mer-3' }] })
    },
  )
  expect(result.outcome).toBe('cancelled')
  expect(world.records.map(({ record }) => record.what)).toEqual(['awaiting-merchant', 'decided'])
})

const parcel = {
  ...{ orderId: 'ord-1', requestId: 'req-1', shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1' },
  since: '2026-11-20T10:00:00.000Z',
}

const unreadable: readonly (readonly [string, readonly unknown[]])[] = [
  [
    workflowType,
    [
      { orderId: 'ord-1' },
      { orderId: 'ord-1', requestId: 7 },
      { orderId: 'ord-1', requestId: 'req-1', requested: {} },
      { ...requested, lane: 'overtaking' },
      { ...requested, requested: { request: { ...request, reason: { code: {} } }, digest: 'digest-1' } },
      { ...requested, requested: { request: { ...request, orderId: 'ord-2' }, digest: 'digest-1' } },
    ],
  ],
  [reversedWorkflowType, [{ orderId: 'ord-1', requestId: 'req-1' }]],
  [lateInterceptType, [{ ...parcel, since: 7 }]],
]

describe.each(unreadable)('a run of %s that somebody starts', (type, more) => {
  test('with anything ends, says so, and does nothing', async () => {
    const world = createWorld({}, laboratory.whileOpen)
    await laboratory.runAnything(world, async (start) => {
      for (const args of [...shapes, ...more.map((value) => [value])])
        expect(await start(type, args)).toEqual({ stage: 'requested', rejected: 'unreadable-input' })
    })
    expect(world.asked).toEqual([])
    expect(world.records).toEqual([])
  })

  test('with what nobody here can decode ends in the same way', async () => {
    await laboratory.runAnything(createWorld({}, laboratory.whileOpen), async (start) => {
      for (const payload of foreign)
        expect(await start(type, [RawValue.fromPayload(payload)])).toMatchObject({ rejected: 'unreadable-input' })
    })
  })
})
