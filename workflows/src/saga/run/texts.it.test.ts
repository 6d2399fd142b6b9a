import { hostileTexts, printableTexts, unprintableTexts } from '@countermand/testing'
import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, requested } from '../../../testing/laboratory.ts'
import { needsApproval, parks, playIn, resolve, waitsFor } from '../../../testing/play.ts'
import { begun, createWorld, request, stepFailed, tender } from '../../../testing/world.ts'
import {
  decidedSignal,
  decideUpdate,
  resolveUpdate,
  statusQuery,
  withdrawnSignal,
  withdrawUpdate,
} from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)
const everyText = Object.values(hostileTexts).join(' ')
/** Longer than the contract takes, with half of a pair where a cut would be. */
const endless = `${'😀'.repeat(1_000)}${everyText}`

describe('a text that the contract would refuse', () => {
  test.each([
    ['a carrier', { StopShipment: () => ({ type: 'InterceptFailed' as const, shipments: [], message: endless }) }],
    ['a warehouse', { SetStockAside: () => ({ type: 'ReservationNotFound' as const, message: endless }) }],
    [
      'a channel',
      { RefundOrder: () => ({ type: 'RefundRefused' as const, tenders: [tender('failed')], message: endless }) },
    ],
  ])('of %s turns the saga back, and is told clipped', async (_, services) => {
    const { world, result } = await play(services)
    expect(result.outcome).toBe('compensated')
    expect(world.abandoned[0]?.message).toMatch(/^😀+…$/u)
  })

  test('of a step that failed, or of a rejected command, parks it, and a person goes on', async () => {
    const { result } = await play(
      {
        StopShipment: ({ data: { round } }) =>
          round === 1 ? { ...stepFailed, error: endless } : { type: 'NothingToStop', shipments: [] },
        SetStockAside: ({ data: { round } }) =>
          round === 1
            ? { type: 'CommandRejected', deadLetterId: 't:0:1', reason: endless }
            : { type: 'StockSetAside', lines: [] },
      },
      async (saga, world) => {
        for (const _ of [1, 2]) {
          expect((await parks(saga, 'step-failed', world))?.error).toMatch(/…$/)
          await resolve(saga, 'retry')
        }
      },
    )
    expect(result.outcome).toBe('cancelled')
  })

  test('is refused in an update, with the reason', async () => {
    const { result } = await play({ StopShipment: () => stepFailed }, async (saga, world) => {
      await parks(saga, 'step-failed', world)
      const decide = (by: string, message = 'no') =>
        saga.executeUpdate(decideUpdate, { args: [{ decision: 'approve', by, message }] })
      for (const by of Object.values(unprintableTexts)) {
        await expect(saga.executeUpdate(withdrawUpdate, { args: [{ by }] }), by).rejects.toThrow()
        await expect(decide(by), by).rejects.toThrow()
      }
      for (const text of ['a\0', 'a\ud83d']) {
        await expect(decide('mer-3', text)).rejects.toThrow()
        const resolution = { decision: 'retry', by: 'ops-1', reason: text } as const
        await expect(saga.executeUpdate(resolveUpdate, { args: [resolution] })).rejects.toThrow()
      }
      await resolve(saga, 'undo')
    })
    expect(result.outcome).toBe('compensated')
  })

  test.each(Object.entries({ ...unprintableTexts, everything: everyText.repeat(9) }))(
    'in a signal sent by hand (%s) is cleaned, and the saga ends',
    async (_, text) => {
      const at = new Date().toISOString()
      const { world, result } = await play(
        needsApproval(() => laboratory, 'approve'),
        async (saga) => {
          await waitsFor(saga, "the merchant's decision")
          await saga.signal(decidedSignal, { inputId: 'by-hand', decision: 'reject', by: text, message: text, at })
        },
      )
      expect(result.code).toBe('merchant-rejected')
      expect(world.abandoned[0]?.by).toContain('\ufffd')
    },
  )

  test('as the id of an input sent by hand is cut to what a record has room for, and what it comes to is written down', async () => {
    const at = new Date().toISOString()
    const { world } = await play({ StopShipment: () => stepFailed }, async (saga, seen) => {
      await parks(saga, 'step-failed', seen)
      await saga.signal(decidedSignal, { inputId: endless, decision: 'approve', by: 'ops-1', at })
      await eventuallyHolds(() => expect(seen.records.map(({ record }) => record.what)).toContain('input-rejected'))
      await saga.signal(withdrawnSignal, { inputId: endless.repeat(2), by: 'ops-1' })
    })
    expect(world.records.find(({ record }) => record.what === 'input-rejected')?.key).toMatch(/^input[.]😀+\ufffd?~/u)
    expect(world.abandoned).toMatchObject([{ outcome: 'withdrawn' }])
  })

  test('in a withdrawal by hand is cleaned', async () => {
    const { result } = await play(
      needsApproval(() => laboratory, 'approve'),
      async (saga) => {
        await waitsFor(saga, "the merchant's decision")
        await saga.signal(withdrawnSignal, { inputId: 'by-hand', by: everyText })
      },
    )
    expect(result.outcome).toBe('withdrawn')
  })
})

