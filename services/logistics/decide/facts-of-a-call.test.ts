import { expect, it } from 'vitest'
import type { LogisticsOrder } from '../state.ts'
import { acceptedOrder, parcel } from '../test/given.ts'
import { orderAccepted } from './orders.ts'
import { decideResume } from './resume.ts'
import { decideStop } from './stop.ts'
import { stopCallReturned } from './stop-results.ts'
import type { ParcelTask } from './tasks.ts'

const moment = { now: '2026-11-20T10:00:00.000Z', patienceOver: false }
const asked = { orderId: 'ord-1', requestId: 'req-1', round: 1 }

const stopped = (): { order: LogisticsOrder | undefined; task: ParcelTask } => {
  const placed = acceptedOrder([{ ...parcel('shp-1', '1Z-1', 'in-transit'), shipmentRef: 'ups-4711' }])
  const { state } = orderAccepted(undefined, placed)
  const stop = decideStop(state, { ...asked, whole: true, lines: [] }, moment, 1000)
  if (stop === 'not-yet') throw new Error('expected a decision')
  const [call] = stop.schedule ?? []
  return { order: stop.state, task: call?.payload as ParcelTask }
}

it('a carrier is told whose parcel it is, and its own id of the shipment', () => {
  expect(stopped().task).toMatchObject({ merchantId: 'mer-3', shipmentRef: 'ups-4711' })
})

it('the id that a carrier gave a stop is told when the stop is looked at, and when it is taken back', () => {
  const { order, task } = stopped()
  const accepted = { ok: true, value: { result: 'accepted', askAgainMs: 1000, carrierRef: 'int-1' } } as const
  const { state, schedule } = stopCallReturned(order, task, accepted, moment.now, { interceptPatienceMs: 60_000 })
  expect(schedule?.find(({ kind }) => kind === 'poll')?.payload).toMatchObject({ carrierRef: 'int-1' })
  const undone = decideResume(state, asked, moment)
  expect(undone.schedule).toMatchObject([{ kind: 'resume', payload: { carrierRef: 'int-1', shipmentRef: 'ups-4711' } }])
})
