import { type ShipmentStatus, shipmentStatus } from '@countermand/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { OrderState } from '../state.ts'
import { moment, samplePlaced } from '../test/given.ts'
import { followParcel, place } from './facts.ts'
import { statusOf } from './order.ts'

const seen = (status: ShipmentStatus, at: string, shipmentId = 'shp-1') => ({
  shipmentId,
  orderId: 'ord-1',
  carrier: 'sandbox',
  trackingNumber: 'OK-1',
  status,
  at,
  lineIds: ['1', '2'],
})

const shuffled = <Value>(all: Value[]) => fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })

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

  it('has no parcel for what is not goods', () => {
    const shipments = [{ shipmentId: 's', carrier: 'c', trackingNumber: 'OK', status: 'delivered' as const }]
    const [mugs] = samplePlaced().lines
    const lines = [
      { ...mugs, lineId: '1', quantity: 3, unitAmount: 1000 },
      { lineId: '2', kind: 'service' as const, quantity: 2, unitAmount: 1000 },
    ]
    const placed = samplePlaced({ shipments, lines })
    const { state } = place(undefined, placed)
    expect(state?.order?.parcels[0]?.lineIds).toEqual(['1'])
    const said = placed.lines.map((line) => ({ ...line, kind: line.kind ?? ('goods' as const) }))
    expect(place(state, { ...placed, lines: said })).toEqual({})
  })

  it('changes nothing when it is placed again in another spelling: the moment, the sequence of lists, what is said by default', () => {
    const { state } = place(undefined, samplePlaced({ placedAt: '2026-11-20T09:00:00Z' }))
    const { lines, shipments } = samplePlaced()
    for (const placedAt of ['2026-11-20T09:00:00.000Z', '2026-11-20T10:00:00+01:00', '2026-11-20T09:00:00.0000000Z']) {
      const otherwise = shipments.map((each) => ({ ...each, lineIds: ['2', '1'] }))
      expect(place(state, samplePlaced({ placedAt, lines: lines.toReversed(), shipments: otherwise }))).toEqual({})
    }
    for (const placedAt of ['2026-11-20T09:00:00.001Z', '2026-11-20T09:00:00.000000001Z', '2026-11-20T09:00:01Z'])
      expect(place(state, samplePlaced({ placedAt })).deadLetter?.reason, placedAt).toBe('order-changed')
    expect(place(state, samplePlaced({ roundingAmount: 0 }))).toEqual({})
    const [first] = shipments
    const units = ['2', '1'].map((lineId) => ({ lineId, quantity: 1 }))
    const counted = (lines: typeof units) => samplePlaced({ shipments: first ? [{ ...first, lines }] : [] })
    expect(place(state, counted(units)).deadLetter?.reason).toBe('order-changed')
    expect(place(place(undefined, counted(units)).state, counted(units.toReversed()))).toEqual({})
    const half = shipments.map((each) => ({ ...each, lineIds: ['1'] }))
    expect(place(state, samplePlaced({ shipments: half })).deadLetter?.reason).toBe('order-changed')
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

  it('has the same end in whichever order words arrive, however often, and whatever their clocks say', () => {
    const { state: placed } = place(undefined, samplePlaced())
    const word = fc.tuple(
      fc.constantFrom(...shipmentStatus.options),
      fc.integer({ min: 0, max: 64 }).map((minute) => new Date(Date.parse('2026-11-20T09:00:00Z') + minute * 60_000)),
      fc.constantFrom('shp-1', 'shp-2'),
    )
    const arrivals = fc
      .array(word, { minLength: 1, maxLength: 8 })
      .chain((words) => fc.tuple(fc.constant(words), shuffled([...words, ...words])))
    const ends = (words: readonly (readonly [ShipmentStatus, Date, string])[]) => {
      const state = words.reduce<OrderState | undefined>(
        (known, [status, at, id]) => followed(known, seen(status, at.toISOString(), id)),
        placed,
      )
      const parcels = (state?.order?.parcels ?? []).toSorted((a, b) => a.shipmentId.localeCompare(b.shipmentId))
      return { status: state?.order && statusOf(state.order), parcels }
    }
    fc.assert(
      fc.property(arrivals, ([words, mixed]) => {
        expect(ends(mixed)).toEqual(ends(words.toSorted(([, one], [, other]) => one.getTime() - other.getTime())))
      }),
    )
  })

  it('is not held up by a word from the future, new or kept', () => {
    const { state } = place(undefined, samplePlaced())
    const future = followed(state, seen('in-transit', '2062-01-01T00:00:00Z'))
    expect(future?.order?.parcels[0]?.at).toBe(moment().now)
    const delivered = followed(future, seen('delivered', '2026-11-20T10:00:02Z'))
    expect(delivered?.order && statusOf(delivered.order)).toBe('delivered')

    const parcels = samplePlaced().shipments.map((each) => ({ ...each, delivered: false, lineIds: ['1', '2'] }))
    const kept = parcels.map((each) => ({ ...each, status: 'in-transit' as const, at: '2062-01-01T00:00:00Z' }))
    const poisoned = state?.order && { ...state, order: { ...state.order, parcels: kept } }
    const healed = followed(poisoned, seen('delivered', '2026-11-20T09:30:00Z'))
    expect(healed?.order && statusOf(healed.order)).toBe('delivered')
  })

  it('that was delivered once stays so, also when that is heard of last', () => {
    const { state } = place(undefined, samplePlaced())
    const returned = followed(state, seen('returned', '2026-11-20T09:40:00Z'))
    const late = followed(returned, seen('delivered', '2026-11-20T09:30:00Z'))
    expect(late?.order?.parcels).toMatchObject([{ status: 'returned', delivered: true }])
    expect(late?.order && statusOf(late.order)).toBe('delivered')
  })

  it('waits for its order, and is a dead letter when none comes', () => {
    const event = seen('in-transit', '2026-11-20T12:00:00Z')
    expect(followParcel(undefined, event, moment())).toBe('not-yet')
    expect(followParcel(undefined, event, moment(undefined, true))).toEqual({
      deadLetter: { reason: 'unknown-order', error: expect.stringContaining('ord-1') },
    })
  })
})
