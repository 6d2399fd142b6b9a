import { describe, expect, it } from 'vitest'
import { cancelRequested } from './cancel-requests.ts'
import { exampleLine, exampleOrder, exampleRequest, exampleShipment } from './examples.ts'
import { check } from './explain.ts'
import { withoutNulls } from './not-set.ts'
import { placedOrder } from './order-events.ts'

const read = (schema: Parameters<typeof check>[0], data: unknown) => {
  const checked = check(schema, data)
  return checked.ok ? checked.data : checked.problems
}

describe('null', () => {
  it('says that a field is absent where it may be, however deep', () => {
    const { discountAmount: _, taxAmount: __, ...bare } = exampleLine
    const { lineIds: ___, ...whole } = exampleShipment
    const order = {
      ...exampleOrder,
      lines: [{ ...bare, discountAmount: null, includedTaxAmount: null, taxAmount: 483 }],
    }
    const tenders = [{ ...exampleOrder.tenders[0], amount: 3551 }]
    const nulls = { ...order, tenders, shipments: [{ ...exampleShipment, lineIds: null }] }
    const absent = { ...exampleOrder, lines: [{ ...bare, taxAmount: 483 }], tenders, shipments: [whole] }
    expect(read(placedOrder, nulls)).toEqual(read(placedOrder, absent))
    expect(read(placedOrder, { ...absent, shipments: null })).toEqual(read(placedOrder, { ...absent, shipments: [] }))
    const { lines: _lines, ...request } = exampleRequest
    const asked = { ...request, reason: { code: 'other' }, initiator: { kind: 'customer' } }
    const alike = { ...asked, lines: null, retryOf: null, refundTo: null }
    expect(
      read(cancelRequested, {
        ...alike,
        reason: { code: 'other', note: null },
        initiator: { kind: 'customer', id: null },
      }),
    ).toEqual(read(cancelRequested, asked))
  })

  it('is refused where a field must be there, and as an entry of a list', () => {
    expect(read(placedOrder, { ...exampleOrder, merchantId: null })).toBe('merchantId: expected a text, got null')
    expect(read(placedOrder, { ...exampleOrder, lines: [null] })).toBe('lines.0: expected an object, got null')
  })

  it('costs nothing where there is none', () => {
    expect(withoutNulls(placedOrder, exampleOrder)).toBe(exampleOrder)
  })
})
