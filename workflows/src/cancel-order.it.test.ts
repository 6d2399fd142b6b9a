import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, type Laboratory, openLaboratory, type SagaHandle } from '../testing/time-skipping.ts'
import {
  begun,
  createWorld,
  request,
  roadBack,
  type Services,
  stepFailed,
  tender,
  type World,
} from '../testing/world.ts'
import { decidedSignal, decideUpdate, resolveUpdate, statusQuery, withdrawnSignal, withdrawUpdate } from './inputs.ts'

let laboratory: Laboratory
beforeAll(async () => {
  laboratory = await openLaboratory()
}, 120_000)
afterAll(() => laboratory.close())

/** Plays one saga to its end. */
const play = async (
  services: Partial<Services>,
  script: (saga: SagaHandle, world: World) => Promise<unknown> = async () => {},
) => {
  const world = createWorld(services)
  const result = await laboratory.run(world, async (saga) => {
    await script(saga, world)
    return saga.result()
  })
  return { world, result }
}

const waitsFor = (saga: SagaHandle, what: string) =>
  eventually(async () => expect((await saga.query(statusQuery)).waitingFor).toContain(what))

const parked = (saga: SagaHandle, reason: string) =>
  eventually(async () => {
    const { attention } = await saga.query(statusQuery)
    expect(attention?.reason).toBe(reason)
    return attention
  })

const resolve = (saga: SagaHandle, decision: 'retry' | 'skip' | 'undo') =>
  saga.executeUpdate(resolveUpdate, { args: [{ decision, by: 'ops-1', reason: 'looked into it' }] })

const backFrom = (world: World) => world.asked.slice(world.asked.indexOf('ForbidRefund'))

/** Answers when the server's clock has moved on by this, and not before. */
const after = (milliseconds: number) => {
  let from: number | undefined
  return async <Given>(answer: Given): Promise<Given | 'later'> => {
    const now = await laboratory.now()
    from ??= now
    return now - from >= milliseconds ? answer : 'later'
  }
}
const hour = 3_600_000
const day = 24 * hour

const needsApproval = (onSilence: 'approve' | 'reject', decideBy: string): Partial<Services> => ({
  BeginCancellation: () => ({ ...begun, approval: { needed: true, decideBy, onSilence } }),
})
const inADay = async () => new Date((await laboratory.now()) + day).toISOString()

describe('the road forward', () => {
  test('is walked to the end when everybody says yes, with nothing to record', async () => {
    const { world, result } = await play({})
    expect(result).toEqual({ outcome: 'cancelled', stage: 'closed', refunds: [tender('succeeded')] })
    expect(world.asked[0]).toBe('BeginCancellation')
    expect(world.asked.slice(1, 3).toSorted()).toEqual(['SetStockAside', 'StopShipment'])
    expect(world.asked.slice(3)).toEqual(['RefundOrder', 'ReturnStockToSale', 'ConfirmCancellation'])
    expect(world.records).toEqual([])
  })

  test('ends with the lines cancelled when only lines were', async () => {
    const { result } = await play({
      ConfirmCancellation: () => ({ type: 'LinesCancelled', at: '2026-11-20T10:00:01Z' }),
    })
    expect(result.outcome).toBe('lines-cancelled')
  })

  test('waits 20 days for a refund that is pending, and asks again meanwhile', async () => {
    const settled = after(20 * day)
    let asked = 0
    const { world, result } = await play(
      {
        RefundOrder: ({ final }) => {
          asked++
          if (!final) return { type: 'StepPending', tenders: [tender('pending')] }
          return settled({ type: 'RefundSettled' as const, tenders: [tender('succeeded')] })
        },
      },
      async (saga) => {
        await waitsFor(saga, 'Refund 33.51 EUR')
        expect(await saga.query(statusQuery)).toMatchObject({ stage: 'refunding', refunds: [{ state: 'pending' }] })
        await eventually(() => expect(asked).toBe(2))
        await laboratory.pass('20 days')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(asked).toBe(3)
    expect(world.records).toEqual([])
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
  test('the carrier refuses after hours', async () => {
    const refused = after(3 * hour)
    const { world, result } = await play(
      {
        StopShipment: ({ final }) =>
          final
            ? refused({ type: 'InterceptFailed' as const, shipments: [], message: 'delivered' })
            : { type: 'StepPending' },
      },
      async (saga, world) => {
        await waitsFor(saga, 'Stop the parcels')
        await eventually(() => expect(world.asked).toContain('SetStockAside'))
        await laboratory.pass('4 hours')
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
