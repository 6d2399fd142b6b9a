import { describe, expect, it } from 'vitest'
import { isSettledByHand, requestOf } from '../state.ts'
import { card, givenToldEverywhere as given } from '../test/given.ts'

/**
 * A person skipped the refund while the saga knew no tenders (somebody failed its activity, say): all of it counts as given by hand,
 * and payment knows better how each tender is.
 */
const skippedUnseen = async () => {
  const world = given(card('t1', 50), card('t2', 30), card('t3', 20))
  world.refund()
  await world.run('call', 'succeeded', 't1')
  await world.run('call', 'pending', 't3')
  await world.run('call', 'refused', 't2')
  world.close({ settled: [{ amount: 100 }] })
  const byHand = () => {
    const request = requestOf(world.state(), 'req-1')
    if (request?.status !== 'asked') throw new Error('expected an asked request')
    const unnamed = request.closed?.settled.find(({ tenderId }) => tenderId === undefined)?.amount ?? 0
    return { of: ['t1', 't2', 't3'].filter((tenderId) => isSettledByHand(request, tenderId)), unnamed }
  }
  return { ...world, byHand }
}

/** What payment's books come to: given by channels, and by hand. */
const given100 = (world: Awaited<ReturnType<typeof skippedUnseen>>) => {
  const request = requestOf(world.state(), 'req-1')
  const hand = request?.status === 'asked' ? (request.closed?.settled ?? []) : []
  const channels = world.state()?.tenders ?? []
  return hand.reduce((sum, { amount }) => sum + amount, 0) + channels.reduce((sum, { refunded }) => sum + refunded, 0)
}

describe('a refund that a person closed without knowing its tenders', () => {
  it('counts what no channel does as given by hand, and tells at once that a channel had paid too', async () => {
    const world = await skippedUnseen()
    expect(world.byHand()).toEqual({ of: ['t2'], unnamed: 70 })
    expect(world.means()).toEqual([['refund.succeeded.v1', 't1', 'twice']])
  })

  it('tells somebody whatever comes of what was on its way', async () => {
    const pays = await skippedUnseen()
    pays.becomes('req-1/t3', 'succeeded')
    await pays.run('poll', 'succeeded', 't3')
    expect(pays.means().at(-1)).toEqual(['refund.succeeded.v1', 't3', 'twice'])
    const fails = await skippedUnseen()
    fails.becomes('req-1/t3', 'refused')
    await fails.run('poll', 'succeeded', 't3')
    expect(fails.means().at(-1)).toEqual(['refund.failed.v1', 't3', 'owed'])
  })

  it('is settled tender by tender, by what a person says of each', async () => {
    const world = await skippedUnseen()
    world.close({ name: 'twice.ref-do-1', tenderId: 't1', settled: [{ tenderId: 't1', amount: 0 }] })
    expect(world.byHand()).toEqual({ of: ['t2'], unnamed: 20 })
    world.becomes('req-1/t3', 'refused')
    await world.run('poll', 'succeeded', 't3')
    world.close({ name: 'failed.ref-do-1', tenderId: 't3', settled: [{ tenderId: 't3', amount: 20 }] })
    expect(world.byHand()).toEqual({ of: ['t2', 't3'], unnamed: 0 })
    expect(given100(world)).toBe(100)
  })

  it('asks a channel again where a person finds that it was not given by hand', async () => {
    const world = await skippedUnseen()
    world.close({ name: 'twice.ref-do-1', tenderId: 't1', settled: [{ tenderId: 't1', amount: 0 }] })
    world.becomes('req-1/t3', 'refused')
    await world.run('poll', 'succeeded', 't3')
    world.refund({ round: 2, tenderId: 't3', elsewhere: 'bank-transfer' })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', round: 2 })
    expect(world.byHand()).toEqual({ of: ['t2'], unnamed: 0 })
    expect(given100(world)).toBe(100)
    expect(world.means().map(([type, tenderId]) => [type, tenderId])).toEqual([
      ['refund.succeeded.v1', 't1'],
      ['refund.failed.v1', 't3'],
    ])
  })

  it('is all by hand where payment was never asked', () => {
    const world = given(card('t1', 100))
    world.close({ settled: [{ amount: 100 }] })
    const request = requestOf(world.state(), 'req-1')
    expect(request).toMatchObject({ closed: { settled: [{ amount: 100 }] } })
    expect(world.means()).toEqual([])
  })
})
