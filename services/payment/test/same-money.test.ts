import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { channels } from '../channels/index.ts'
import { balancesOf } from '../ledger/posting.ts'
import { lyingOf } from '../state.ts'
import { card, given } from './given.ts'
import { toldChannel } from './told-channel.ts'
import { createWorld } from './world.ts'

type World = ReturnType<typeof given>
const foreign = (amount: number, providerRef: string) =>
  ({
    kind: 'foreign-refund',
    tenderId: 't1',
    amount,
    currency: 'EUR',
    providerRef,
    notificationId: providerRef,
  }) as const
const balances = (world: World) =>
  Object.fromEntries(
    [...balancesOf(world.state()?.newPostings ?? [])].flatMap(([{ kind }, sum]) => (sum === 0 ? [] : [[kind, sum]])),
  )
/** How much of the order can still be given back. */
const left = (world: World): number => {
  const [tender] = world.state()?.tenders ?? []
  const state = world.state()
  return tender === undefined || state === undefined ? 0 : lyingOf(state, tender)
}

describe('what the shop gave back itself, and its provider tells of', () => {
  const told: Readonly<Record<string, (world: World) => void>> = {
    'the shop says 30': (world) => world.amend(2, [card('t1', 70)]),
    'the provider says 30': (world) => world.notify(foreign(30, 're_1')),
    'and again': (world) => world.notify({ ...foreign(30, 're_1'), notificationId: 'evt_again' }),
    'the provider says another 30': (world) => world.notify(foreign(30, 're_2')),
    'the provider says 5': (world) => world.notify(foreign(5, 're_3')),
  }

  it('is the same money, once, in whichever order and however often both are heard', () =>
    fc.assert(
      fc.property(fc.shuffledSubarray(Object.keys(told)), (names) => {
        const world = given(card('t1', 100))
        for (const name of names) told[name]?.(world)
        const has = (name: string) => names.includes(name)
        const first = has('the provider says 30') || has('and again') ? 30 : 0
        const foreign = first + (has('the provider says another 30') ? 30 : 0) + (has('the provider says 5') ? 5 : 0)
        const shop = has('the shop says 30') ? 30 : 0
        const same = Math.min(shop, first + (has('the provider says another 30') ? 30 : 0))
        const gone = foreign + shop - same
        expect(left(world)).toBe(100 - gone)
        expect(balances(world)).toEqual({
          ...{ provider: 100 - gone, sales: shop - 100 },
          ...(foreign > same && { suspense: foreign - same }),
        })
        expect(world.letters).toEqual([])
      }),
    ))

  it('is in suspense when it comes back, for what the shop said does not stand any more', () => {
    const world = given(card('t1', 100))
    world.amend(2, [card('t1', 70)])
    world.notify(foreign(30, 're_1'))
    for (const notificationId of ['evt_2', 'evt_3'])
      world.notify({ ...foreign(30, 're_1'), notificationId, fact: { outcome: 'reversed' } })
    expect(balances(world)).toEqual({ provider: 100, sales: -70, suspense: -30 })
  })

  it('is another one where its amount is', () => {
    const world = given(card('t1', 100))
    world.amend(2, [card('t1', 70)])
    world.notify(foreign(29, 're_1'))
    expect([left(world), balances(world).suspense]).toEqual([41, 29])
  })
})

describe('what a person paid by hand, and its provider tells of', () => {
  const skipped = (first: 'person' | 'provider') => {
    const world = given(card('t1', 100))
    const person = () => {
      world.refund({ amount: 40 })
      world.close({ settled: [{ tenderId: 't1', amount: 40 }] })
    }
    const provider = () => world.notify(foreign(40, 're_1'))
    for (const tell of first === 'person' ? [person, provider] : [provider, person]) tell()
    world.patienceOver()
    return world
  }

  it.each(['person', 'provider'] as const)(
    'is the same money where the %s says so first: the rest can be given back',
    async (first) => {
      const world = skipped(first)
      expect(balances(world)).toEqual({ provider: 60, sales: -60 })
      world.refund({ requestId: 'req-2', amount: 60 })
      await world.run('call')
      expect(world.last()).toMatchObject({ requestId: 'req-2', type: 'RefundSettled' })
    },
  )
})

describe('an account', () => {
  const stripe = { ...card('t1', 100), channel: 'stripe', paymentRef: 'pi_1' } as const
  const heard = (world: Pick<World, 'notify' | 'state' | 'letters' | 'accept'>) => {
    world.accept([stripe])
    world.notify({ ...foreign(30, 're_1'), account: 'acc-1', provider: 'stripe' })
    for (const by of [
      { account: 'acc-2', provider: 'stripe' },
      { account: 'acc-1', provider: 'paypal' },
    ])
      world.notify({ ...foreign(20, `re_${by.account}_${by.provider}`), ...by })
    return [world.state()?.tenders[0]?.claims.map(({ ref }) => ref), world.letters]
  }

  it.each([
    ['the merchant works with', true],
    ['was the first to speak', false],
  ])('that %s speaks of a tender, and no other', (_, isNamed) => {
    const accountFor = () => ({ account: 'acc-1', isNamed })
    const world = createWorld(channels({ sandbox: toldChannel().channel }), undefined, accountFor)
    expect(heard(world)).toEqual([['re_1'], ['invalid-data', 'invalid-data']])
  })
})
