import { describe, expect, it } from 'vitest'
import { refundIdOf } from '../decide/next-refund.ts'
import { card, givenToldEverywhere as given } from './given.ts'

type World = ReturnType<typeof given>
const turn = (world: World, state: 'refused' | 'reversed' | 'succeeded' | 'pending' | 'action-required') => {
  for (const booked of world.book.values()) booked.state = state
}
const finish = async (world: World, beginning: string) => {
  const id = [...world.tasks.keys()].find((each) => each.startsWith(beginning))
  const done = await world.start(id ?? '')
  done()
}
const events = (world: World) => world.published.map(({ type }) => type)

describe('a refund that the channel has received, and not judged,', () => {
  it('is submitted, not in doubt, and its asker hears that it takes a while', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    await world.run('call', 'received')
    expect(world.last()).toMatchObject({ type: 'StepPending', data: { tenders: [{ state: 'submitted' }] } })
    expect(world.state()?.refunds[0]?.progress).toMatchObject({ received: true, inDoubt: false })
    // Nothing was accepted: the next tender waits.
    expect(world.calls()).toEqual([])
  })

  it('may still be refused, and then the way back is open', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'received')
    turn(world, 'refused')
    await world.run('poll')
    expect(world.last()?.type).toBe('RefundRefused')
    world.forbid()
    expect(world.last()?.type).toBe('NothingMoved')
    expect(world.tasks.size).toBe(0)
  })

  it('keeps the way back closed as long as it is not judged, and goes nowhere else', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'received')
    world.forbid()
    expect(world.last()?.type).toBe('MoneyMoved')
    world.refund({ round: 2, elsewhere: 'store-credit' })
    expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
  })

  it('counts as accepted when the channel does not judge it in time', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    await world.run('call', 'received')
    await finish(world, 'received/')
    expect(events(world)).toContain('refund.pending.v1')
    expect(world.calls()).toHaveLength(1)
    turn(world, 'refused')
    await world.run('poll')
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundStuck', data: { reason: 'refund-refused-after-pivot' } })
  })

  it('is watched when a person closes it, and told of when it was paid twice', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'received')
    world.close({ settled: [{ tenderId: 't1', amount: 100 }] })
    turn(world, 'succeeded')
    await world.run('poll')
    expect(world.means()).toEqual([['refund.succeeded.v1', 't1', 'twice']])
  })
})

describe('a refund that waits for somebody', () => {
  it('is accepted, says for whom and for what, and says when nobody has to do anything any more', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'action-required')
    const told = { state: 'action-required', action: { who: 'customer', what: 'told to be action-required' } }
    expect(world.last()).toMatchObject({ type: 'StepPending', data: { tenders: [told] } })
    expect(world.published.at(-1)).toMatchObject({ type: 'refund.action-required.v1', data: told })
    await world.run('poll')
    turn(world, 'pending')
    await world.run('poll')
    await world.run('poll')
    turn(world, 'succeeded')
    await world.run('poll')
    expect(events(world)).toEqual([
      ...['refund.submitted.v1', 'refund.action-required.v1', 'refund.pending.v1', 'refund.succeeded.v1'],
    ])
    expect(world.last()?.type).toBe('RefundSettled')
  })

  it('does not say again that it is pending when only the reason is another', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'pending')
    await world.run('poll')
    expect(events(world)).toEqual(['refund.submitted.v1', 'refund.pending.v1'])
  })
})

describe('a payment that was never taken', () => {
  it('is settled with nothing given back, and there is no way back', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'nothing-captured')
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ state: 'succeeded', destination: 'none' }] },
    })
    world.forbid()
    expect(world.last()?.type).toBe('MoneyMoved')
  })
})

describe('a refund that was refused', () => {
  it('is not tried again by itself, and says what would cure it', async () => {
    const world = given(card('t1', 60), card('t2', 40))
    world.refund()
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'refused', 't2')
    expect(world.calls()).toEqual([])
    expect(world.published.at(-1)).toMatchObject({ type: 'refund.failed.v1', data: { cure: 'elsewhere' } })
  })

  it('is asked under a new key in the next round, for its own would only say no again', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'refused')
    world.refund({ round: 2 })
    await world.run('call')
    expect(world.last()?.type).toBe('RefundSettled')
    expect([...world.book.keys()]).toEqual(['req-1/t1', 'req-1/t1/2'].map((name) => refundIdOf('ord-1', name)))
  })

  it('keeps its key when that lives', async () => {
    const world = given(card('t1', 100))
    world.refund()
    await world.run('call', 'refused-for-funds')
    expect(world.last()?.type).toBe('RefundRefused')
    world.refund({ round: 2 })
    await world.run('call')
    expect(world.last()?.type).toBe('RefundSettled')
    expect([...world.book.keys()]).toEqual([refundIdOf('ord-1', 'req-1/t1')])
  })
})

describe('a refund that had succeeded', () => {
  it.each(['refused', 'reversed'] as const)(
    'has its money back when its channel says later that it is %s',
    async (state) => {
      const world = given(card('t1', 100))
      world.refund()
      await world.run('call')
      turn(world, state)
      await world.run('poll')
      expect(world.state()?.refunds[0]?.progress.state).toBe('reversed')
      expect(world.state()?.tenders[0]?.refunded).toBe(0)
      expect(events(world).at(-1)).toBe('refund.reversed.v1')
    },
  )
})

it('what was given back is looked at until the channel cannot take it back any more', async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call')
  expect([...world.tasks.keys()].filter((id) => id.startsWith('poll'))).toHaveLength(1)
  expect(world.state()?.refunds[0]).toMatchObject({
    ...{ providerRef: expect.stringMatching(/^re_/), progress: { reversibleUntil: '2027-01-01T00:00:00.000Z' } },
  })
  await world.run('poll')
  expect([...world.tasks.keys()].filter((id) => id.startsWith('poll'))).toHaveLength(1)
})
