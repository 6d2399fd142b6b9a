import { eventuallyHolds } from '@countermand/testing/eventually.ts'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory, requested, type SagaHandle } from '../../../testing/laboratory.ts'
import { asks, backFrom, needsApproval, playIn, recorded, waitsFor } from '../../../testing/play.ts'
import { roadBack, type Services, tender, willing } from '../../../testing/world.ts'
import { requestedSignal, statusQuery, withdrawnSignal, withdrawUpdate } from '../../protocol/inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)
const withdraw = (saga: SagaHandle) => saga.executeUpdate(withdrawUpdate, { args: [{ by: 'cus-7' }] })
const moved: Partial<Services> = { ForbidRefund: () => ({ type: 'MoneyMoved', tenders: [tender('pending')] }) }
/** A refund that is accepted, and settles when it is told to. */
const slowRefund: Partial<Services> = {
  ...moved,
  RefundOrder: ({ final }) => (final ? 'later' : { type: 'StepPending', tenders: [tender('pending')] }),
}
const settle = (saga: SagaHandle) =>
  laboratory.complete(saga, 'refund-do-1-await', { type: 'RefundSettled', tenders: [tender('succeeded')] })

/** A saga that stands still at one moment before the pivot. */
const moments: readonly (readonly [string, Partial<Services>, string])[] = [
  [
    'while the order is being held',
    { BeginCancellation: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
    'Hold order',
  ],
  ['while the merchant thinks', needsApproval(() => laboratory, 'approve'), "the merchant's decision"],
  [
    'while the carrier is asked',
    { StopShipment: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
    'Stop the parcels',
  ],
  [
    'while the stock is set aside',
    { SetStockAside: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
    'Set the stock',
  ],
  [
    'while the refund waits for its first intent',
    { RefundOrder: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
    'Refund',
  ],
]

describe('before the pivot', () => {
  test('a run that starts again on the way back goes on with the same end', async () => {
    const turn = { outcome: 'withdrawn', stage: 'confirming', by: 'cus-7' } as const
    const begun = willing.BeginCancellation()
    const { world, result } = await play({
      BeginCancellation: () => ({ ...begun, decided: { ...begun.decided, turn } }),
    })
    expect(result.outcome).toBe('withdrawn')
    expect(world.asked).not.toContain('RefundOrder')
    expect(world.abandoned[0]).toMatchObject(turn)
  })

  test.each(moments)('a customer who withdraws %s has it all taken back', async (_, services, waiting) => {
    const { world, result } = await play(services, async (saga) => {
      await waitsFor(saga, waiting)
      expect(await withdraw(saga)).toEqual({ accepted: true })
    })
    expect(result.outcome).toBe('withdrawn')
    expect(backFrom(world)).toEqual(roadBack)
    expect(world.abandoned[0]).toMatchObject({ outcome: 'withdrawn', by: 'cus-7' })
  })

  test.each(moments)("Temporal's Cancel %s does the same", async (_, services, waiting) => {
    const { world, result } = await play(services, async (saga) => {
      await waitsFor(saga, waiting)
      await saga.cancel()
    })
    expect(result.outcome).toBe('withdrawn')
    expect(backFrom(world)).toEqual(roadBack)
    expect(world.abandoned[0]).toMatchObject({ outcome: 'withdrawn', by: 'operator' })
  })

  test('a withdrawal that overtakes its request is kept for it, and the order is never held', async () => {
    const { world, result } = await play(
      {},
      async (saga) => {
        await saga.signal(withdrawnSignal, { inputId: 'event-w', by: 'cus-7' })
        await saga.signal(requestedSignal, requested.requested ?? expect.unreachable())
      },
      { orderId: requested.orderId, requestId: requested.requestId },
    )
    expect(result.outcome).toBe('withdrawn')
    expect(world.asked).toEqual(roadBack)
  })

  test('a second wish to turn back changes nothing, is answered, and does not stop the road back', async () => {
    const { world, result } = await play(
      {
        ...needsApproval(() => laboratory, 'approve'),
        ReserveAgain: ({ final }) => (final ? 'later' : { type: 'StepPending' }),
      },
      async (saga) => {
        await waitsFor(saga, 'the merchant')
        await withdraw(saga)
        await waitsFor(saga, 'Reserve the stock')
        expect(await withdraw(saga)).toMatchObject({ accepted: false, code: 'too-late' })
        await saga.cancel()
        await laboratory.complete(saga, 'set-stock-aside-undo-1-await', { type: 'StockReservedAgain', lines: [] })
      },
    )
    expect(result.outcome).toBe('withdrawn')
    expect(backFrom(world)).toEqual(roadBack)
  })
})

describe('after the pivot', () => {
  test('a withdrawal is told that it is too late, in public, and the saga goes forward', async () => {
    const { world, result } = await play(slowRefund, async (saga, world) => {
      await waitsFor(saga, 'the refund of 33.51 EUR')
      expect(await withdraw(saga)).toMatchObject({ accepted: false, code: 'too-late' })
      await saga.signal(withdrawnSignal, { inputId: 'event-w', by: 'cus-7' })
      await eventuallyHolds(() => expect(recorded(world)).toEqual(['input-rejected', 'input-rejected']))
      await settle(saga)
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).not.toContain('AbandonCancellation')
  })

  test('what payment saw when somebody wanted to turn back does not take the place of its last word, though it is heard later', async () => {
    const { result } = await play(
      { ...slowRefund, ForbidRefund: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
      async (saga) => {
        await waitsFor(saga, 'the refund of 33.51 EUR')
        await saga.signal(withdrawnSignal, { inputId: 'event-w', by: 'cus-7' })
        await waitsFor(saga, 'Forbid the refund')
        await settle(saga)
        await eventuallyHolds(async () =>
          expect((await saga.query(statusQuery)).refunds).toEqual([tender('succeeded')]),
        )
        await laboratory.complete(saga, 'refund-undo-1-await', { type: 'MoneyMoved', tenders: [tender('pending')] })
      },
    )
    expect(result).toMatchObject({ outcome: 'cancelled', refunds: [tender('succeeded')] })
  })

  test('a withdrawal is too late when a person has settled the refund elsewhere, which only the order service knows', async () => {
    let asked = 0
    const { world, result } = await play(
      {
        RecordCancellation: ({ data: { record } }) => ({
          type: record.what === 'turning-back' ? 'TurnTooLate' : 'CancellationRecorded',
        }),
        ConfirmCancellation: ({ final }) => {
          asked += 1
          if (asked > 2) return willing.ConfirmCancellation()
          return final ? 'later' : { type: 'StepPending' }
        },
      },
      async (saga) => {
        await waitsFor(saga, 'Close order')
        expect(await withdraw(saga)).toMatchObject({ accepted: false, code: 'too-late' })
      },
      { ...requested, lane: 'slow' },
    )
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).not.toContain('ReserveAgain')
    expect(recorded(world)).toEqual(['turning-back', 'input-rejected'])
  })

  test("Temporal's Cancel does not stop it: it finishes", async () => {
    const { world, result } = await play(slowRefund, async (saga, world) => {
      await waitsFor(saga, 'the refund of 33.51 EUR')
      await saga.cancel()
      await asks(world, 'ForbidRefund')
      await settle(saga)
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).not.toContain('AbandonCancellation')
  })

  test('a "no" of the carrier changes nothing when money has moved: the saga goes forward', async () => {
    const { world, result } = await play({
      ...moved,
      StopShipment: () => ({ type: 'InterceptFailed', shipments: [], message: 'delivered' }),
    })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked).toContain('RefundOrder')
    expect(world.asked).not.toContain('ReserveAgain')
  })
})
