import type { ShipmentStatus } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { followParcel, place } from './facts.ts'
import { statusOf } from './order.ts'
import { moment, samplePlaced } from './samples.ts'
import type { OrderState } from './state.ts'

const seen = (status: ShipmentStatus, at: string, shipmentId = 'shp-1') => ({
  shipmentId,
  orderId: 'ord-1',
  carrier: 'sandbox',
  trackingNumber: 'OK-1',
  status,
  at,
  lineIds: ['1', '2'],
})

const followed = (state: OrderState | undefined, event: ReturnType<typeof seen>): OrderState | undefined => {
  const decision = followParcel(state, event, moment())
  return decision === 'not-yet' ? undefined : (decision.state ?? state)
}

describe('an order that is placed', () => {
  it('is passed on, checked, with the same data', () => {
    const { state, publish } = place(undefined, samplePlaced())
    expect(publish).toEqual([{ type: 'order.accepted.v1', data: samplePlaced(), id: [] }])
    expect(state?.order && statusOf(state.order)).toBe('paid')
  })

  it('has what its first parcels say; one without lines carries them all', () => {
    const shipments = [{ shipmentId: 's', carrier: 'c', trackingNumber: 'OK', status: 'delivered' as const }]
    const { state } = place(undefined, samplePlaced({ shipments }))
    expect(state?.order && statusOf(state.order)).toBe('delivered')
    expect(state?.order?.parcels[0]?.lineIds).toEqual(['1', '2'])
  })

  it('changes nothing when it is placed again, and is a dead letter with other content', () => {
    const { state } = place(undefined, samplePlaced())
    const sameInAnotherOrder = Object.fromEntries(Object.entries(samplePlaced()).toReversed())
    expect(place(state, { ...samplePlaced(), ...sameInAnotherOrder })).toEqual({})
    expect(place(state, samplePlaced({ customerId: 'cus-8' }))).toEqual({
      deadLetter: { reason: 'order-changed', error: expect.stringContaining('ord-1') },
    })
  })
})

describe('a parcel', () => {
  it('moves the order’s status, and never back in time', () => {
    const { state } = place(undefined, samplePlaced())
    const shipped = followed(state, seen('in-transit', '2026-11-20T12:00:00Z'))
    expect(shipped?.order && statusOf(shipped.order)).toBe('shipped')
    const late = followParcel(shipped, seen('label-created', '2026-11-20T12:30:00+01:00'), moment())
    expect(late).toEqual({})
    const delivered = followed(shipped, seen('delivered', '2026-11-20T13:00:00Z'))
    expect(delivered?.order && statusOf(delivered.order)).toBe('delivered')
    const back = followed(delivered, seen('returned', '2026-11-21T13:00:00Z'))
    expect(back?.order && statusOf(back.order)).toBe('delivered')
  })

  it('may join later, and then the order is not delivered yet', () => {
    const { state } = place(undefined, samplePlaced())
    const delivered = followed(state, seen('delivered', '2026-11-20T12:00:00Z'))
    const two = followed(delivered, seen('label-created', '2026-11-20T11:00:00Z', 'shp-2'))
    expect(two?.order?.parcels).toHaveLength(2)
    expect(two?.order && statusOf(two.order)).toBe('shipped')
  })

  it('waits for its order, and is a dead letter when none comes', () => {
    const event = seen('in-transit', '2026-11-20T12:00:00Z')
    expect(followParcel(undefined, event, moment())).toBe('not-yet')
    expect(followParcel(undefined, event, moment(undefined, true))).toEqual({
      deadLetter: { reason: 'unknown-order', error: expect.stringContaining('ord-1') },
    })
  })
})
