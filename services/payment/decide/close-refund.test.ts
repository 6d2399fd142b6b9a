import { describe, expect, it } from 'vitest'
import { card, givenToldEverywhere as given, givenNoOrder } from '../test/given.ts'
import { refundIdOf } from './next-refund.ts'

describe('a refund that a person has settled by hand', () => {
  it.each(['refused', 'key-dead'] as const)(
    'is not sent elsewhere by policy when its channel says %s at last',
    async (end) => {
      const world = given(card('t1', 100))
      world.refund({ fallback: 'store-credit' })
      await world.run('call', 'pending')
      await world.run('overdue')
      world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
      expect(world.last()).toMatchObject({
        type: 'RoundClosed',
        data: { tenders: [{ tenderId: 't1', state: 'pending' }] },
      })
      world.becomes('req-1/t1', end)
      await world.run('poll')
      expect(world.calls()).toEqual([])
      expect(world.state()?.tenders[0]?.refunded).toBe(0)
      expect(world.means()).toEqual([['refund.failed.v1', 't1', 'settled']])
    },
  )

  it('is not sent elsewhere by policy while a person is still asked', async () => {
    const world = given(card('t1', 100))
    world.refund({ fallback: 'store-credit' })
    await world.run('call', 'pending')
    await world.run('overdue')
    world.becomes('req-1/t1', 'refused')
    await world.run('poll')
    expect(world.calls()).toEqual([])
    expect(world.means()).toEqual([])
  })

  it('is told of when its channel pays all the same', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    await world.run('overdue')
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    expect(world.means()).toEqual([['refund.succeeded.v1', 't1', 'twice']])
    expect(world.state()?.tenders[0]?.refunded).toBe(100)
  })

  it('is told of at once when its channel had paid before the decision came', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    await world.run('overdue')
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    expect(world.means()).toEqual([['refund.succeeded.v1', 't1', 'twice']])
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    expect(world.means()).toHaveLength(1)
  })

  it.each([1, 2])(
    'is told of also when the decision was about round %i, of which payment had not heard, and names no tender',
    async (of) => {
      const world = given(card('t1', 60), card('t2', 40))
      world.refund()
      await world.run('call')
      await world.run('call')
      expect(world.last()?.type).toBe('RefundSettled')
      world.close({ of, settled: [{ amount: 100 }] })
      expect(world.means()).toEqual([
        ['refund.succeeded.v1', 't1', 'twice'],
        ['refund.succeeded.v1', 't2', 'twice'],
      ])
      world.refund({ round: of })
      expect(world.calls()).toEqual([])
    },
  )

  it('is asked for when its answer was lost, and called no more', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'lost-done')
    expect(world.last()).toMatchObject({
      type: 'StepFailed',
      data: { moneyInDoubt: true, tenders: [{ tenderId: 't1' }] },
    })
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    expect(world.calls()).toEqual([])
    await world.run('poll')
    expect(world.means()).toEqual([['refund.succeeded.v1', 't1', 'twice']])
  })

  it('is asked for no longer than a channel may take, when nobody can say', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'lost-undone')
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    for (let looks = 0; world.tasks.size > 0; looks++) {
      expect(looks).toBeLessThan(100)
      await world.run('poll')
    }
    expect(world.stateOf('req-1/t1')).toBe('submitted')
  })

  it('is not called any more while a call is on its way, whose result nobody hears', async () => {
    const world = given(card('t1', 100))
    world.refund()
    const finish = await world.start([...world.tasks.keys()][0] ?? '')
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    finish()
    expect(world.calls()).toEqual([])
    await world.run('poll')
    expect(world.means()).toEqual([['refund.succeeded.v1', 't1', 'twice']])
  })

  it('leaves no way back, whether payment had heard of it or not', () => {
    const known = given(card('t1', 100))
    const unknown = givenNoOrder()
    for (const world of [known, unknown]) {
      world.close({ settled: [{ amount: 100 }] })
      expect(world.last()).toMatchObject({ type: 'RoundClosed' })
      world.forbid()
      expect(world.last()?.type).toBe('MoneyMoved')
    }
  })

  it('holds against a refund that was forbidden before: the order service decides which of both came first', () => {
    const world = given(card('t1', 100))
    world.forbid()
    world.close({ settled: [{ amount: 100 }] })
    world.forbid('req-1', 2)
    expect(world.last()?.type).toBe('MoneyMoved')
    world.refund()
    expect(world.last()?.type).toBe('Undone')
    expect(world.calls()).toEqual([])
  })

  it('answers a command that comes late, or again from the dead letters, that it is undone', () => {
    const world = given(card('t1', 100))
    world.close({ settled: [{ amount: 100 }] })
    world.refund()
    expect(world.last()?.type).toBe('Undone')
    world.refund({ round: 2 })
    expect(world.last()?.type).toBe('Undone')
    expect(world.calls()).toEqual([])
  })

  it('stays closed for an order that comes late', () => {
    const world = givenNoOrder()
    world.refund()
    expect(world.waiting).toHaveLength(1)
    world.close({ settled: [{ amount: 100 }] })
    world.accept([card('t1', 100)])
    world.refund()
    expect(world.last()?.type).toBe('Undone')
    expect(world.calls()).toEqual([])
  })
})

