import { type Channel, ChannelError, type RefundCall } from '@countermand/payment/channels/channel.ts'

/** `down`: it does nothing in the first round. `silent`: in the first round it does it and loses its answers. */
export type BankHabit = 'pays' | 'refuses' | 'down' | 'silent'

/** A channel in memory that keeps the contract of idempotency: what moved, it knows by the key. */
export const bankInMemory = (habit: BankHabit) => {
  const moved = new Map<string, RefundCall>()
  const channel: Channel = {
    refund: async (call) => {
      if (habit === 'refuses') return { outcome: 'refused', reason: 'the account is closed' }
      if (habit === 'down' && call.round < 2) throw new ChannelError('503 service unavailable', 'before-anything')
      moved.set(call.idempotencyKey, call)
      if (habit === 'silent' && call.round < 2) throw new ChannelError('no answer', 'unknown')
      return { outcome: 'succeeded', reversible: false }
    },
    status: async (call) => {
      if (!moved.has(call.idempotencyKey)) throw new ChannelError('expected a refund by this key, got none', 'unknown')
      return { outcome: 'succeeded', reversible: false }
    },
    expectedBy: (now) => now,
    pollAfterMs: () => 1000,
  }
  /** Minor units. */
  const total = () => [...moved.values()].reduce((sum, { amount }) => sum + amount, 0)
  return { channel, total }
}
