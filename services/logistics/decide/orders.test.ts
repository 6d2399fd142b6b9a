import { amendedOrder, placedOrder } from '@countermand/contracts'
import { exampleLine, exampleOrder, exampleShipment } from '@countermand/contracts/examples.ts'
import { expect, it } from 'vitest'
import type { LogisticsOrder } from '../state.ts'
import { orderAccepted, orderAmended } from './orders.ts'
import { shipmentUpdated } from './tracking.ts'

const at = { now: '2026-11-20T10:00:00.000Z', patienceOver: false }
const accepted = orderAccepted(undefined, placedOrder.parse(exampleOrder)).state
const cup = { ...exampleLine, lineId: '2', sku: 'SKU-CUP' }

const amended = (version: number, lines: readonly object[]) =>
  amendedOrder.parse({
    ...exampleOrder,
    ...{ version, changeId: `chg-${version}`, lines, shipments: [] },
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 568 + 2783 * lines.length, paymentRef: 'pay_ok_1' }],
  })

const after = (known: LogisticsOrder | undefined, order: ReturnType<typeof amended>): LogisticsOrder => {
  const decision = orderAmended(known, order, at)
  return decision === 'not-yet' || decision.state === undefined ? expect.fail('expected a change') : decision.state
}

it('wants nothing any more of a line that was removed, and leaves parcels as they are', () => {
  const state = after(accepted, amended(2, [cup]))
  expect(state.lines).toEqual([
    { lineId: '2', quantity: 2 },
    { lineId: '1', quantity: 0 },
  ])
  expect(state.shipments).toEqual(accepted?.shipments)
})

it('puts what is wanted now into a parcel of which nobody says what it holds', () => {
  const { lineIds: _, ...parcel } = exampleShipment
  const news = { ...parcel, shipmentId: 'shp-2', orderId: 'ord-1001', status: 'in-transit' as const, at: at.now }
  const decision = shipmentUpdated(after(accepted, amended(2, [cup])), news, at, 1_000)
  expect(decision).toMatchObject({ publish: [{ data: { lineIds: ['2'] } }] })
})

it('takes an older version, or the same again, for no news', () => {
  const state = after(accepted, amended(3, [cup]))
  for (const version of [2, 3]) expect(orderAmended(state, amended(version, [exampleLine, cup]), at)).toEqual({})
})

it('waits for the order before its versions, and then says so', () => {
  expect(orderAmended(undefined, amended(2, [cup]), at)).toBe('not-yet')
  const late = orderAmended(undefined, amended(2, [cup]), { ...at, patienceOver: true })
  expect(late).toMatchObject({ deadLetter: { reason: 'unknown-order' } })
})
