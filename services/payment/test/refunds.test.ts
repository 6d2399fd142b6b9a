import { noAccounts } from '@countermand/providers/accounts.ts'
import { describe, expect, it } from 'vitest'
import { accountFor, routing } from '../channels/index.ts'
import { refundCalled } from '../decide/channel-result.ts'
import { card, given, givenNoOrder, refundNamed } from './given.ts'
import { toldChannel } from './told-channel.ts'

describe('a refund of nothing', () => {
  it.each([
    ['no tender', []],
    ['a tender of nothing', [card('t1', 0)]],
  ])('of an order with %s settles at once, and no channel is asked', (_, tenders) => {
    const world = given(...tenders)
    world.refund({ amount: 0 })
    expect(world.last()).toMatchObject({ type: 'RefundSettled', data: { tenders: [] } })
    expect([world.published, [...world.tasks.keys()]]).toEqual([[], []])
  })
})

describe('a refund of one tender', () => {
  it('settles once the channel says that the money moved', async () => {
    const world = given(card('t1', 100))
    world.refund()
    expect(world.types()).toEqual([])
    await world.run('call')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ tenderId: 't1', amount: 100, state: 'succeeded', destination: 'original' }] },
    })
    expect(world.published.map((each) => each.type)).toEqual(['refund.submitted.v1', 'refund.succeeded.v1'])
    expect(world.state()?.tenders[0]?.refunded).toBe(100)
  })

  it('tells that it is pending, and settles after a look that finds it done', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    expect(world.last()).toMatchObject({
      type: 'StepPending',
      data: { tenders: [{ tenderId: 't1', state: 'pending' }] },
    })
    await world.run('poll')
    expect(world.types()).toEqual(['StepPending'])
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    expect(world.last()?.type).toBe('RefundSettled')
    expect([...world.tasks.keys()].filter((id) => id.startsWith('overdue'))).toEqual([])
  })

  it('is refused for good when the channel says no, and nothing is over the pivot then', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'refused')
    expect(world.last()).toMatchObject({ type: 'RefundRefused', data: { tenders: [{ state: 'failed' }] } })
    world.forbid()
    expect(world.last()?.type).toBe('NothingMoved')
  })

  it('tries a technical failure again with the same key, and says at its end that nothing is in doubt', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'before-anything')
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { attempts: 3, moneyInDoubt: false } })
    expect(world.tasks.size).toBe(0)
    world.refund({ round: 2 })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    expect([...world.book.keys()]).toEqual([refundNamed('req-1/t1')])
  })

  it('finds the money of a lost answer in the next round instead of paying twice', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'lost-done')
    for (const _ of [2, 3]) await world.run('call', 'before-anything')
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
    world.refund({ round: 2 })
    await world.run('call')
    expect(world.last()?.type).toBe('RefundSettled')
    expect(world.book.size).toBe(1)
    expect(world.state()?.tenders[0]?.refunded).toBe(100)
  })

  it('is in doubt when an earlier call ended without a word, though the later ones did nothing', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.start([...world.tasks.keys()][0] ?? '')
    for (const _ of [2, 3]) await world.run('call', 'before-anything')
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
  })

  it('stays in doubt in the next round until the channel has answered', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'lost-done')
    world.refund({ round: 2 })
    for (const _ of [1, 2, 3]) await world.run('call', 'before-anything')
    expect(world.last()).toMatchObject({ type: 'StepFailed', round: 2, data: { moneyInDoubt: true } })
  })

  it('ignores a result that comes after the refund has its end', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call')
    const refundId = world.state()?.refunds[0]?.refundId ?? ''
    const asking = { now: '2026-11-20T10:00:00Z', attempt: 2, retryAt: undefined }
    const policy = {
      refundPatienceMs: 1,
      receivedPatienceMs: 1,
      keys: 1,
      terms: () => toldChannel().channel,
      routing,
      accountFor: accountFor(noAccounts),
    }
    for (const heard of [
      { outcome: 'succeeded', providerRef: 're_1' },
      { outcome: 'refused', reason: 'late', key: 'dead', cure: 'none' },
      { outcome: 'technical', reached: 'unknown', error: 'late' },
    ] as const)
      expect(refundCalled(world.state(), refundId, heard, asking, policy)).toEqual({})
  })

  it('takes a new key only when the channel calls the old one dead', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'key-dead')
    await world.run('call')
    expect(world.last()?.type).toBe('RefundSettled')
    expect([...world.book.keys()]).toEqual(['req-1/t1', 'req-1/t1/2'].map(refundNamed))
  })

  it('takes a channel that calls one key after another dead for a no', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'key-dead')
    expect(world.last()?.type).toBe('RefundRefused')
    expect(world.tasks.size).toBe(0)
  })

  it('goes forward, never back, when the channel refuses what it had accepted', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    world.becomes('req-1/t1', 'refused')
    await world.run('poll')
    expect(world.last()).toMatchObject({ type: 'RefundStuck', data: { reason: 'refund-refused-after-pivot' } })
    world.forbid()
    expect(world.last()?.type).toBe('MoneyMoved')
    world.refund({ round: 2, elsewhere: 'store-credit' })
    await world.run('call')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ destination: 'store-credit', amount: 100 }] },
    })
    expect(world.stateOf('req-1/t1/store-credit')).toBe('succeeded')
  })

  it('is stuck when the channel takes too long, and is found by a retry once it did succeed', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    await world.run('overdue')
    expect(world.last()).toMatchObject({ type: 'RefundStuck', data: { reason: 'refund-overdue' } })
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    expect(world.types()).toEqual(['StepPending', 'RefundStuck'])
    world.refund({ round: 2 })
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
  })

  it('does not send a pending refund elsewhere', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    await world.run('overdue')
    world.refund({ round: 2, elsewhere: 'bank-transfer' })
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
    expect(world.state()?.refunds).toHaveLength(1)
  })

  it('does not go elsewhere while an attempt is in doubt, and does once it is known that nothing was done', async () => {
    const world = given(card('t1', 100))
    world.refund()
    for (const _ of [1, 2, 3]) await world.run('call', 'lost-undone')
    world.refund({ round: 2, elsewhere: 'store-credit' })
    expect(world.last()).toMatchObject({ type: 'StepFailed', round: 2, data: { moneyInDoubt: true } })
    world.refund({ round: 3 })
    await world.run('call', 'refused')
    expect(world.last()?.type).toBe('RefundRefused')
    world.refund({ round: 4, elsewhere: 'store-credit' })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 4 })
  })

  it('goes where a person has chosen in a round that was never heard of, and stays where the money is when it was', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    world.becomes('req-1/t1', 'refused')
    await world.run('poll')
    // Round 2 was lost on its way.
    world.refund({ round: 3, chosen: { round: 2, to: 'store-credit' } })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 3 })
    expect(world.stateOf('req-1/t1/store-credit')).toBe('succeeded')
    world.refund({ round: 4, chosen: { round: 2, to: 'bank-transfer' } })
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 4 })
    expect(world.state()?.refunds).toHaveLength(2)
  })

  it('goes where a person has chosen also when it was never heard of at all', async () => {
    const world = given(card('t1', 100))
    world.refund({ round: 3, chosen: { round: 2, to: 'store-credit' } })
    await world.run('call')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ destination: 'store-credit' }] },
    })
  })

  it('shows a reversal in the ledger and in public, and answers nobody for it', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call')
    world.becomes('req-1/t1', 'reversed')
    await world.run('poll')
    expect(world.types()).toEqual(['RefundSettled'])
    expect(world.published.at(-1)?.type).toBe('refund.reversed.v1')
    expect(world.state()?.tenders[0]?.refunded).toBe(0)
    expect(world.state()?.newPostings.map((each) => each.event)).toEqual([
      'captured',
      'accepted',
      'succeeded',
      'reversed',
    ])
    world.refund({ round: 2, elsewhere: 'bank-transfer' })
    await world.run('call', 'succeeded', 'req-1/t1/bank-transfer')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      round: 2,
      data: { tenders: [{ destination: 'bank-transfer' }] },
    })
  })

  it('settles a reversed tender in a round of its own, which touches no other', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    await world.run('call')
    await world.run('call', 'refused', 'req-1/t2')
    world.becomes('req-1/t1', 'reversed')
    await world.run('poll')
    world.refund({ round: 2, elsewhere: 'store-credit', tenderId: 't1' })
    await world.run('call', 'succeeded', 'req-1/t1/store-credit')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      round: 2,
      data: {
        tenders: [
          { tenderId: 't2', state: 'failed' },
          { tenderId: 't1', state: 'succeeded', destination: 'store-credit' },
        ],
      },
    })
    expect([...world.tasks.keys()].filter((id) => id.startsWith('call'))).toEqual([])
    expect(world.state()?.tenders.map(({ refunded }) => refunded)).toEqual([60, 0])
  })
})

