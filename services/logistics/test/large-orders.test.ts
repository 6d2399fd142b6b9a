import { acceptedOrder as accepted, most } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { orderAccepted } from '../decide/orders.ts'
import { decideStop } from '../decide/stop.ts'
import { shipmentUpdated } from '../decide/tracking.ts'
import { acceptedOrder } from './given.ts'

const at = { now: '2026-11-20T10:00:00Z', patienceOver: false }

describe('what the parcels of a large order cost', () => {
  it.each([
    [most.lines, most.shipments, false],
    [most.lines, most.shipments, true],
    [most.takenLines, 2, false],
  ])(
    'with %i lines in %i parcels is in proportion to what they hold, whether they say how much: %s',
    (count, parcels, says) => {
      const lines = Array.from({ length: count }, (_, line) => ({
        lineId: `gid://shopify/LineItem/${line}`,
        quantity: parcels,
      }))
      const order = accepted.parse({
        ...acceptedOrder([]),
        lines: lines.map((line) => ({ ...line, sku: 'SKU-1', unitAmount: 0 })),
        tenders: [],
        shipments: Array.from({ length: parcels }, (_, parcel) => ({
          ...{ shipmentId: `shp-${parcel}`, carrier: 'sandbox', trackingNumber: 'OK-1', status: 'in-transit' },
          ...(says && { lines: lines.map(({ lineId }) => ({ lineId, quantity: 1 })) }),
        })),
      })
      const known = orderAccepted(undefined, order).state
      const command = { orderId: 'ord-1', requestId: 'req-1', round: 1, whole: false }
      const asked = lines.map((line) => ({ ...line, quantity: says ? 100 : parcels, sku: 'SKU-1' }))
      const stopped = decideStop(known, { ...command, lines: asked }, at, 10_000)
      if (stopped === 'not-yet') throw new Error('expected a decision')
      expect(stopped.schedule).toHaveLength(says ? 100 : parcels)
      const news = { shipmentId: 'shp-0', orderId: 'ord-1', carrier: 'sandbox', trackingNumber: 'OK-1', at: at.now }
      shipmentUpdated(stopped.state, { ...news, status: 'delivered' }, at, 10_000)
      // Where each parcel looks through all of each other, it takes minutes: then the runner's limit is passed.
    },
  )
})
