import { describe, expect, it } from 'vitest'
import { card, givenToldEverywhere as given } from './given.ts'

const cash = (tenderId: string, amount: number) =>
  ({ tenderId, channel: 'cash-on-delivery', amount, paymentRef: '' }) as const

describe('cash on delivery', () => {
  it('moves nothing as long as nobody has collected it', () => {
    const world = given(cash('t1', 100))
    world.refund({ amount: 100 })
    expect(world.calls()).toEqual([])
    expect(world.last()).toMatchObject({ type: 'RefundSettled', data: { tenders: [{ destination: 'none' }] } })
  })

  it.each([
    [{ refundTo: 'original', fallback: 'attention' }, 'bank-transfer'],
    [{ refundTo: 'original', fallback: 'bank-transfer' }, 'bank-transfer'],
    [{ refundTo: 'original', fallback: 'store-credit' }, 'store-credit'],
    [{ refundTo: 'store-credit', fallback: 'attention' }, 'store-credit'],
  ] as const)('that was collected goes back by another way: %j by %s', async (asked, destination) => {
    const world = given(cash('t1', 100))
    world.capture('t1', 100)
    world.refund({ amount: 40, ...asked })
    await world.run('call')
    expect(world.last()).toMatchObject({
      ...{ type: 'RefundSettled', data: { tenders: [{ state: 'succeeded', amount: 40, destination }] } },
    })
  })

  it('is given back when it is collected while its refund is only planned', async () => {
    const world = given(card('t1', 50), cash('t2', 50))
    world.refund({ amount: 100 })
    world.capture('t2', 50)
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'succeeded', 't2')
    expect(world.last()).toMatchObject({
      ...{ type: 'RefundSettled', data: { tenders: [{ destination: 'original' }, { destination: 'bank-transfer' }] } },
    })
  })

  it('that is collected after its refund counted as made is owed again', () => {
    const world = given(cash('t1', 100))
    world.refund({ amount: 100 })
    world.capture('t1', 100)
    expect(world.published.at(-1)).toMatchObject({ type: 'refund.reversed.v1', data: { amount: 100 } })
  })
})
