import {
  type Channel,
  ChannelError,
  type ChannelFacts,
  later,
  type News,
  type RefundCall,
  type RefundResult,
  type StatusResult,
  withoutLimits,
} from '../channels/channel.ts'

/** Throw-away adapters of the shapes that providers have, each on a provider in memory that does what a test makes it do. */

/**
 * What happens to one request. `unsigned-no`: somebody on the way says no, whatever was done. `kept-failure`: the provider fails, and gives
 * that answer to the key for as long as it knows it.
 */
export const faults = [
  ...(['none', 'lost-question', 'lost-answer', 'unsigned-no', 'unsigned-no-but-done', 'no'] as const),
  ...(['kept-failure', 'kept-failure-but-done'] as const),
]
export type Fault = (typeof faults)[number]

export interface Provider {
  readonly channel: Channel
  /** What a test lets happen to the requests that come, one after another; then none. */
  readonly faults: Fault[]
  /** By key: minor units that were moved. */
  readonly moved: ReadonlyMap<string, number>
  /** How often it was asked for a refund, and how one is. */
  readonly asked: { refunds: number; looks: number }
  /** It forgets all keys, and does what it is asked once more. */
  forget(): void
}

const keptFailure = () => new ChannelError('told to fail for ever', 'unknown', { kept: 'failure' })
const refused = { outcome: 'refused', reason: 'told to say no', key: 'alive', cure: 'elsewhere' } as const

const provider = (
  facts: ChannelFacts,
  answer: (call: RefundCall) => RefundResult,
  status: (call: RefundCall, isKnown: boolean) => StatusResult,
  more: Pick<Channel, 'hear'> = {},
): Provider => {
  const moved = new Map<string, number>()
  const known = new Set<string>()
  const broken = new Set<string>()
  const faults: Fault[] = []
  const asked = { refunds: 0, looks: 0 }
  const move = ({ idempotencyKey: key, amount }: RefundCall) => {
    if (!known.has(key)) moved.set(key, (moved.get(key) ?? 0) + amount)
    known.add(key)
  }
  const refund = async (call: RefundCall): Promise<RefundResult> => {
    asked.refunds++
    const fault = faults.shift() ?? 'none'
    if (broken.has(call.idempotencyKey)) throw keptFailure()
    if (fault === 'kept-failure' || fault === 'kept-failure-but-done') {
      broken.add(call.idempotencyKey)
      if (fault === 'kept-failure-but-done') move(call)
      throw keptFailure()
    }
    if (fault === 'lost-question') throw new ChannelError('told to lose the question', 'unknown')
    if (fault === 'no' && !known.has(call.idempotencyKey)) return refused
    if (fault === 'unsigned-no') return { ...refused, unsure: true }
    move(call)
    if (fault === 'lost-answer') throw new ChannelError('told to lose the answer', 'unknown')
    return fault === 'unsigned-no-but-done' ? { ...refused, unsure: true } : answer(call)
  }
  const channel: Channel = {
    facts,
    refund,
    status: async (call) => {
      asked.looks++
      return status(call, (moved.get(call.idempotencyKey) ?? 0) > 0)
    },
    expectedBy: (now) => later(now, 1000),
    pollAfterMs: () => 1000,
    ...more,
  }
  return { channel, faults, moved, asked, forget: () => [known, broken].forEach((keys) => void keys.clear()) }
}

const done = ({ refundId }: RefundCall): RefundResult => ({ outcome: 'succeeded', providerRef: `re_${refundId}` })
/** A provider that says what its refunds have come to by itself. */
const hear = ({ outcome, reason = 'told so', providerRef = 'unnamed' }: News): RefundResult => {
  if (outcome === 'succeeded') return { outcome, providerRef, reversibleUntil: '2027-01-20T09:00:00.000Z' }
  return outcome === 'reversed' ? { outcome, reason } : { outcome, reason, key: 'dead', cure: 'elsewhere' }
}
/** What a refund that was taken on is, when it is asked for. */
type Becomes = 'processing' | 'done' | 'abnormal' | 'closed'
const becoming: Readonly<Record<Becomes, (call: RefundCall) => StatusResult>> = {
  processing: ({ refundId }) => ({ outcome: 'pending', providerRef: `re_${refundId}`, why: 'processing' }),
  done: (call) => done(call),
  abnormal: ({ refundId }) => ({
    ...{ outcome: 'action-required', providerRef: `re_${refundId}`, who: 'merchant' },
    what: 'send it to another card, or to our own account',
  }),
  closed: () => ({ outcome: 'key-dead', reason: 'told to be closed' }),
}
const look = (call: RefundCall, isKnown: boolean): StatusResult => (isKnown ? done(call) : { outcome: 'absent' })

const minute = 60_000

export const shapes = {
  /** Keys that are forgotten after a day; it is asked by its own id or a list. */
  stripe: () => provider({ ...withoutLimits, keyLifeMs: 1440 * minute }, done, look),
  /** It says only that it has a refund, and tells the rest by itself: nobody can ask. */
  adyen: () =>
    provider(
      { keyLifeMs: 7 * 1440 * minute, asks: 'never', spacingMs: 0 },
      ({ refundId }) => ({ outcome: 'received', providerRef: refundId }),
      () => {
        throw new Error('expected not to be asked')
      },
      { hear },
    ),
  /** Its no is not signed, its answer to a look is. A yes says whether money moved now: whoever asks again under a number looks. */
  alipay: () => {
    const made = provider({ ...withoutLimits, spacingMs: 3000 }, done, look)
    const { refund, status } = made.channel
    return {
      ...made,
      channel: {
        ...made.channel,
        refund: async (call: RefundCall): Promise<RefundResult> => {
          const had = made.moved.has(call.idempotencyKey)
          const said = await refund(call)
          if (said.outcome !== 'succeeded' || !had) return said
          const found = await status(call)
          if (found.outcome !== 'absent') return found
          throw new ChannelError('no money moved, and the provider does not know of it yet', 'unknown', {
            retryAfterMs: 10_000,
          })
        },
      },
    }
  },
  /** One number refunds once, for ever; a minute between two refunds of one payment, and so many of them. */
  wechat: () => provider({ ...withoutLimits, spacingMs: minute, windowDays: 365, maxPartials: 2 }, done, look),
  /** The same, that takes on now and does it later: it is looked at, whatever it tells by itself. One that it does not know it has not taken on. */
  wechatLater: (becomes: Becomes[]) =>
    provider(
      { ...withoutLimits, spacingMs: minute },
      (call) => ({ outcome: 'pending', providerRef: `re_${call.refundId}`, why: 'processing' }),
      (call, isKnown) => (isKnown ? becoming[becomes.shift() ?? 'processing'](call) : { outcome: 'absent' }),
    ),
} as const
