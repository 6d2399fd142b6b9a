import {
  ChannelError,
  keyOf,
  type ListedRefund,
  later,
  type Outside,
  type RefundCall,
  type RefundResult,
  type Span,
} from './channel.ts'
import { type Behaviour, behaviourOf } from './sandbox-behaviour.ts'

/**
 * The bank behind the sandbox's cards and wallets: it behaves by the payment reference, as Stripe's test cards do (the table is in
 * `README.md`). It keeps a book of its own about refunds. An entry never changes: what it says depends on the time alone, so that
 * nothing has to run for money to move late or to come back.
 */
export interface BookEntry {
  readonly orderId: string
  readonly tenderId: string
  readonly paymentRef: string
  /** Minor units. */
  readonly amount: number
  readonly currency: string
  /** ISO 8601; `null`: never. */
  readonly movesAt: string | null
  readonly refusedAt: string | null
  readonly reversesAt: string | null
  /** It releases what is only held, and moves no money. */
  readonly voids: boolean
  /** With which account it was asked for; `null`: an earlier release has not said. */
  readonly account: string | null
  /** ISO 8601. */
  readonly bookedAt: string
}

/** What the bank did stays done, whatever becomes of who asked it. */
export interface BankBook {
  /** How often it was asked for a refund of this tender, this time included. */
  countCall(call: RefundCall): Promise<number>
  /** Writes an entry, unless there is one with this key. */
  enter(key: string, entry: BookEntry): Promise<void>
  find(key: string): Promise<BookEntry | undefined>
  /** What was entered in a span of time, each with its key. */
  entered(span: Span): AsyncIterable<readonly [key: string, entry: BookEntry]>
}

const entryOf = (call: RefundCall, behaviour: Behaviour, now: string): BookEntry => {
  const { orderId, tenderId, paymentRef, amount, currency, account } = call
  const after = (milliseconds: number | undefined) => (milliseconds === undefined ? null : later(now, milliseconds))
  return {
    ...{ orderId, tenderId, paymentRef, amount, currency },
    movesAt: after(behaviour.movesAfterMs),
    refusedAt: after(behaviour.refusedAfterMs),
    reversesAt: after(behaviour.reversedAfterMs),
    voids: call.operation === 'void',
    ...{ account, bookedAt: now },
  }
}

/** For so long it may still come back after the moment in which it does. */
const minute = 60_000

/** How the refund with this key is at `now` (ISO 8601). */
export const resultAt = (now: string, key: string, entry: BookEntry): RefundResult => {
  const { paymentRef, movesAt, refusedAt, reversesAt, voids } = entry
  const isPast = (at: string | null) => at !== null && Date.parse(at) <= Date.parse(now)
  if (isPast(refusedAt))
    return {
      ...{ outcome: 'refused', reason: `the sandbox refuses refunds of ${paymentRef}` },
      ...{ key: 'dead', cure: 'elsewhere' },
    }
  if (voids && (isPast(movesAt) || isPast(reversesAt)))
    return { outcome: 'nothing-captured', reason: `the sandbox has released ${paymentRef}` }
  if (isPast(reversesAt)) return { outcome: 'reversed', reason: `the sandbox reverses refunds of ${paymentRef}` }
  if (!isPast(movesAt)) return { outcome: 'pending', providerRef: key, why: 'processing' }
  return {
    ...{ outcome: 'succeeded', providerRef: key },
    ...(reversesAt !== null && { reversibleUntil: later(reversesAt, minute) }),
  }
}

type Content = Pick<BookEntry, 'orderId' | 'tenderId' | 'paymentRef' | 'amount' | 'currency'>

const inWords = ({ orderId, tenderId, paymentRef, amount, currency }: Content): string =>
  [orderId, tenderId, paymentRef, amount, currency].join(' ')

const machine = () => new Date().toISOString()

const listedAt = (now: string, key: string, entry: BookEntry): ListedRefund => {
  const { outcome } = resultAt(now, key, entry)
  const { paymentRef, amount, currency, bookedAt: at } = entry
  const state = outcome === 'succeeded' || outcome === 'pending' ? outcome : 'failed'
  return { kind: 'refund', providerRef: key, askedAs: key, paymentRefs: [paymentRef], amount, currency, state, at }
}

/** The bank, on a book. `clock` gives ISO 8601. */
export const sandboxBank = (book: BankBook, clock: () => string = machine): Required<Outside['sandbox']> => {
  const find = async (call: RefundCall): Promise<BookEntry | undefined> => {
    const entry = await book.find(keyOf(call))
    if (entry !== undefined && inWords(entry) !== inWords(call))
      throw new Error(`expected key ${keyOf(call)} with ${inWords(entry)} again, got ${inWords(call)}`)
    return entry
  }
  return {
    refund: async (call) => {
      const behaviour = behaviourOf(call.paymentRef)
      const calls = await book.countCall(call)
      if (call.round < behaviour.firstRound || calls <= behaviour.errors)
        throw new ChannelError(`the sandbox is down for ${call.paymentRef}, nothing was done`, 'before-anything')
      await book.enter(keyOf(call), entryOf(call, behaviour, clock()))
      const entry = await find(call)
      if (entry === undefined) throw new Error(`expected a refund with key ${keyOf(call)} in the sandbox, got none`)
      if (calls <= behaviour.lostAnswers)
        throw new ChannelError(`the sandbox's answer about ${call.paymentRef} was lost`, 'unknown')
      return resultAt(clock(), keyOf(call), entry)
    },
    status: async (call) => {
      const entry = await find(call)
      return entry === undefined ? { outcome: 'absent' } : resultAt(clock(), keyOf(call), entry)
    },
    async *list(account, span) {
      for await (const [key, entry] of book.entered(span))
        if (!entry.voids && (entry.account ?? account) === account) yield listedAt(clock(), key, entry)
    },
  }
}