describe('the pivot', () => {
  it('is not crossed before the refund was asked for, and nothing is refunded after it was forbidden', async () => {
    const world = given(card('t1', 100))
    world.forbid()
    expect(world.last()?.type).toBe('NothingMoved')
    world.refund()
    world.refund({ round: 2 })
    expect(world.types()).toEqual(['NothingMoved', 'Undone', 'Undone'])
    expect(world.tasks.size).toBe(0)
  })

  it('is crossed by the intent alone, before the channel was called', () => {
    const world = given(card('t1', 100))
    world.refund()
    world.forbid()
    expect(world.last()).toMatchObject({
      type: 'MoneyMoved',
      data: { tenders: [{ tenderId: 't1', state: 'submitted' }] },
    })
  })

  it('stays crossed while an attempt is in doubt, whatever comes of the others', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    await world.run('call', 'refused')
    for (const _ of [1, 2, 3]) await world.run('call', 'lost-undone')
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
    world.forbid()
    expect(world.last()?.type).toBe('MoneyMoved')
  })

  it('can be forbidden before the order is heard of, and holds when the order comes', () => {
    const world = givenNoOrder()
    world.forbid()
    world.accept([card('t1', 100)])
    world.refund()
    expect(world.replies.map((each) => each.type)).toEqual(['NothingMoved', 'Undone'])
  })
})

