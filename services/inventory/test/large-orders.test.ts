import { acceptedOrder, most } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { followParcel, reserve } from '../decide/facts.ts'
import { returnStockToSale, setStockAside } from '../decide/hold.ts'
import { unitsOf } from '../decide/whereabouts.ts'
import { movementsOf } from '../store/store.ts'
import { command, exampleOrder, inTime, news, stateAfter } from './given.ts'

describe('what the stock of a large order costs', () => {
  it.each([
    [most.lines, most.shipments],
    [most.takenLines, 2],
  ])('with %i lines in %i parcels is in proportion to what it holds', (count, parcels) => {
    const order = acceptedOrder.parse({
      ...exampleOrder(),
      lines: Array.from({ length: count }, (_, line) => ({
        ...{ lineId: `gid://shopify/LineItem/${line}`, sku: `SKU-${line % 50}`, quantity: 2, unitAmount: 0 },
      })),
      shipments: Array.from({ length: parcels }, (_, parcel) => ({
        ...{ shipmentId: `shp-${parcel}`, carrier: 'sandbox', trackingNumber: 'OK-1', status: 'label-created' },
      })),
    })
    const fresh = stateAfter(reserve(undefined, order))
    expect(movementsOf({ orderId: 'ord-1', before: undefined, after: fresh }).length).toBe(count)
    const lines = fresh.lines.map((line) => ({ ...line, quantity: 1 }))
    const held = stateAfter(setStockAside(fresh, { ...command('req-1'), lines }, inTime), fresh)
    const over = stateAfter(returnStockToSale(held, command('req-1'), inTime), held)
    const lineIds = lines.map(({ lineId }) => lineId)
    const gone = stateAfter(
      followParcel(over, { ...news('in-transit', 1, lineIds), shipmentId: 'shp-0' }, inTime),
      over,
    )
    const places = gone.lines.map((line) => unitsOf(gone, line))
    expect(places.every((units) => units['on-sale'] === 1 && units.shipped === 1)).toBe(true)
    expect(movementsOf({ orderId: 'ord-1', before: over, after: gone }).length).toBe(count)
    // Where each line looks through all lines, or all parcels through all of each, it takes minutes: then the runner's limit is passed.
  })
})
