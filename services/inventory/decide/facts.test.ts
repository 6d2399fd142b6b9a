import { shipmentStatus } from '@countermand/contracts'
import { expect, it } from 'vitest'
import {
  command,
  exampleOrder,
  inTime,
  news,
  patienceOver,
  reservationAfter,
  stateAfter,
  units,
} from '../test/given.ts'
import { followOrder, followParcel, reserve } from './facts.ts'
import { returnStockToSale, setStockAside } from './hold.ts'

it('reserves every line of an accepted order', () => {
  const state = reservationAfter()
  expect(units(state, '1')).toEqual({ reserved: 2 })
  expect(units(state, '2')).toEqual({ reserved: 3 })
})

it('reserves goods alone, also of an order that has none', () => {
  const [mugs] = exampleOrder().lines
  const song = {
    lineId: '3',
    kind: 'digital' as const,
    sku: 'SONG',
    quantity: 1,
    unitAmount: 0,
    discountAmount: 0,
    taxAmount: 0,
  }
  const lines = [{ ...song, lineId: '2', kind: 'fee' as const, sku: undefined }, song]
  const order = exampleOrder()
  expect(stateAfter(reserve(undefined, { ...order, lines: mugs ? [mugs, ...lines] : [] })).lines).toEqual([
    { lineId: '1', sku: 'MUG', quantity: 2 },
  ])
  const none = stateAfter(reserve(undefined, { ...order, lines }))
  expect(none.lines).toEqual([])
  const aside = setStockAside(none, { ...command('req-1'), lines: [] }, inTime)
  expect(aside).toMatchObject({ answer: { type: 'StockSetAside', lines: [] } })
  const held = stateAfter(aside, none)
  expect(returnStockToSale(held, command('req-1'), inTime)).toMatchObject({
    answer: { type: 'StockOnSale', lines: [] },
  })
})

it('counts the lines of a parcel that had left when the order was placed as shipped', () => {
  const shipment = { shipmentId: 'shp-1', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'in-transit' as const }
  const state = stateAfter(reserve(undefined, exampleOrder({ shipments: [{ ...shipment, lineIds: ['2'] }] })))
  expect(units(state, '1')).toEqual({ reserved: 2 })
  expect(units(state, '2')).toEqual({ shipped: 3 })
  const whole = stateAfter(reserve(undefined, exampleOrder({ shipments: [shipment] })))
  expect(units(whole, '1')).toEqual({ shipped: 2 })
})

it('reserves nothing twice when the same order comes again', () => {
  expect(reserve(reservationAfter(news('delivered', 1)), exampleOrder())).toEqual({})
})