describe('a refund over several tenders', () => {
  it('tries one after another while nothing has moved, and refuses when all did', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    expect(world.tasks.size).toBe(1)
    await world.run('call', 'refused')
    expect(world.types()).toEqual([])
    await world.run('call', 'refused')
    expect(world.last()).toMatchObject({
      type: 'RefundRefused',
      data: { tenders: [{ tenderId: 't1' }, { tenderId: 't2' }] },
    })
  })

  it('does not try the next while it is not known what came of the first', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    for (const _ of [1, 2, 3]) {
      expect([...world.tasks.values()].filter((each) => each.kind === 'call-channel')).toHaveLength(1)
      await world.run('call', 'before-anything', 'req-1/t1')
    }
    expect(world.last()?.type).toBe('StepFailed')
    expect(world.tasks.size).toBe(0)
    expect(world.stateOf('req-1/t2')).toBe('planned')
  })

  it('does not credit by policy what was refused while no money has moved', async () => {
    const world = given(card('t1', 100))
    world.refund({ fallback: 'store-credit' })
    await world.run('call', 'refused')
    expect(world.last()?.type).toBe('RefundRefused')
    expect(world.state()?.refunds).toHaveLength(1)
  })

  it('sends the rest together once one was accepted', async () => {
    const world = given(card('t1', 60), card('t2', 30), card('t3', 10))
    world.refund()
    await world.run('call', 'pending')
    expect([...world.tasks.values()].filter((each) => each.kind === 'call-channel')).toHaveLength(2)
  })

  it('credits a refused rest by policy when some money has moved', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund({ fallback: 'store-credit' })
    await world.run('call', 'refused', 'req-1/t1')
    await world.run('call', 'succeeded', 'req-1/t2')
    await world.run('call', 'succeeded', 'req-1/t1/store-credit')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: {
        tenders: [
          { tenderId: 't2', destination: 'original' },
          { tenderId: 't1', destination: 'store-credit', amount: 60 },
        ],
      },
    })
  })

  it('waits for a person when policy says so, and sends what is refused where the person says', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    await world.run('call')
    await world.run('call', 'refused', 'req-1/t2')
    expect(world.last()).toMatchObject({ type: 'RefundStuck', data: { reason: 'refund-refused-after-pivot' } })
    world.refund({ round: 2, elsewhere: 'bank-transfer' })
    await world.run('call', 'succeeded', 'req-1/t2/bank-transfer')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
  })

  it('never counts cash on delivery as money that moved', async () => {
    const cash = { tenderId: 't2', channel: 'cash-on-delivery', amount: 40, paymentRef: 'cash' } as const
    const refused = given(card('t1', 60), cash)
    refused.refund()
    await refused.run('call', 'refused')
    expect(refused.last()?.type).toBe('RefundRefused')
    const settled = given(card('t1', 60), cash)
    settled.refund()
    await settled.run('call')
    expect(settled.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ tenderId: 't1' }, { tenderId: 't2', destination: 'none' }] },
    })
  })

  it('settles cash on delivery alone, or nothing at all, without a call, and is over the pivot then', () => {
    for (const amount of [100, 0]) {
      const world = given({ tenderId: 't1', channel: 'cash-on-delivery', amount: 100, paymentRef: 'cash' })
      world.refund({ amount })
      expect(world.last()?.type).toBe('RefundSettled')
      world.forbid()
      expect(world.last()?.type).toBe('MoneyMoved')
    }
  })
})

describe('a RefundOrder that does not fit', () => {
  it('waits for its order, and fails once patience is over', () => {
    const world = givenNoOrder()
    world.refund()
    expect(world.waiting).toHaveLength(1)
    expect(world.replies).toEqual([])
    world.patienceOver()
    expect(world.replies).toMatchObject([{ type: 'StepFailed', data: { attempts: 1, moneyInDoubt: false } }])
  })

  it('fails when the tenders have not so much left, or have another currency', () => {
    const world = given(card('t1', 100))
    world.refund({ amount: 101 })
    world.refund({ requestId: 'req-2', currency: 'USD' })
    world.refund({ requestId: 'req-3', amount: 60 })
    world.refund({ requestId: 'req-4', amount: 60 })
    expect(world.replies.map((each) => [each.requestId, each.type])).toEqual([
      ['req-1', 'StepFailed'],
      ['req-2', 'StepFailed'],
      ['req-4', 'StepFailed'],
    ])
  })

  it('is a dead letter when its request asked for another amount before', () => {
    const world = given(card('t1', 100))
    world.refund({ amount: 60 })
    world.refund({ amount: 50, round: 2 })
    expect(world.letters).toEqual(['request-id-reused'])
  })
})
