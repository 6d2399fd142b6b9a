import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, type SagaHandle } from '../../../testing/laboratory.ts'
import { asks, needsApproval, parks, playIn, resolve, waitsFor } from '../../../testing/play.ts'
import { begun, type Services, stepFailed, type World, willing } from '../../../testing/world.ts'
import { decidedSignal, decideUpdate, withdrawnSignal, withdrawUpdate } from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)
const merchant = needsApproval(() => laboratory, 'reject')
const rejections = ({ records }: World) => records.filter(({ record }) => record.what === 'input-rejected')
const approval = () => ({ inputId: 'event:1', decision: 'approve', by: 'mer-3', at: new Date().toISOString() }) as const
const withdrawal = { inputId: 'event:2', by: 'cus-7' } as const
const times = <T>(count: number, act: (time: number) => Promise<T>) =>
  Promise.all(Array.from({ length: count }, (_, time) => act(time)))

describe('an input that was accepted and comes again', () => {
  const heldUp: Partial<Services> = { RefundOrder: ({ final }) => (final ? 'later' : { type: 'StepPending' }) }

  test('is no second decision: while the gate is open, and after it', async () => {
    const { world, result } = await play({ ...merchant, ...heldUp }, async (saga, world) => {
      await waitsFor(saga, "the merchant's decision")
      const same = approval()
      await saga.signal(decidedSignal, same)
      await saga.signal(decidedSignal, same)
      await asks(world, 'RefundOrder')
      await waitsFor(saga, 'Refund')
      await saga.signal(decidedSignal, same)
      await laboratory.complete(saga, 'refund-do-1-await', willing.RefundOrder())
    })
    expect(result.outcome).toBe('cancelled')
    expect(rejections(world)).toEqual([])
    expect(world.records.filter(({ record }) => record.what === 'decided')).toMatchObject([
      { record: { decision: 'approve', inputId: 'event:1' } },
    ])
  })

  test('is no second withdrawal: while payment is asked, and on the way back', async () => {
    const { world, result } = await play(
      { ...merchant, ReserveAgain: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
      async (saga, world) => {
        await waitsFor(saga, "the merchant's decision")
        await saga.signal(withdrawnSignal, withdrawal)
        await saga.signal(withdrawnSignal, withdrawal)
        await asks(world, 'ReserveAgain')
        await saga.signal(withdrawnSignal, withdrawal)
        await laboratory.complete(saga, 'set-stock-aside-undo-1-await', willing.ReserveAgain())
      },
    )
    expect(result.outcome).toBe('withdrawn')
    expect(rejections(world)).toEqual([])
    expect(world.records.filter(({ record }) => record.what === 'turning-back')).toMatchObject([
      { record: { by: 'cus-7', inputId: 'event:2' } },
    ])
  })

  test('is answered as before also by a run that knows it only from the order service', async () => {
    const decided = { ...approval(), decision: 'approve' as const }
    const { world, result } = await play(
      {
        ...heldUp,
        BeginCancellation: () => ({
          ...begun,
          approval: { needed: true, decideBy: '2026-11-21T12:00:00Z', onSilence: 'reject' },
          decided: { approval: decided, resolutions: [] },
        }),
        PauseFulfilment: ({ final }) => (final ? 'later' : { type: 'StepPending' }),
      },
      async (saga, world) => {
        await asks(world, 'PauseFulfilment')
        await saga.signal(decidedSignal, decided)
        await laboratory.complete(saga, 'pause-fulfilment-do-1-await', willing.PauseFulfilment())
        await waitsFor(saga, 'Refund')
        await saga.signal(decidedSignal, decided)
        await laboratory.complete(saga, 'refund-do-1-await', willing.RefundOrder())
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(rejections(world)).toEqual([])
  })
})

describe('nobody who asks waits for long', () => {
  const decide = (saga: SagaHandle, decision: 'approve' | 'reject' = 'approve') =>
    saga.executeUpdate(decideUpdate, { args: [{ decision, by: 'mer-3' }] })
  const withdraw = (saga: SagaHandle) => saga.executeUpdate(withdrawUpdate, { args: [{ by: 'cus-7' }] })
  const kept = { accepted: true, kept: true }

  test('decisions before the gate are kept: a dozen of them shut out neither an operator nor the customer', async () => {
    const { world, result } = await play({ ...merchant, PauseFulfilment: () => stepFailed }, async (saga, world) => {
      await parks(saga, 'step-failed', world)
      expect(await times(12, () => decide(saga))).toEqual(Array(12).fill(kept))
      expect(await resolve(saga, 'retry')).toEqual({ accepted: true })
      await parks(saga, 'step-failed', world)
      expect(await withdraw(saga)).toEqual({ accepted: true })
    })
    expect(result.outcome).toBe('withdrawn')
    // None of them counted, and each is told so.
    expect(rejections(world).map(({ record }) => record)).toMatchObject(
      Array(12).fill({ input: 'decide', code: 'too-late' }),
    )
  })

  test('of those that are kept, the first counts at the gate', async () => {
    const { world, result } = await play(
      { ...merchant, PauseFulfilment: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
      async (saga, world) => {
        await asks(world, 'PauseFulfilment')
        expect(await decide(saga, 'reject')).toEqual(kept)
        expect(await decide(saga, 'approve')).toEqual(kept)
        await laboratory.complete(saga, 'pause-fulfilment-do-1-await', willing.PauseFulfilment())
      },
    )
    expect(result.code).toBe('merchant-rejected')
    expect(rejections(world)).toMatchObject([{ record: { input: 'decide', code: 'too-late' } }])
  })

  test('withdrawals are kept while payment is away, and an operator is heard beside them', async () => {
    const { world, result } = await play(
      {
        StopShipment: ({ data: { round } }) => (round === 1 ? stepFailed : willing.StopShipment()),
        ForbidRefund: ({ final }) => (final ? 'later' : { type: 'StepPending' }),
      },
      async (saga, world) => {
        await parks(saga, 'step-failed', world)
        expect(await times(12, () => withdraw(saga))).toEqual(Array(12).fill(kept))
        expect(await resolve(saga, 'retry')).toEqual({ accepted: true })
        await laboratory.complete(saga, 'refund-undo-1-await', { type: 'NothingMoved' })
      },
    )
    expect(result.outcome).toBe('withdrawn')
    expect(rejections(world)).toHaveLength(11)
  })
})
