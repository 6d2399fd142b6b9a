import type { ShipmentStatus } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { samplePlaced } from '../test/given.ts'
import { held, type Order, released, statusOf, statusWithoutHold } from './order.ts'

const order = (statuses: readonly ShipmentStatus[], changes: Partial<Order> = {}): Order => ({
  placed: samplePlaced(),
  cancelled: new Map(),
  refunded: new Map(),
  parcels: statuses.map((status, n) => ({
    shipmentId: `shp-${n}`,
    status,
    delivered: status === 'delivered',
    lineIds: ['1'],
  })),
  ...changes,
})

describe('the status of an order', () => {
  it.each<[string, readonly ShipmentStatus[]]>([
    ['paid', []],
    ['paid', ['label-created', 'label-created']],
    ['shipped', ['label-created', 'handed-over']],
    ['shipped', ['delivered', 'in-transit']],
    ['shipped', ['lost']],
    ['delivered', ['delivered', 'delivered']],
  ])('is %s when its parcels are %j', (expected, statuses) => {
    expect(statusOf(order(statuses))).toBe(expected)
  })

  it('is placed while nothing but cash on delivery is to be paid', () => {
    const tenders = [{ tenderId: 't1', channel: 'cash-on-delivery' as const, amount: 5919, paymentRef: 'cod' }]
    expect(statusOf(order([], { placed: samplePlaced({ tenders }) }))).toBe('placed')
  })

  it('is partially cancelled while something is left, and cancelled when nothing is', () => {
    expect(statusOf(order(['delivered'], { cancelled: new Map([['1', 3]]) }))).toBe('partially-cancelled')
    expect(
      statusOf(
        order(['delivered'], {
          cancelled: new Map([
            ['1', 3],
            ['2', 2],
          ]),
        }),
      ),
    ).toBe('cancelled')
  })

  it('is on hold while a request holds the order, and what it was when that ends', () => {
    const holding = held(order(['in-transit']), 'req-1')
    expect(statusOf(holding)).toBe('on-hold')
    expect(statusWithoutHold(holding)).toBe('shipped')
    expect(statusOf(released(holding))).toBe('shipped')
  })

  it('stays delivered when a delivered parcel is sent back', () => {
    const [parcel] = order(['delivered']).parcels
    const back = order([], { parcels: parcel === undefined ? [] : [{ ...parcel, status: 'returned' }] })
    expect(statusOf(back)).toBe('delivered')
  })
})