describe('what is still under way when a person closes a refund', () => {
  const split = async () => {
    const world = given(card('t1', 50), card('t2', 30), card('t3', 20))
    world.refund()
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'pending', 't3')
    await world.run('call', 'refused', 't2')
    expect(world.last()).toMatchObject({ type: 'RefundStuck' })
    world.close({ settled: [{ tenderId: 't2', amount: 30 }] })
    return world
  }

  it('is owed when its channel refuses it later, and is refunded in a round of its own by a later decision', async () => {
    const world = await split()
    world.becomes('req-1/t3', 'refused')
    await world.run('poll', 'succeeded', 't3')
    expect(world.means()).toEqual([['refund.failed.v1', 't3', 'owed']])
    world.refund({ round: 2, tenderId: 't3', elsewhere: 'bank-transfer' })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    expect(world.state()?.tenders.map(({ refunded }) => refunded)).toEqual([50, 0, 20])
    expect(world.means()).toHaveLength(1)
  })

  it('is owed at once when its channel had refused it before the decision came', async () => {
    const world = given(card('t1', 50), card('t2', 30), card('t3', 20))
    world.refund()
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'pending', 't3')
    await world.run('call', 'refused', 't2')
    world.becomes('req-1/t3', 'refused')
    await world.run('poll', 'succeeded', 't3')
    world.close({ settled: [{ tenderId: 't2', amount: 30 }] })
    expect(world.means()).toEqual([['refund.failed.v1', 't3', 'owed']])
  })

  it('is watched on when its channel takes too long, and nobody is asked', async () => {
    const world = await split()
    const told = world.last()
    await world.run('overdue', 'pending', 't3')
    await world.run('poll', 'pending', 't3')
    expect(world.last()).toEqual(told)
    expect(world.means()).toEqual([])
    expect([...world.tasks.keys()].some((id) => id.startsWith('poll'))).toBe(true)
  })

  it('is settled when its channel pays', async () => {
    const world = await split()
    world.becomes('req-1/t3', 'succeeded')
    await world.run('poll', 'succeeded', 't3')
    expect(world.means()).toEqual([])
    expect(world.state()?.tenders.map(({ refunded }) => refunded)).toEqual([50, 0, 20])
  })

  it('is refunded no more once a person has given it by hand too, by an old command neither', async () => {
    const world = await split()
    world.becomes('req-1/t3', 'refused')
    await world.run('poll', 'succeeded', 't3')
    world.close({ name: 'failed.ref-do-1', of: 1, tenderId: 't3', settled: [{ tenderId: 't3', amount: 20 }] })
    world.refund({ round: 2, tenderId: 't3' })
    expect(world.last()?.type).toBe('Undone')
    expect(world.calls()).toEqual([])
  })
})

it('a round that is opened after a person closed an earlier one is the round of a new key, too', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'pending')
  world.close()
  world.refund({ round: 2, tenderId: 't1' })
  world.becomes('req-1/t1', 'key-dead')
  await world.run('poll')
  expect(world.state()?.refunds.map(({ round }) => round)).toEqual([1, 2])
})

describe('one tender of several that a person has settled by hand', () => {
  const reversedOne = async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund({ fallback: 'store-credit' })
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'succeeded', 't2')
    const reverse = async (tenderId: string) => {
      const booked = world.book.get(refundIdOf('ord-1', `req-1/${tenderId}`))
      if (booked !== undefined) booked.state = 'reversed'
      await world.run('poll', 'succeeded', tenderId)
    }
    await reverse('t1')
    world.close({ name: 'reversed.ref-do-1', of: 1, tenderId: 't1', settled: [{ tenderId: 't1', amount: 60 }] })
    return { world, reverse }
  }

  it('leaves the others to policy: a later reversal of theirs is one that nobody has decided about', async () => {
    const { world, reverse } = await reversedOne()
    await reverse('t2')
    const told = world.published.findLast(({ type }) => type === 'refund.reversed.v1')
    expect(told?.data).toMatchObject({ tenderId: 't2', state: 'reversed' })
    expect(told?.data.afterClosing).toBeUndefined()
    world.refund({ round: 2, tenderId: 't2', elsewhere: 'store-credit' })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    world.refund({ round: 3, tenderId: 't1' })
    expect(world.last()?.type).toBe('Undone')
  })

  it('closes the others too once a person has closed all', async () => {
    const { world, reverse } = await reversedOne()
    world.close({ of: 1, settled: [] })
    await reverse('t2')
    expect(world.means().at(-1)).toEqual(['refund.reversed.v1', 't2', 'owed'])
  })
})

describe('refund-elsewhere', () => {
  it('goes there when its channel is down and no money has moved, and crosses the pivot', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'before-anything')
    world.close({ decision: 'refund-elsewhere' })
    expect(world.last()?.type).toBe('RoundClosed')
    world.refund({ round: 2, elsewhere: 'bank-transfer' })
    world.forbid('req-1', 2)
    expect(world.last()?.type).toBe('MoneyMoved')
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', data: { tenders: [{ destination: 'bank-transfer' }] } })
  })

  it('goes there also when payment never got the command before', async () => {
    const gift = { tenderId: 't2', channel: 'gift-card', amount: 40, paymentRef: 'gift' } as const
    const world = given(card('t1', 60), gift)
    world.close({ decision: 'refund-elsewhere' })
    world.refund({ round: 2, elsewhere: 'bank-transfer' })
    await world.run('call')
    await world.run('call')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ destination: 'bank-transfer' }, { destination: 'gift-card' }] },
    })
    world.refund()
    expect(world.calls()).toEqual([])
  })

  it('is retried when its answer was lost, and finds the money where it went', async () => {
    const world = given(card('t1', 50), card('t2', 50))
    world.refund()
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'refused', 't2')
    world.close({ decision: 'refund-elsewhere' })
    world.refund({ round: 2, elsewhere: 'bank-transfer' })
    for (const _ of [1, 2, 3]) await world.run('call', 'lost-done')
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
    world.refund({ round: 3 })
    await world.run('call')
    expect(world.last()?.type).toBe('RefundSettled')
    expect([...world.book.values()].filter(({ state }) => state === 'succeeded')).toHaveLength(2)
  })
})
