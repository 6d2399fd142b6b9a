import {
  type Channel,
  ChannelError,
  later,
  type RefundCall,
  type RefundResult,
  withoutLimits,
} from '../channels/channel.ts'

/**
 * What a channel for tests is told to do with its next call. `lost-*`: the answer is. `refused-for-funds`: its key lives, and another call
 * of it does what it is told then.
 */
export type Told =
  | RefundResult['outcome']
  | 'refused-for-funds'
  | 'before-anything'
  | 'setup'
  | 'outage'
  | 'lost-done'
  | 'lost-undone'

interface Booked {
  readonly call: RefundCall
  state: RefundResult['outcome']
}

/** What a provider would see of a call. A payment that is held may be taken meanwhile: nobody sends when, nor how much to another channel. */
const contentOf = ({ round, providerRef, paidAt, ...call }: RefundCall) => {
  const { paidTotal, ...content } = call
  return call.operation === 'refund' && call.destination === 'original' ? call : content
}

/** A channel in memory that keeps the contract of idempotency and otherwise does as it is told, call by call. */
export const toldChannel = () => {
  const book = new Map<string, Booked>()
  let told: Told = 'succeeded'
  const resultOf = ({ state, call }: Booked): RefundResult => {
    const providerRef = `re_${call.idempotencyKey}`
    const reason = `told to be ${state}`
    if (state === 'succeeded' && call.operation === 'void')
      return { outcome: 'nothing-captured', reason: 'told to release it' }
    switch (state) {
      case 'received':
        return { outcome: state, providerRef }
      case 'pending':
        return { outcome: state, providerRef, why: 'processing' }
      case 'action-required':
        return { outcome: state, providerRef, who: 'customer', what: reason }
      case 'succeeded':
        return { outcome: state, providerRef, reversibleUntil: '2027-01-01T00:00:00.000Z' }
      case 'refused':
        return { outcome: state, reason, key: 'dead', cure: 'elsewhere' }
      default:
        return { outcome: state, reason }
    }
  }
  const done = (call: RefundCall, state: RefundResult['outcome']): Booked => {
    const booked = book.get(call.idempotencyKey) ?? { call, state }
    book.set(call.idempotencyKey, booked)
    const [asked, first] = [contentOf(call), contentOf(booked.call)]
    if (JSON.stringify(asked) !== JSON.stringify(first))
      throw new Error(`expected key ${call.idempotencyKey} with ${JSON.stringify(first)}, got ${JSON.stringify(asked)}`)
    return booked
  }
  const channel: Channel = {
    facts: withoutLimits,
    refund: async (call) => {
      if (told === 'before-anything') throw new ChannelError('told to be down', 'before-anything')
      if (told === 'setup') throw new ChannelError('told to have no credentials', 'before-anything', { trouble: told })
      if (told === 'outage')
        throw new ChannelError('told to be away', 'before-anything', { trouble: told, retryAfterMs: 7_000 })
      if (told === 'refused-for-funds')
        return { outcome: 'refused', reason: 'no money at the merchant', key: 'alive', cure: 'funds' }
      if (told === 'lost-undone') throw new ChannelError('told to lose the question', 'unknown')
      const booked = done(call, told === 'lost-done' ? 'succeeded' : told)
      if (told === 'lost-done') throw new ChannelError('told to lose the answer', 'unknown')
      return resultOf(booked)
    },
    status: async (call) => {
      const booked = book.get(call.idempotencyKey)
      if (told === 'before-anything') throw new ChannelError('told to be down', 'before-anything')
      return booked === undefined ? { outcome: 'absent' } : resultOf(booked)
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
