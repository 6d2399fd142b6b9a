import { lineAmount, type OrderChanged, orderChanged, type PricedLine, placedOrder } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import type { Order } from '@countermand/order/decide/order.ts'
import fc from 'fast-check'
import { at } from './followers.ts'

export const { orderId } = exampleOrder
export const ordered = placedOrder.parse({
  ...exampleOrder,
  lines: [...exampleOrder.lines, { lineId: '2', sku: 'SKU-CUP', quantity: 3, unitAmount: 333, discountAmount: 100 }],
  tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: 4250, paymentRef: 'pay_ok_1' }],
})

const edit = fc.record({
  do: fc.constantFrom('add' as const, 'change' as const, 'remove' as const),
  lineId: fc.constantFrom<string[]>('1', '2', '3', '4'),
  quantity: fc.integer({ min: 1, max: 4 }),
  price: fc.integer({ min: 0, max: 999 }),
})
const cancel = fc.record({
  do: fc.constant('cancel' as const),
  lineId: fc.constantFrom('1', '2', '3', '4', 'all'),
  quantity: fc.integer({ min: 1, max: 3 }),
})
const end = fc.record({ do: fc.constantFrom('confirm' as const, 'withdraw' as const, 'repeat' as const) })
/** Each with which of what was told is heard after it. */
export const steps = fc.array(
  fc.record({ step: fc.oneof(edit, edit, cancel, end), heard: fc.array(fc.nat(20), { maxLength: 1 }) }),
  {
    ...{ minLength: 4, maxLength: 24, size: 'max' },
  },
)

export type Edit = typeof edit extends fc.Arbitrary<infer Value> ? Value : never

/** What a shop sends that edits the order as it knows it, and settles the difference with its customer at once. */
export const changeOf = ({ placed: order, cancelled, refunded }: Order, by: Edit, changeId: string): OrderChanged => {
  const { lineId, quantity, price } = by
  const line = order.lines.find((each) => each.lineId === lineId)
  const fresh = { lineId, sku: `SKU-${lineId}`, quantity, unitAmount: price, discountAmount: 0, taxAmount: 0 }
  const lines = {
    added: by.do === 'add' ? [fresh] : [],
    changed: by.do === 'change' ? [line === undefined ? fresh : { ...line, quantity }] : [],
    removed: by.do === 'remove' ? [lineId] : [],
  }
  const priceOf = (each: PricedLine) => lineAmount(each, each.quantity)
  const before =
    line === undefined || by.do === 'add'
      ? 0
      : priceOf(line) - (by.do === 'remove' ? lineAmount(line, cancelled.get(lineId) ?? 0) : 0)
  const more = [...lines.added, ...lines.changed].reduce((sum, each) => sum + priceOf(each), 0) - before
  const first =
    order.tenders.find(({ tenderId, amount }) => amount - (refunded.get(tenderId) ?? 0) + more >= 0) ?? order.tenders[0]
  const lower = { changed: first ? [{ tenderId: first.tenderId, amount: Math.max(0, first.amount + more) }] : [] }
  const more2 = {
    added: [{ tenderId: `t-${changeId}`, channel: 'sandbox-card' as const, amount: more, paymentRef: 'pay_ok_2' }],
  }
  return orderChanged.parse({ ...{ orderId, changeId, at: at.now }, lines, tenders: more > 0 ? more2 : lower })
}
