import { most } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { begin } from '../decide/begin.ts'
import { place } from '../decide/facts.ts'
import { moment, samplePlaced, samplePolicies, sampleRequest } from '../test/given.ts'
import { type LoadedOrder, orderOf, orderRow, requestOf, requestRow } from './rows.ts'

const asLoaded = <Row>(row: Row): Row => JSON.parse(JSON.stringify(row))

const orderLoaded = (changes: Partial<LoadedOrder> = {}): LoadedOrder => {
  const { order } = place(undefined, samplePlaced()).state ?? {}
  if (order === undefined) throw new Error('expected an order')
  const { order_id, placed, parcels } = asLoaded(orderRow('ord-1', order))
  return { order_id, placed, parcels, held_by: null, edits: null, cancelled: null, refunded: null, ...changes }
}

const requestLoaded = () => {
  const { state } = place(undefined, samplePlaced())
  const decision = begin(samplePolicies(), state, { ...sampleRequest(), round: 1 }, moment())
  const request = decision === 'not-yet' ? undefined : decision.state?.requests.get('req-1')
  if (request === undefined) throw new Error('expected a request')
  const row = asLoaded(requestRow(request))
  return { ...row, begun: row.begun ?? null, ending: row.ending ?? null, records: null }
}

describe('a row that another release wrote', () => {
  it('keeps what this one does not know, wherever it stands: it is written back', () => {
    const known = samplePlaced()
    const [mugs, cups] = known.lines
    const placed = { ...known, giftWrap: true, lines: [{ ...mugs, engraving: 'Ana' }, cups] }
    const read = orderOf(orderLoaded({ placed }))
    expect(orderRow('ord-1', read).placed).toEqual(placed)
    const later = { ...requestLoaded(), begun: { ...(requestLoaded().begun ?? {}), loyalty: { points: 7 } } }
    expect(requestRow(requestOf(later)).begun).toMatchObject({ loyalty: { points: 7 } })
  })

  it('may lack what has a default since', () => {
    const { shippingTaxAmount: _, ...placed } = samplePlaced()
    expect(orderOf(orderLoaded({ placed })).placed.shippingTaxAmount).toBe(0)
  })

  it('is not held to the sums and limits of intake', () => {
    const known = samplePlaced()
    const placed = { ...known, customerId: 'cus\t7', shippingAmount: known.shippingAmount + 1 }
    expect(orderOf(orderLoaded({ placed })).placed.shippingAmount).toBe(known.shippingAmount + 1)
  })
})

describe('a row of an order from before there were limits', () => {
  it('is read with all its lines, in parcels that hold them all and say how many, and with all that people decided', () => {
    const [line] = samplePlaced().lines
    const ids = Array.from({ length: most.takenLines }, (_, place) => `line-${place}`)
    const placed = { ...samplePlaced(), lines: ids.map((lineId) => ({ ...line, lineId })) }
    const units = ids.map((lineId) => ({ lineId, quantity: 1 }))
    const parcel = { shipmentId: 'shp-1', status: 'in-transit', delivered: false, lineIds: ids }
    const read = orderOf(orderLoaded({ placed, parcels: [parcel, { ...parcel, shipmentId: 'shp-2', lines: units }] }))
    expect(read.placed.lines.length).toBe(ids.length)
    expect(read.parcels.map(({ lineIds, lines }) => [lineIds.length, lines?.length])).toEqual([
      [ids.length, undefined],
      [ids.length, ids.length],
    ])
    const at = '2026-11-20T10:00:00.000Z'
    const said = { what: 'input-rejected', input: 'decide', code: 'too-late', at }
    const records = Array.from({ length: most.entries + 1 }, (_, place) => ({ key: `${place}`, record: said, at }))
    expect(requestOf({ ...requestLoaded(), records }).records.length).toBe(records.length)
  })
})

describe('a row that cannot be read', () => {
  it('says of which order it is, and which field', () => {
    const [mugs, ...others] = samplePlaced().lines
    const placed = { ...samplePlaced(), lines: [{ ...mugs, quantity: 'three' }, ...others] }
    expect(() => orderOf(orderLoaded({ placed }))).toThrow(/the placed of order ord-1 .*lines.*quantity.*three/)
    expect(() => orderOf(orderLoaded({ parcels: [{ shipmentId: 'shp-1', status: 'in-orbit' }] }))).toThrow(
      /the parcels of order ord-1 .*status/,
    )
  })

  it('says of which request it is, and which field', () => {
    const row = { ...requestLoaded(), begun: { amount: 1 } }
    expect(() => requestOf(row)).toThrow(/the begun of request req-1, order ord-1, .*currency/)
    expect(() => requestOf({ ...row, begun: null })).toThrow(/expected what a holding request has/)
  })
})
