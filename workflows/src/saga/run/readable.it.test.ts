import fc from 'fast-check'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory } from '../../../testing/laboratory.ts'
import { needsApproval, playIn, waitsFor } from '../../../testing/play.ts'
import { createWorld } from '../../../testing/world.ts'
import { decideUpdate } from '../../protocol/inputs.ts'
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

const parcel = {
  ...{ orderId: 'ord-1', requestId: 'req-1', shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1' },
  since: '2026-11-20T10:00:00.000Z',
}

test.each([
  [reversedWorkflowType, [{ orderId: 'ord-1', requestId: 'req-1' }]],
  [lateInterceptType, [{ ...parcel, since: 7 }]],
])('a run of %s that somebody starts with anything ends, says so, and does nothing', async (type, more) => {
  const world = createWorld({}, laboratory.whileOpen)
  await laboratory.runAnything(world, async (start) => {
    for (const args of [...shapes, ...[...more].map((value) => [value])])
      expect(await start(type, args)).toEqual({ stage: 'requested', rejected: 'unreadable-input' })
  })
  expect(world.asked).toEqual([])
  expect(world.records).toEqual([])
})
