import { type Channel, ChannelError, later, type RefundCall, type RefundResult } from '../channels/channel.ts'

/** What a channel for tests is told to do with its next call. `lost-*`: the answer is. */
export type Told = RefundResult['outcome'] | 'before-anything' | 'lost-done' | 'lost-undone'

interface Booked {
  readonly call: RefundCall
  state: RefundResult['outcome']
}

/** A channel in memory that keeps the contract of idempotency and otherwise does as it is told, call by call. */
export const toldChannel = () => {
  const book = new Map<string, Booked>()
  let told: Told = 'succeeded'
  const resultOf = (booked: Booked): RefundResult => {
    if (booked.state === 'pending') return { outcome: 'pending' }
    if (booked.state === 'succeeded') return { outcome: 'succeeded', reversible: true }
    return { outcome: booked.state, reason: `told to be ${booked.state}` }
  }
  const done = (call: RefundCall, state: RefundResult['outcome']): Booked => {
    const booked = book.get(call.idempotencyKey) ?? { call, state }
    book.set(call.idempotencyKey, booked)
    const { round: _, ...asked } = call
    const { round: __, ...first } = booked.call
    if (JSON.stringify(asked) !== JSON.stringify(first))
      throw new Error(`expected key ${call.idempotencyKey} with ${JSON.stringify(first)}, got ${JSON.stringify(asked)}`)
    return booked
  }
  const channel: Channel = {
    refund: async (call) => {
      if (told === 'before-anything') throw new ChannelError('told to be down', 'before-anything')
      if (told === 'lost-undone') throw new ChannelError('told to lose the question', 'unknown')
      const booked = done(call, told === 'lost-done' ? 'succeeded' : told)
      if (told === 'lost-done') throw new ChannelError('told to lose the answer', 'unknown')
      return resultOf(booked)
    },
    status: async (call) => {
      const booked = book.get(call.idempotencyKey)
      if (booked === undefined || told === 'before-anything')
        throw new ChannelError('told to be down', 'before-anything')
      return resultOf(booked)
    },
    expectedBy: (now) => later(now, 1000),
    pollAfterMs: (attempt) => attempt * 1000,
  }
  return {
    channel,
    book,
    /** What the next calls meet that have no result yet. */
    tell: (next: Told) => {
      told = next
    },
  }
}
