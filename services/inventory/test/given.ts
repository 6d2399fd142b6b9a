import { type PlacedOrder, placedOrder, type ShipmentChanged, type ShipmentStatus } from '@countermand/contracts'
import type { Decision, NotYet } from '@countermand/service/decision.ts'
import { followParcel, reserve } from '../decide/facts.ts'
import { unitsOf } from '../decide/whereabouts.ts'
import type { Reservation, Units } from '../state.ts'

/** An order of two mugs (line 1) and three pens (line 2), for tests. */

export const inTime = { now: '2026-11-20T11:00:00Z', patienceOver: false }
export const patienceOver = { ...inTime, patienceOver: true }

export const exampleOrder = (overrides: Partial<PlacedOrder> = {}): PlacedOrder =>
  placedOrder.parse({
    orderId: 'ord-1',
    customerId: 'cus-1',
    merchantId: 'mer-1',
    market: 'DE',
    currency: 'EUR',
    placedAt: '2026-11-20T09:00:00Z',
    lines: [
      { lineId: '1', sku: 'MUG', quantity: 2, unitAmount: 0 },
      { lineId: '2', sku: 'PEN', quantity: 3, unitAmount: 0 },
    ],
    tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 0, paymentRef: 'pay_ok_1' }],
    ...overrides,
  })

/** News of a parcel; `minute` of the hour in which it all happens. */
export const news = (status: ShipmentStatus, minute: number, lineIds = ['1', '2']): ShipmentChanged => ({
  shipmentId: `shp-${lineIds.join('-')}`,
  orderId: 'ord-1',
  carrier: 'sandbox',
  trackingNumber: 'OK-1',
  status,
  at: `2026-11-20T10:${String(minute).padStart(2, '0')}:00Z`,
  lineIds,
})

export const command = (requestId: string) => ({ orderId: 'ord-1', requestId, round: 1 })

export const stateAfter = (decision: Decision<Reservation> | NotYet, before?: Reservation): Reservation => {
  const state = decision === 'not-yet' ? undefined : (decision.state ?? before)
  if (state === undefined) throw new Error('expected a reservation')
  return state
}

/** The example order after news of its parcels. */
export const reservationAfter = (...events: readonly ShipmentChanged[]): Reservation =>
  events.reduce(
    (state, event) => stateAfter(followParcel(state, event, inTime), state),
    stateAfter(reserve(undefined, exampleOrder())),
  )

/** The places of a line that have units, e.g. `{ reserved: 1, aside: 1 }`. */
export const units = (state: Reservation, lineId: string): Partial<Units> => {
  const line = state.lines.find((each) => each.lineId === lineId)
  if (line === undefined) throw new Error(`expected line ${lineId}`)
  return Object.fromEntries(Object.entries(unitsOf(state, line)).filter(([, quantity]) => quantity !== 0))
}
