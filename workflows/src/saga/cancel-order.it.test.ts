import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { type Laboratory, openLaboratory } from '../../testing/laboratory.ts'
import { asks, backFrom, playIn, waitsFor } from '../../testing/play.ts'
import { request, roadBack, tender } from '../../testing/world.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory(inject('stack').temporalAddress)
})
afterAll(() => laboratory.close())
const play = playIn(() => laboratory)
describe('the road forward', () => {
  test('is walked to the end when everybody says yes, with nothing to record', async () => {
    const { world, result } = await play({})
    expect(result).toEqual({ outcome: 'cancelled', stage: 'closed', refunds: [tender('succeeded')] })
    expect(world.asked[0]).toBe('BeginCancellation')
    expect(world.asked.slice(1, 3).toSorted()).toEqual(['SetStockAside', 'StopShipment'])
    expect(world.asked.slice(3)).toEqual(['RefundOrder', 'ReturnStockToSale', 'ConfirmCancellation'])
    expect(world.records).toEqual([])
  })

  test('gives back the labels of parcels that were only held, once money has moved', async () => {
    const held = [{ shipmentId: 'shp-1', result: 'paused' as const, labelKept: true as const }]
    const { world, result } = await play({ StopShipment: () => ({ type: 'NothingToStop', shipments: held }) })
    expect(result.outcome).toBe('cancelled')
    expect(world.asked.slice(3)).toEqual(['RefundOrder', 'ReturnStockToSale', 'ReleaseLabels', 'ConfirmCancellation'])
  })

  test('ends with the lines cancelled when only lines were', async () => {
    const { result } = await play({
      ConfirmCancellation: () => ({ type: 'LinesCancelled', at: '2026-11-20T10:00:01Z' }),
    })
    expect(result.outcome).toBe('lines-cancelled')
  })
})

describe('a request that is not begun', () => {
  const noes = [
    ['OrderNotFound', 'order-not-found'],
    ['AlreadyCancelled', 'already-cancelled'],
    ['WindowClosed', 'window-closed'],
    ['AccountBlocked', 'account-blocked'],
    ['QuantityExceeded', 'quantity-exceeded'],
    ['NotCancellable', 'not-cancellable'],
  ] as const
  test.each(noes)('%s ends refused, and nothing else is asked', async (type, code) => {
    const { world, result } = await play({ BeginCancellation: () => ({ type, message: 'no' }) })
    expect(result).toEqual({ outcome: 'refused', code, stage: 'verifying' })
    expect(world.asked).toEqual(['BeginCancellation'])
  })

  test('another saga holds the order: refused', async () => {
    const { result } = await play({
      BeginCancellation: () => ({ type: 'CancellationInProgress', message: 'no', by: 'req-0' }),
    })
    expect(result).toMatchObject({ outcome: 'refused', code: 'cancellation-in-progress' })
  })

  test('it ended before: the same end, and nothing is done again', async () => {
    const { world, result } = await play({
      BeginCancellation: () => ({ type: 'AlreadyEnded', outcome: 'cancelled', stage: 'closed' }),
    })
    expect(result).toEqual({ outcome: 'cancelled', stage: 'closed' })
    expect(world.asked).toEqual(['BeginCancellation'])
  })

  test('its id is used by another: it is put aside', async () => {
    const { world, result } = await play({ BeginCancellation: () => ({ type: 'RequestIdReused', message: 'no' }) })
    expect(result).toEqual({ stage: 'verifying', rejected: 'request-id-reused' })
    expect(world.rejectedRequests).toEqual([request])
  })

  test('it was taken back by an earlier run: the road back is walked again', async () => {
    const { world, result } = await play({ BeginCancellation: () => ({ type: 'Undone' }) })
    expect(result.outcome).toBe('compensated')
    expect(backFrom(world)).toEqual(roadBack)
  })
})

describe('a no before the pivot takes everything back, in reverse', () => {
  test('the carrier refuses at last', async () => {
    const { world, result } = await play(
      { StopShipment: ({ final }) => (final ? 'later' : { type: 'StepPending' }) },
      async (saga, world) => {
        await waitsFor(saga, 'Stop the parcels')
        await asks(world, 'SetStockAside')
        await laboratory.complete(saga, 'stop-parcels-do-1-await', {
          type: 'InterceptFailed',
          shipments: [],
          message: 'delivered',
        })
      },
    )
    expect(result).toEqual({ outcome: 'compensated', code: 'intercept-failed', stage: 'confirming' })
    expect(backFrom(world)).toEqual(roadBack)
    expect(world.abandoned[0]).toMatchObject({
      outcome: 'compensated',
      code: 'intercept-failed',
      stage: 'confirming',
      message: 'delivered',
    })
  })

  test('the stock is missing', async () => {
    const { world, result } = await play({ SetStockAside: () => ({ type: 'ReservationNotFound', message: 'none' }) })
    expect(result).toMatchObject({ outcome: 'compensated', code: 'stock-missing', stage: 'confirming' })
    expect(backFrom(world)).toEqual(roadBack)
  })

  test('the refund is refused', async () => {
    const { world, result } = await play({
      RefundOrder: () => ({ type: 'RefundRefused', tenders: [tender('failed')], message: 'no' }),
    })
    expect(result).toMatchObject({ outcome: 'compensated', code: 'refund-refused', stage: 'refunding' })
    expect(backFrom(world)).toEqual(roadBack)
  })
})
