import { shipmentStatus } from '@countermand/contracts'
import { expect, test } from 'vitest'
import { exampleOrder, inTime, news, patienceOver, reservationAfter, stateAfter, units } from '../test/samples.ts'
import { followParcel, reserve } from './facts.ts'

test('reserves every line of an accepted order', () => {
  const state = reservationAfter()
  expect(units(state, '1')).toEqual({ reserved: 2 })
  expect(units(state, '2')).toEqual({ reserved: 3 })
})

test('counts the lines of a parcel that had left when the order was placed as shipped', () => {
  const shipment = { shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'in-transit' as const }
  const state = stateAfter(reserve(undefined, exampleOrder({ shipments: [{ ...shipment, lineIds: ['2'] }] })))
  expect(units(state, '1')).toEqual({ reserved: 2 })
  expect(units(state, '2')).toEqual({ shipped: 3 })
  const whole = stateAfter(reserve(undefined, exampleOrder({ shipments: [shipment] })))
  expect(units(whole, '1')).toEqual({ shipped: 2 })
})

test('reserves nothing twice when the same order comes again', () => {
  expect(reserve(reservationAfter(news('delivered', 1)), exampleOrder())).toEqual({})
})

test.each([
  ['label-created', 'reserved'],
  ['handed-over', 'shipped'],
  ['in-transit', 'shipped'],
  ['out-for-delivery', 'shipped'],
  ['delivered', 'shipped'],
  ['returning', 'shipped'],
  ['returned', 'on-sale'],
  ['lost', 'written-off'],
] as const)('counts the units of a parcel that is %s as %s', (status, place) => {
  expect(units(reservationAfter(news(status, 1)), '1')).toEqual({ [place]: 2 })
})

test('knows a place for every status of a shipment', () => {
  for (const status of shipmentStatus.options) expect(units(reservationAfter(news(status, 1)), '2')).not.toEqual({})
})

test('moves only the lines that a parcel holds', () => {
  const state = reservationAfter(news('handed-over', 1, ['1']))
  expect(units(state, '1')).toEqual({ shipped: 2 })
  expect(units(state, '2')).toEqual({ reserved: 3 })
})

test('ignores news that is older than what is known, whatever its offset from UTC', () => {
  const state = reservationAfter(news('delivered', 30))
  expect(followParcel(state, { ...news('in-transit', 0), at: '2026-11-20T11:29:00+01:00' }, inTime)).toEqual({})
  const later = followParcel(state, { ...news('returned', 0), at: '2026-11-20T09:31:00-01:00' }, inTime)
  expect(units(stateAfter(later), '1')).toEqual({ 'on-sale': 2 })
})

test('believes the later of two words of the same moment', () => {
  expect(units(reservationAfter(news('in-transit', 1), news('delivered', 1), news('returned', 1)), '1')).toEqual({
    'on-sale': 2,
  })
})

test('is not held up by a word from the future, new or kept', () => {
  const future = { ...news('in-transit', 0), at: '2062-01-01T00:00:00Z' }
  const state = reservationAfter(future)
  expect(state.parcels[0]?.at).toBe(inTime.now)
  const kept = { ...state, parcels: state.parcels.map((parcel) => ({ ...parcel, at: future.at })) }
  expect(units(stateAfter(followParcel(kept, news('returned', 30), inTime)), '1')).toEqual({ 'on-sale': 2 })
})

test('believes the first news of a parcel over what the order was placed with, also when it is from before that', () => {
  const shipments = [
    { shipmentId: 'shp-1-2', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' as const },
  ]
  const placed = stateAfter(reserve(undefined, exampleOrder({ shipments })))
  const early = { ...news('handed-over', 0), at: '2026-11-01T00:00:00Z' }
  expect(units(stateAfter(followParcel(placed, early, inTime)), '1')).toEqual({ shipped: 2 })
})

test('reserves again what came back and got a new label', () => {
  expect(units(reservationAfter(news('returned', 1), news('label-created', 2)), '1')).toEqual({ reserved: 2 })
})

test('counts a line of several parcels as shipped while any of them is out, then as the newest says', () => {
  const first = { ...news('handed-over', 1), shipmentId: 'shp-a' }
  const second = { ...news('label-created', 2), shipmentId: 'shp-b' }
  expect(units(reservationAfter(first, second), '1')).toEqual({ shipped: 2 })
  const lost = { ...first, status: 'lost' as const }
  expect(units(reservationAfter(lost, second), '1')).toEqual({ reserved: 2 })
  expect(units(reservationAfter(second, { ...lost, at: '2026-11-20T10:03:00Z' }), '1')).toEqual({ 'written-off': 2 })
})

test('waits for the order of a parcel, and makes its news a dead letter when the order never comes', () => {
  expect(followParcel(undefined, news('delivered', 1), inTime)).toBe('not-yet')
  expect(followParcel(undefined, news('delivered', 1), patienceOver)).toEqual({
    deadLetter: { reason: 'unknown-order', error: expect.stringContaining('shp-1-2') },
  })
})
