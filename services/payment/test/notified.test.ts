import { describe, expect, it } from 'vitest'
import { card, givenToldEverywhere as given, refundNamed } from './given.ts'

type World = ReturnType<typeof given>
const about = (tender: string) => ({ refundId: refundNamed(`req-1/${tender}`) })
const moved = ({ book }: World) => [...book.values()].filter(({ state }) => state === 'succeeded').length
const polls = (world: World) => [...world.tasks.values()].filter(({ kind }) => kind === 'poll-refund')

const pending = async () => {
  const world = given(card('t1', 100))
  world.refund()
  await world.run('call', 'pending')
  return world
}

describe('a notification', () => {
  it('has its refund looked at now', async () => {
    const world = await pending()
    for (let looks = 0; looks < 3; looks++) await world.run('poll')
    const planned = polls(world)[0]?.dueAt ?? ''
    world.notify(about('t1'))
    const due = polls(world).map(({ dueAt }) => dueAt)
    expect(due).toHaveLength(1)
    expect(Date.parse(due[0] ?? '')).toBeLessThan(Date.parse(planned))
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    expect([world.last()?.type, moved(world)]).toEqual(['RefundSettled', 1])
  })

  it('is not the truth: a look that finds the refund as it was leaves it so', async () => {
    const world = await pending()
    world.notify(about('t1'))
    await world.run('poll')
    expect([world.stateOf('req-1/t1'), polls(world).length]).toEqual(['pending', 1])
  })

  it('that comes before the answer to our own call asks nobody, and loses no answer', async () => {
    const world = given(card('t1', 100))
    world.refund()
    const [id = ''] = world.calls()
    const finish = await world.start(id)
    for (let times = 0; times < 3; times++) world.notify(about('t1'))
    expect(polls(world)).toEqual([])
    finish()
    expect([world.last()?.type, moved(world)]).toEqual(['RefundSettled', 1])
  })

  describe('of a refund that its calls have left in doubt', () => {
    const left = async (lost: 'lost-done' | 'lost-undone') => {
      const world = given(card('t1', 100))
      world.refund()
      for (let calls = 0; calls < 3; calls++) await world.run('call', lost)
      expect(world.last()).toMatchObject({ type: 'StepFailed', data: { moneyInDoubt: true } })
      world.notify(about('t1'))
      return world
    }

    it('settles it, and says that somebody waits for it', async () => {
      const world = await left('lost-done')
      await world.run('poll')
      expect([world.stateOf('req-1/t1'), moved(world)]).toEqual(['succeeded', 1])
      const newsFor = { requestId: 'req-1', step: 'refund', direction: 'do' }
      expect(world.published.at(-1)).toMatchObject({ type: 'refund.succeeded.v1', data: { newsFor } })
      world.refund({ round: 2 })
      expect([world.last()?.type, world.calls()]).toEqual(['RefundSettled', []])
    })

    it('finds nothing, and leaves it so', async () => {
      const world = await left('lost-undone')
      await world.run('poll')
      expect(world.state()?.refunds[0]?.progress).toMatchObject({ state: 'submitted', inDoubt: true, calling: false })
      expect(world.tasks.size).toBe(0)
    })

    it('is no news while the next round asks', async () => {
      const world = await left('lost-done')
      world.refund({ round: 2 })
      await world.run('poll')
      expect(world.stateOf('req-1/t1')).toBe('submitted')
      await world.run('call')
      expect([world.last()?.type, moved(world)]).toEqual(['RefundSettled', 1])
    })
  })

  it('that comes three times looks once', async () => {
    const world = await pending()
    for (let times = 0; times < 3; times++) world.notify(about('t1'))
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    for (let times = 0; times < 3; times++) world.notify(about('t1'))
    expect(world.types().filter((type) => type === 'RefundSettled')).toHaveLength(1)
    expect(moved(world)).toBe(1)
  })

  it('of a refund that succeeded finds that its money came back', async () => {
    const world = await pending()
    world.becomes('req-1/t1', 'succeeded')
    await world.run('poll')
    world.becomes('req-1/t1', 'reversed')
    world.notify(about('t1'))
    await world.run('poll')
    expect(world.stateOf('req-1/t1')).toBe('reversed')
  })

  it('of a payment that was held and is taken now counts as checkout’s word does, once', () => {
    const world = given({ ...card('t1', 100), state: 'authorized' })
    const captured = { kind: 'captured', tenderId: 't1', amount: 100, currency: 'EUR' } as const
    world.notify({ ...captured, notificationId: 'evt_1' })
    world.notify({ ...captured, notificationId: 'evt_2' })
    world.capture('t1', 100)
    expect(world.state()?.tenders).toMatchObject([{ authorized: false, captured: 100 }])
    world.notify({ kind: 'captured', tenderId: 't1' })
    expect(world.letters).toEqual([])
  })

  it('that is old, or about nothing of ours, changes nothing', async () => {
    const world = given(card('t1', 100))
    world.notify(about('t1'))
    world.refund()
    await world.run('call', 'refused')
    const before = [world.state(), world.tasks.size]
    world.notify(about('t1'))
    world.notify({ refundId: 'ref_other' })
    world.notify({ providerRef: 're_other' })
    world.notify({})
    expect([world.state(), world.tasks.size]).toEqual(before)
  })

  it('without our id is known by the provider’s, or is about all of its tender', async () => {
    for (const told of [{ providerRef: `re_${refundNamed('req-1/t1')}` }, { tenderId: 't1' }]) {
      const world = await pending()
      world.notify(told)
      world.becomes('req-1/t1', 'succeeded')
      await world.run('poll')
      expect(world.last()?.type).toBe('RefundSettled')
    }
  })
})
