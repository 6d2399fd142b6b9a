import { ChannelError, type RefundCall, type RefundResult } from '@countermand/payment/channels/channel.ts'
import { channels } from '@countermand/payment/channels/index.ts'
import { type Behaviour, behaviourOf } from '@countermand/payment/channels/sandbox-behaviour.ts'
import type { Clock } from '../clock.ts'

interface Booking {
  readonly call: RefundCall
  readonly behaviour: Behaviour
  /** Milliseconds since 1970. */
  readonly at: number
}

/** The sandbox channels of one shop, whose book is in memory: they behave by the payment reference, as the sandbox does. */
export const sandboxInMemory = (clock: Clock) => {
  const book = new Map<string, Booking>()
  const calls = new Map<string, number>()

  const isPast = ({ at }: Booking, milliseconds: number | undefined): boolean =>
    milliseconds !== undefined && at + milliseconds <= clock.now()

  const resultOf = (booking: Booking): RefundResult => {
    const { refusedAfterMs, reversedAfterMs, movesAfterMs } = booking.behaviour
    if (isPast(booking, refusedAfterMs)) return { outcome: 'refused', reason: 'the sandbox refuses it' }
    if (isPast(booking, reversedAfterMs)) return { outcome: 'reversed', reason: 'the sandbox reverses it' }
    if (isPast(booking, movesAfterMs)) return { outcome: 'succeeded', reversible: reversedAfterMs !== undefined }
    return { outcome: 'pending' }
  }

  const find = ({ idempotencyKey, amount, currency, tenderId }: RefundCall): Booking => {
    const known = book.get(idempotencyKey)
    if (known === undefined) throw new Error(`expected a refund with key ${idempotencyKey}, got none`)
    if (known.call.amount !== amount || known.call.currency !== currency || known.call.tenderId !== tenderId)
      throw new Error(`expected key ${idempotencyKey} with ${known.call.amount} again, got ${amount}`)
    return known
  }

  const sandbox = {
    refund: async (call: RefundCall): Promise<RefundResult> => {
      const behaviour = behaviourOf(call.paymentRef)
      const count = (calls.get(call.tenderId) ?? 0) + 1
      calls.set(call.tenderId, count)
      if (call.round < behaviour.firstRound || count <= behaviour.errors)
        throw new ChannelError('the sandbox is down, nothing was done', 'before-anything')
      if (!book.has(call.idempotencyKey)) book.set(call.idempotencyKey, { call, behaviour, at: clock.now() })
      const booking = find(call)
      if (count <= behaviour.lostAnswers) throw new ChannelError("the sandbox's answer was lost", 'unknown')
      return resultOf(booking)
    },
    status: async (call: RefundCall): Promise<RefundResult> => resultOf(find(call)),
  }

  return {
    channels: channels({ sandbox }),
    /** Minor units that the sandbox has given back of a tender and not taken again, by idempotency key. */
    moved: (tenderId: string): ReadonlyMap<string, number> =>
      new Map(
        [...book].flatMap(([key, booking]) =>
          booking.call.tenderId === tenderId && resultOf(booking).outcome === 'succeeded'
            ? [[key, booking.call.amount] as const]
            : [],
        ),
      ),
  }
}

export type Bank = ReturnType<typeof sandboxInMemory>
