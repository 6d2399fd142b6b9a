import { expect, it } from 'vitest'
import { card, given } from '../test/given.ts'
import { accountId, creditIdOf } from './accounts.ts'
import { balancesOf, type Posting } from './posting.ts'

const shown = ({ postingId, debit, credit, amount }: Posting) => [
  postingId.replace(/ref_\w+/, 'ref'),
  accountId(debit),
  accountId(credit),
  amount,
]
const postingsOf = (world: ReturnType<typeof given>) => (world.state()?.newPostings ?? []).map(shown)

it('posts a refund that its channel accepts and settles later over what is in transit', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'pending')
  world.becomes('req-1/t1', 'succeeded')
  await world.run('poll')
  expect(postingsOf(world)).toEqual([
    ['ord-1/t1/captured', 'provider/sandbox-card/EUR', 'sales/mer-1/EUR', 100],
    ['ref/accepted/1', 'sales/mer-1/EUR', 'in-transit/mer-1/EUR', 100],
    ['ref/succeeded', 'in-transit/mer-1/EUR', 'provider/sandbox-card/EUR', 100],
  ])
})

it('posts a late no back to sales, and the same refund again when a round asks anew', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'pending')
  world.becomes('req-1/t1', 'refused')
  await world.run('poll')
  world.refund({ round: 2 })
  await world.run('call', 'succeeded')
  const names = postingsOf(world).map(([name]) => name)
  expect(names).toEqual(['ord-1/t1/captured', 'ref/accepted/1', 'ref/late-no/1', 'ref/accepted/2', 'ref/succeeded'])
})

it('gives to the customer’s store credit, and to the gift card that was paid with', async () => {
  const world = given(card('t1', 60), { tenderId: 't2', channel: 'gift-card', amount: 40, paymentRef: 'card/7' })
  world.refund({ refundTo: 'store-credit' })
  while (world.calls().length > 0) await world.run('call')
  const balances = [...balancesOf(world.state()?.newPostings ?? [])].map(([account, balance]) => [account, -balance])
  expect(balances).toContainEqual([
    {
      ...{ kind: 'store-credit', owner: creditIdOf('store-credit', 'customer', 'cus-1'), currency: 'EUR' },
      ...{ customerId: 'cus-1', giftCardId: undefined },
    },
    60,
  ])
  expect(balances).toContainEqual([
    {
      ...{ kind: 'gift-card', owner: creditIdOf('gift-card', 'payment', 'card/7'), currency: 'EUR' },
      ...{ customerId: 'cus-1', giftCardId: 'card/7' },
    },
    40,
  ])
})

it('knows what is only held from what was taken', async () => {
  const world = given({ ...card('t1', 100), state: 'authorized' })
  world.refund({ amount: 30 })
  world.capture('t1', 70)
  expect(postingsOf(world).map(([, debit, credit, amount]) => [debit, credit, amount])).toEqual([
    ['held/sandbox-card/EUR', 'sales/mer-1/EUR', 100],
    ['sales/mer-1/EUR', 'in-transit/mer-1/EUR', 30],
    ['in-transit/mer-1/EUR', 'held/sandbox-card/EUR', 30],
    ['provider/sandbox-card/EUR', 'held/sandbox-card/EUR', 70],
  ])
})

it('has names of accounts that no id can take for another’s', () => {
  const named = (owner: string) => accountId({ kind: 'sales', owner, currency: 'EUR' })
  expect(named('a/EUR')).not.toBe(named('a'))
  expect(creditIdOf('store-credit', 'customer', '1')).not.toBe(creditIdOf('store-credit', 'order', '1'))
})
