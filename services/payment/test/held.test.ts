import { describe, expect, it } from 'vitest'
import { refundIdOf } from '../decide/next-refund.ts'
import { card, givenToldEverywhere as given, givenNoOrder } from './given.ts'

/** A card payment that was only authorized when the order was placed. */
const held = (tenderId: string, amount: number) => ({ ...card(tenderId, amount), state: 'authorized' as const })
const booked = (world: ReturnType<typeof given>) => [...world.book.values()].map(({ call }) => call)

describe('a payment that is held', () => {
  it('is voided when all of it is given back, also where store credit was wished: no money was taken', async () => {
    const world = given(held('t1', 100))
    world.refund({ refundTo: 'store-credit' })
    await world.run('call')
    expect(booked(world)).toMatchObject([{ operation: 'void', amount: 100, destination: 'original' }])
    expect(world.last()).toMatchObject({
      type: 'RefundSettled',
      data: { tenders: [{ state: 'succeeded', destination: 'none', amount: 100 }] },
    })
    expect(world.published.at(-1)).toMatchObject({ type: 'refund.succeeded.v1', data: { captureAtMost: 0 } })
  })

  it('is taken to a part, and the shop hears how much that is, with no call at all', () => {
    const world = given(held('t1', 100))
    world.refund({ amount: 40 })
    expect(world.calls()).toEqual([])
    expect(world.last()).toMatchObject({ type: 'RefundSettled', data: { tenders: [{ destination: 'none' }] } })
    expect(world.published.at(-1)).toMatchObject({ type: 'refund.succeeded.v1', data: { captureAtMost: 60 } })
  })

  it('is voided by the last refund, which leaves nothing to take', async () => {
    const world = given(held('t1', 100))
    world.refund({ amount: 40 })
    world.refund({ requestId: 'req-2', amount: 60 })
    await world.run('call')
    expect(booked(world)).toMatchObject([{ operation: 'void', amount: 60 }])
  })

  it('gives money back like any other once it was taken, and says when that was', async () => {
    const world = given(held('t1', 100))
    world.capture('t1', 100)
    world.capture('t1', 100)
    world.refund({ amount: 40 })
    await world.run('call')
    expect(booked(world)).toMatchObject([{ operation: 'refund', amount: 40, paidTotal: 100 }])
    expect(Date.parse(booked(world)[0]?.paidAt ?? '')).toBeGreaterThan(0)
    expect(world.published.at(-1)?.data).not.toHaveProperty('captureAtMost')
  })

  it('gives back what is only planned when it is taken meanwhile', async () => {
    const world = given(card('t1', 50), held('t2', 50))
    world.refund({ amount: 100 })
    world.capture('t2', 50)
    await world.run('call', 'succeeded', 't1')
    await world.run('call', 'succeeded', 't2')
    expect(booked(world)).toMatchObject([{ operation: 'refund' }, { tenderId: 't2', operation: 'refund' }])
    expect(world.last()?.type).toBe('RefundSettled')
  })

  it('goes on as it began when it is taken while its void is under way: the channel knows better', async () => {
    const world = given(held('t1', 100))
    world.refund()
    await world.run('call', 'lost-undone')
    world.capture('t1', 100)
    await world.run('call')
    expect(booked(world)).toMatchObject([{ operation: 'void' }])
  })

  it('is owed again when more was taken than a refund had left, and is given back by the next round', async () => {
    const world = given(held('t1', 100))
    world.refund({ amount: 40 })
    world.capture('t1', 100)
    expect(world.published.at(-1)).toMatchObject({ type: 'refund.reversed.v1', data: { amount: 40 } })
    expect(world.state()?.tenders[0]?.refunded).toBe(0)
    world.refund({ amount: 40, round: 2, tenderId: 't1' })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', data: { tenders: [{ destination: 'original' }] } })
    expect(booked(world)).toMatchObject([{ operation: 'refund', amount: 40 }])
    expect(world.book.has(refundIdOf('ord-1', 'req-1/t1/original'))).toBe(true)
  })

  it('is given back under an id of its own, when the void before it had needed a second one', async () => {
    const world = given(held('t1', 100))
    world.refund()
    await world.run('call', 'key-dead')
    await world.run('call')
    world.capture('t1', 100)
    world.refund({ round: 2, tenderId: 't1' })
    await world.run('call')
    expect(world.last()).toMatchObject({ type: 'RefundSettled', data: { tenders: [{ destination: 'original' }] } })
    expect(booked(world).map(({ operation }) => operation)).toEqual(['void', 'void', 'refund'])
    expect(new Set(world.state()?.refunds.map(({ refundId }) => refundId)).size).toBe(3)
  })

  it('owes nothing when no more was taken than was left', () => {
    const world = given(held('t1', 100))
    world.refund({ amount: 40 })
    world.capture('t1', 60)
    expect(world.published.map(({ type }) => type)).not.toContain('refund.reversed.v1')
  })
})

describe('a capture', () => {
  it('waits for its order, and is a dead letter when none is heard of or the order has no such tender', () => {
    const world = givenNoOrder()
    world.capture('t1', 100)
    expect(world.waiting).toHaveLength(1)
    const known = given(held('t1', 100))
    known.capture('t9', 100)
    expect(known.letters).toEqual(['invalid-data'])
  })
})
