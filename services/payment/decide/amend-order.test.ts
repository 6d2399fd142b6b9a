import { amendedOrder, placedOrder } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { noAccounts } from '@countermand/providers/accounts.ts'
import { expect, it } from 'vitest'
import { accountFor, routing } from '../channels/index.ts'
import type { Payment } from '../state.ts'
import { acceptOrder } from './accept-order.ts'
import { amendOrder } from './amend-order.ts'

const policy = { routing, accountFor: accountFor(noAccounts) }
const at = { now: '2026-11-20T10:00:00.000Z', patienceOver: false }
const accepted = acceptOrder(undefined, placedOrder.parse(exampleOrder), at, policy).state
const card = { channel: 'sandbox-card', paymentRef: 'pay_ok_2' } as const

/** The order with these tenders, and a rounding of its shipping that makes them add up. */
const amended = (version: number, amounts: Readonly<Record<string, number>>) =>
  amendedOrder.parse({
    ...exampleOrder,
    ...{ version, changeId: `chg-${version}` },
    shippingAmount: 490 + Object.values(amounts).reduce((sum, amount) => sum + amount, 0) - 3351,
    tenders: Object.entries(amounts).map(([tenderId, amount]) => ({ tenderId, amount, ...card })),
  })

const after = (known: Payment | undefined, order: ReturnType<typeof amended>): Payment => {
  const decision = amendOrder(known, order, at, policy)
  if (decision === 'not-yet' || decision.state === undefined) return expect.fail('expected a change')
  return decision.state
}
const entered = ({ newPostings }: Payment) =>
  newPostings.map(({ postingId, event, amount }) => [postingId, event, amount])

it('enters what a tender holds more as captured, what the shop gave back as released, and new tenders', () => {
  const state = after(after(accepted, amended(2, { t1: 3351, t2: 400 })), amended(3, { t1: 3400, t2: 100 }))
  expect(state.tenders.map(({ tenderId, captured }) => [tenderId, captured])).toEqual([
    ['t1', 3400],
    ['t2', 100],
  ])
  expect(entered(state).slice(1)).toEqual([
    ['ord-1001/t2/captured/2', 'captured', 400],
    ['ord-1001/t1/captured/3', 'captured', 49],
    ['ord-1001/t2/released/3', 'released', 300],
  ])
})

it('takes an older version, or the same again, for no news', () => {
  const state = after(accepted, amended(3, { t1: 3400 }))
  for (const version of [2, 3]) expect(amendOrder(state, amended(version, { t1: 5000 }), at, policy)).toEqual({})
})

it('never holds less of a tender than was given back of it, whatever the shop says', () => {
  const [tender] = accepted?.tenders ?? []
  if (accepted === undefined || tender === undefined) return expect.fail('expected a tender')
  const refunded = { ...accepted, tenders: [{ ...tender, refunded: 3000 }] }
  expect(after(refunded, amended(2, { t1: 2900 })).tenders).toMatchObject([{ captured: 3000, refunded: 3000 }])
})

it('waits for the order before its versions, and then says so', () => {
  expect(amendOrder(undefined, amended(2, { t1: 3351 }), at, policy)).toBe('not-yet')
  const late = amendOrder(undefined, amended(2, { t1: 3351 }), { ...at, patienceOver: true }, policy)
  expect(late).toMatchObject({ deadLetter: { reason: 'unknown-order' } })
})
