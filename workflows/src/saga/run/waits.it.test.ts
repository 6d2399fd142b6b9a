import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTimeMachine, requested, type TimeMachine } from '../../../testing/laboratory.ts'
import { afterIn, backFrom, day, hour, playIn, waitsFor } from '../../../testing/play.ts'
import { roadBack, tender, type World } from '../../../testing/world.ts'
import { decidedSignal, statusQuery, withdrawnSignal } from '../../protocol/inputs.ts'

/** What asks again each hour, or waits for a day that no setting makes shorter, on the time-skipping server. */

let laboratory: TimeMachine
beforeEach(async () => {
  laboratory = await openTimeMachine()
})
afterEach(() => laboratory.close())
const play = playIn(() => laboratory)
const after = afterIn(() => laboratory)
const rejections = (world: World) =>
  world.records.flatMap(({ record }) => (record.what === 'input-rejected' ? [`${record.input}: ${record.code}`] : []))

// One run in twenty, that server's clock keeps a lock that nobody holds and stands still (Java, 1.31): then a fresh server is
// asked. Only such a hang is ended by the deadline of its calls; an assertion that does not hold fails every time.
describe('a saga that waits', { retry: 3, timeout: 90_000 }, () => {
  test('a refund that is pending for 20 days is waited for, and asked for again meanwhile', async () => {
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
        await waitsFor(saga, 'the refund of 33.51 EUR')
        expect(await saga.query(statusQuery)).toMatchObject({ stage: 'refunding', refunds: [{ state: 'pending' }] })
        await laboratory.passToTheEnd(saga, '1 days')
      },
    )
    expect(result.outcome).toBe('cancelled')
    expect(asked).toBeGreaterThanOrEqual(20)
    expect(world.records).toEqual([])
  })

  test('a carrier that refuses after hours turns the saga back', async () => {
    const refused = after(3 * hour)
    const { world, result } = await play(
      {
        StopShipment: ({ final }) =>
          final
            ? refused({ type: 'InterceptFailed' as const, shipments: [], message: 'delivered' })
            : { type: 'StepPending' },
      },
      async (saga) => {
        await waitsFor(saga, 'Stop the parcels')
        await laboratory.passToTheEnd(saga, '1 hours')
      },
    )
    expect(result).toMatchObject({ outcome: 'compensated', code: 'intercept-failed' })
    expect(backFrom(world)).toEqual(roadBack)
  })

  test('input whose request never comes is answered after a day, and nothing is asked of any service', async () => {
    const { world, result } = await play(
      {},
      async (saga) => {
        await saga.signal(decidedSignal, {
          inputId: 'event-1',
          decision: 'approve',
          by: 'mer-3',
          at: '2026-11-20T10:00:00Z',
        })
        await saga.signal(withdrawnSignal, { inputId: 'event-2', by: 'cus-7' })
        await waitsFor(saga, 'the request')
        await laboratory.pass('25 hours')
      },
      { orderId: requested.orderId, requestId: requested.requestId },
    )
    expect(result).toEqual({ stage: 'requested', rejected: 'unknown-request' })
    expect(rejections(world).toSorted()).toEqual(['decide: unknown-request', 'withdraw: unknown-request'])
    expect(world.asked).toEqual([])
  })
})
