import { placedOrder } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { expect, it } from 'vitest'
import { heard } from '../test/given.ts'
import { place } from './ask.ts'

const order = placedOrder.parse(exampleOrder)
const known = heard({ type: 'order.accepted.v1', data: order })
const changed = heard({ type: 'order.amended.v1', data: { ...order, version: 2, changeId: 'chg-1' } })
const [line, ...lines] = order.lines
const dearer = { ...order, shippingAmount: order.shippingAmount + 1 }

it('tells of an order that is not known, or of which it is not known how it was placed', () => {
  for (const before of [undefined, changed])
    expect(place(order)(before)).toMatchObject({
      ...{ value: 'sent', decision: { publish: [{ type: 'order.placed.v1', data: order }] } },
    })
})

it('tells nothing again, however it is spelled', () => {
  const spelled = { ...order, lines: [...lines, line ?? expect.fail()], placedAt: order.placedAt.replace('Z', '.000Z') }
  for (const one of [order, spelled]) expect(place(one)(known)).toEqual({ value: 'again', decision: {} })
})

it.each([
  ['with other content', dearer, known],
  ['of another merchant', { ...order, merchantId: 'mer-9' }, known],
  ['of another merchant, which was changed', { ...order, merchantId: 'mer-9' }, changed],
])('turns down an order %s', (_, one, before) => {
  expect(place(one)(before)).toMatchObject({ value: { code: 'order-exists' }, decision: {} })
})