test.each(Object.entries(printableTexts))('who decides may be called %s', async (_, by) => {
  const { world } = await play(
    needsApproval(() => laboratory, 'approve'),
    async (saga) => {
      await waitsFor(saga, "the merchant's decision")
      await saga.executeUpdate(decideUpdate, {
        args: [{ decision: 'reject', by: 'ops-1', onBehalfOf: by, message: by }],
      })
    },
  )
  expect(world.abandoned[0]).toMatchObject({ by, message: by })
})

test('a command that cannot be built parks at once, and no money is in doubt', async () => {
  const { result } = await play({ BeginCancellation: () => ({ ...begun, amount: -1 }) }, async (saga, world) => {
    const attention = await parks(saga, 'step-failed', world)
    expect(attention?.error).toContain('expected RefundOrder to pass its contract; amount: expected')
    await resolve(saga, 'undo')
  })
  expect(result.outcome).toBe('compensated')
})

test('inputs whose ids begin alike, longer than records keep, are told apart and answered each', async () => {
  const long = 'x'.repeat(3_000)
  const { world, result } = await play(
    needsApproval(() => laboratory, 'approve'),
    async (saga, world) => {
      await waitsFor(saga, "the merchant's decision")
      const at = new Date().toISOString()
      for (const [last, decision] of [
        ['1', 'approve'],
        ['2', 'reject'],
        ['2', 'reject'],
        ['\0', 'reject'],
      ] as const)
        await saga.signal(decidedSignal, { inputId: `${long}${last}`, decision, by: 'mer-3', at })
      await eventuallyHolds(() => expect(world.records).toHaveLength(4))
    },
  )
  expect(result.outcome).toBe('cancelled')
  const ids = world.records.flatMap(({ record }) => (record.what === 'input-rejected' ? [record.inputId] : []))
  expect(new Set(ids).size).toBe(2)
})

test('a record that cannot be built is no endless loop: a person finds it, in words, and lets the saga go on to what is wrong', async () => {
  const unsound = { ...request, refundTo: 'nowhere' }
  // Started by hand: no contract has looked at it.
  const input = JSON.parse(JSON.stringify({ ...requested, requested: { request: unsound, digest: 'digest-1' } }))
  const world = createWorld({}, laboratory.whileOpen)
  await laboratory.run(
    world,
    async (saga) => {
      const attention = () => saga.query(statusQuery).then((status) => status.parked ?? [status.attention])
      await eventuallyHolds(async () =>
        expect((await attention()).map((each) => each?.step)).toContain('record.attention.hold-order-do-1'),
      )
      const found = (await attention()).find((each) => each?.step.startsWith('record.'))
      expect(found).toMatchObject({ reason: 'step-failed', remedies: ['retry', 'skip'] })
      expect(found?.error).toContain('expected RecordCancellation to pass its contract')
      const decision = { by: 'ops-1', reason: 'looked', step: found?.step ?? '' }
      expect(await saga.executeUpdate(resolveUpdate, { args: [{ ...decision, decision: 'skip' }] })).toEqual({
        accepted: true,
      })
      await eventuallyHolds(async () => expect((await attention()).map((each) => each?.step)).toEqual(['hold-order']))
      await saga.terminate('the test is over')
    },
    input,
  )
  expect(world.records).toEqual([])
})
