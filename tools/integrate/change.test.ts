import { placedOrder } from '@countermand/contracts'
import { exampleLine, exampleOrder } from '@countermand/contracts/examples.ts'
import { expect, it } from 'vitest'
import { changeBetween } from './change.ts'

const of = { changeId: 'chg-1', at: '2026-11-20T10:00:00Z' }
const before = placedOrder.parse(exampleOrder)
const [tender] = exampleOrder.tenders
const cup = { lineId: '2', sku: 'SKU-CUP', quantity: 1, unitAmount: 900 }

it('says what was added, changed and removed, and leaves out what stays', () => {
  const after = placedOrder.parse({
    ...exampleOrder,
    lines: [{ ...exampleLine, quantity: 1, discountAmount: 0, taxAmount: 0 }, cup],
    ...{ shippingAmount: 0, shippingTaxAmount: 0, roundingAmount: 1 },
    tenders: [
      { ...tender, amount: 1651 },
      { ...tender, tenderId: 't2', amount: 500, paymentRef: 'pay_ok_2' },
    ],
  })
  expect(changeBetween(before, after, of)).toMatchObject({
    ...{ orderId: 'ord-1001', ...of, shippingAmount: 0, shippingTaxAmount: 0, roundingAmount: 1 },
    lines: { added: [{ lineId: '2' }], changed: [{ lineId: '1', quantity: 1 }], removed: [] },
    tenders: { added: [{ tenderId: 't2', amount: 500 }], changed: [{ tenderId: 't1', amount: 1651 }] },
  })
  expect(changeBetween(after, before, of)).toMatchObject({
    ...{ lines: { added: [], removed: ['2'] }, roundingAmount: 0 },
    tenders: {
      added: [],
      changed: [
        { tenderId: 't1', amount: 3351 },
        { tenderId: 't2', amount: 0 },
      ],
    },
  })
  expect(changeBetween(before, before, of)).toMatchObject({ lines: { added: [], changed: [], removed: [] } })
})

it('is none between two orders, or of a tender that went to another channel', () => {
  expect(() => changeBetween(before, { ...before, orderId: 'ord-2' }, of)).toThrow(
    'expected order ord-1001 in EUR, got order ord-2',
  )
  const moved = { ...before, tenders: before.tenders.map((each) => ({ ...each, channel: 'sandbox-wallet' as const })) }
  expect(() => changeBetween(before, moved, of)).toThrow('expected tender t1 on the channel where it was')
})