it.each([
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

it('knows a place for every status of a shipment', () => {
  for (const status of shipmentStatus.options) expect(units(reservationAfter(news(status, 1)), '2')).not.toEqual({})
})

it('moves only the lines that a parcel holds', () => {
  const state = reservationAfter(news('handed-over', 1, ['1']))
  expect(units(state, '1')).toEqual({ shipped: 2 })
  expect(units(state, '2')).toEqual({ reserved: 3 })
})

it('ignores news that is older than what is known, whatever its offset from UTC', () => {
  const state = reservationAfter(news('delivered', 30))
  expect(followParcel(state, { ...news('in-transit', 0), at: '2026-11-20T11:29:00+01:00' }, inTime)).toEqual({})
  const later = followParcel(state, { ...news('returned', 0), at: '2026-11-20T09:31:00-01:00' }, inTime)
  expect(units(stateAfter(later), '1')).toEqual({ 'on-sale': 2 })
})

it('believes the later of two words of the same moment', () => {
  expect(units(reservationAfter(news('in-transit', 1), news('delivered', 1), news('returned', 1)), '1')).toEqual({
    'on-sale': 2,
  })
})

it('is not held up by a word from the future, new or kept', () => {
  const future = { ...news('in-transit', 0), at: '2062-01-01T00:00:00Z' }
  const state = reservationAfter(future)
  expect(state.parcels[0]?.at).toBe(inTime.now)
  const kept = { ...state, parcels: state.parcels.map((parcel) => ({ ...parcel, at: future.at })) }
  expect(units(stateAfter(followParcel(kept, news('returned', 30), inTime)), '1')).toEqual({ 'on-sale': 2 })
})

it('believes the first news of a parcel over what the order was placed with, also when it is from before that', () => {
  const shipments = [
    { shipmentId: 'shp-1-2', carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' as const },
  ]
  const placed = stateAfter(reserve(undefined, exampleOrder({ shipments })))
  const early = { ...news('handed-over', 0), at: '2026-11-01T00:00:00Z' }
  expect(units(stateAfter(followParcel(placed, early, inTime)), '1')).toEqual({ shipped: 2 })
})

it('reserves again what came back and got a new label', () => {
  expect(units(reservationAfter(news('returned', 1), news('label-created', 2)), '1')).toEqual({ reserved: 2 })
})

it('counts a line of several parcels as shipped while any of them is out, then as the newest says', () => {
  const first = { ...news('handed-over', 1), shipmentId: 'shp-a' }
  const second = { ...news('label-created', 2), shipmentId: 'shp-b' }
  expect(units(reservationAfter(first, second), '1')).toEqual({ shipped: 2 })
  const lost = { ...first, status: 'lost' as const }
  expect(units(reservationAfter(lost, second), '1')).toEqual({ reserved: 2 })
  expect(units(reservationAfter(second, { ...lost, at: '2026-11-20T10:03:00Z' }), '1')).toEqual({ 'written-off': 2 })
})

it('waits for the order of a parcel, and makes its news a dead letter when the order never comes', () => {
  expect(followParcel(undefined, news('delivered', 1), inTime)).toBe('not-yet')
  expect(followParcel(undefined, news('delivered', 1), patienceOver)).toEqual({
    deadLetter: { reason: 'unknown-order', error: expect.stringContaining('shp-1-2') },
  })
})

const amended = (version: number, quantities: Readonly<Record<string, number>>) => ({
  ...exampleOrder(),
  lines: Object.entries(quantities).map(([lineId, quantity]) => ({
    ...{ lineId, quantity, sku: `SKU-${lineId}`, unitAmount: 0, discountAmount: 0, taxAmount: 0 },
  })),
  ...{ version, changeId: `chg-${version}` },
})

it('follows an order that is edited: what is more is reserved, what is less is on sale again', () => {
  const state = stateAfter(followOrder(reservationAfter(), amended(2, { 1: 3, 3: 4 }), inTime))
  expect(units(state, '1')).toEqual({ reserved: 3 })
  expect(units(state, '2')).toEqual({ 'on-sale': 3 })
  expect(units(state, '3')).toEqual({ reserved: 4 })
  const back = stateAfter(followOrder(state, amended(3, { 1: 1, 2: 2, 3: 4 }), inTime))
  expect(units(back, '1')).toEqual({ reserved: 1, 'on-sale': 2 })
  expect(units(back, '2')).toEqual({ reserved: 2, 'on-sale': 3 })
})

it('takes an older version, or the same again, for no news', () => {
  const state = stateAfter(followOrder(reservationAfter(), amended(3, { 1: 1 }), inTime))
  for (const version of [2, 3]) expect(followOrder(state, amended(version, { 1: 5 }), inTime)).toEqual({})
})

it('awaits the parcel of what was taken out of an order after it had left', () => {
  const state = stateAfter(followOrder(reservationAfter(news('in-transit', 1)), amended(2, { 1: 2 }), inTime))
  expect(units(state, '2')).toEqual({ aside: 3 })
  const home = stateAfter(followParcel(state, news('returned', 2), inTime), state)
  expect(units(home, '2')).toEqual({ 'on-sale': 3 })
})

it('takes no unit out of an order that a cancellation took out already', () => {
  const lines = [{ lineId: '1', sku: 'MUG', quantity: 1 }]
  const ids = { orderId: 'ord-1', requestId: 'req-1', round: 1 }
  const held = stateAfter(setStockAside(reservationAfter(), { ...ids, lines }, inTime))
  const closed = stateAfter(returnStockToSale(held, ids, inTime))
  const state = stateAfter(followOrder(closed, amended(2, { 1: 1, 2: 3 }), inTime))
  expect(units(state, '1')).toEqual({ 'on-sale': 2 })
})

it('waits for the order before its versions, and then says so', () => {
  expect(followOrder(undefined, amended(2, { 1: 1 }), inTime)).toBe('not-yet')
  expect(followOrder(undefined, amended(2, { 1: 1 }), patienceOver)).toMatchObject({
    deadLetter: { reason: 'unknown-order' },
  })
})
