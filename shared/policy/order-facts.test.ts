import { describe, expect, it } from 'vitest'
import { facts } from './facts.ts'
import { factsOf, orderFacts, requestFacts } from './order-facts.ts'

const order = orderFacts.parse({
  ...{ orderId: 'ord-1', market: 'DE', placedAt: '2026-11-20T09:00:00Z' },
  lines: [
    { lineId: '1', sku: 'MUG' },
    { lineId: '2', kind: 'digital', acknowledgements: [{ kind: 'begin-agreed', at: '2026-11-20T09:00:00Z' }] },
    { lineId: '3', sku: 'RING', goodsKind: 'custom-made' },
  ],
  shipments: [{ shipmentId: 's1', status: 'label-created', lineIds: ['1'] }],
})
const request = requestFacts.parse({ requestedAt: '2026-12-01T10:00:00Z', initiator: { kind: 'customer' } })
const parcel = (status: string, at: string, more: object = {}) => ({
  type: 'shipment.changed.v1',
  data: { shipmentId: 's1', status, at, ...more },
})

describe('the facts of an order', () => {
  it('are read from what is known today; what it does not say stays unknown', () => {
    const known = facts.parse(factsOf(order, request))
    expect(known).toMatchObject({ jurisdiction: 'DE', initiator: 'customer', concludedAt: '2026-11-20T09:00:00Z' })
    expect(known.customerKind).toBeUndefined()
    expect(known.lines).toEqual([
      { lineId: '1', goodsKind: undefined, acknowledgements: undefined },
      { lineId: '2', goodsKind: 'digital-content', acknowledgements: ['begin-agreed'] },
      { lineId: '3', goodsKind: 'custom-made', acknowledgements: undefined },
    ])
    expect(known.declaration).toEqual({ sentAt: '2026-12-01T10:00:00Z', receivedAt: '2026-12-01T10:00:00Z' })
    expect(known.parcels).toEqual([{ state: 'not-sent', lineIds: ['1'] }])
  })

  it('are those of the lines that are asked for, of a declaration by its own times', () => {
    const partial = requestFacts.parse({
      ...{
        requestedAt: '2026-12-01T10:00:00Z',
        initiator: { kind: 'customer' },
        lines: [{ lineId: '3', quantity: 1 }],
      },
      declaration: { sentAt: '2026-11-30T22:58:00Z', receivedAt: '2026-11-30T23:07:00Z' },
    })
    const known = factsOf(order, partial)
    expect(known.lines.map(({ lineId }) => lineId)).toEqual(['3'])
    expect(known.declaration).toEqual({ sentAt: '2026-11-30T22:58:00Z', receivedAt: '2026-11-30T23:07:00Z' })
  })

  it('follow the parcels, up to when it is asked for', () => {
    const news = [
      parcel('in-transit', '2026-11-21T10:00:00Z'),
      parcel('delivered', '2026-11-22T10:00:00Z'),
      parcel('delivered', '2026-11-23T10:00:00Z', { unsealed: true }),
      parcel('returned', '2026-11-30T10:00:00Z'),
      { type: 'order.cancellation.started.v1', data: { anything: true } },
    ]
    const stateAt = (at: string) => factsOf(order, request, news, at).parcels[0]
    expect(stateAt('2026-11-21T12:00:00Z')).toEqual({ state: 'on-the-way', lineIds: ['1'] })
    expect(stateAt('2026-11-22T12:00:00Z')).toMatchObject({ state: 'delivered', deliveredAt: '2026-11-22T10:00:00Z' })
    expect(stateAt('2026-11-23T12:00:00Z')).toMatchObject({ state: 'unsealed', deliveredAt: '2026-11-22T10:00:00Z' })
    expect(stateAt('2026-12-01T12:00:00Z')).toMatchObject({ backAt: '2026-11-30T10:00:00Z' })
  })

  it('know of proofs, of goods that are back, and of money that could not go back', () => {
    const [known] = [
      factsOf(order, request, [
        parcel('delivered', '2026-11-22T10:00:00Z'),
        { type: 'ReturnProven', data: { at: '2026-11-25T10:00:00Z' } },
        { type: 'GoodsBack', data: { shipmentId: 's1', at: '2026-11-27T10:00:00Z' } },
        { type: 'refund.failed.v1', data: { at: '2026-11-28T10:00:00Z' } },
      ]),
    ]
    expect(known?.parcels[0]).toMatchObject({ provenAt: '2026-11-25T10:00:00Z', backAt: '2026-11-27T10:00:00Z' })
    expect(known?.refundImpossibleAt).toBe('2026-11-28T10:00:00Z')
  })

  it('of a parcel that came back before it arrived are those of one that was never sent', () => {
    const news = [parcel('in-transit', '2026-11-21T10:00:00Z'), parcel('returned', '2026-11-25T10:00:00Z')]
    expect(factsOf(order, request, news).parcels).toEqual([{ state: 'not-sent', lineIds: ['1'] }])
  })

  it('cannot be read from news without their time', () => {
    expect(() => factsOf(order, request, [{ type: 'GoodsBack', data: {} }])).toThrow()
  })
})
