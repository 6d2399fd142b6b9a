import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { Http } from '@countermand/providers/http.ts'
import { printableTexts } from '@countermand/testing/hostile-text.ts'
import { describe, expect, it } from 'vitest'
import { askFor } from './ask.ts'
import {
  type Channel,
  ChannelError,
  keyOf,
  type ListedRefund,
  type Outside,
  type RefundCall,
  type Span,
  type StatusResult,
} from './channel.ts'

/** A refund's id, of which there is no other. */
const anId = (number: number): string => `ref_${number.toString(16).padStart(24, '0')}`

export const aCall = (fields: Partial<RefundCall> = {}): RefundCall => ({
  refundId: anId(0),
  orderId: 'ord-1',
  tenderId: 't1',
  merchantId: 'mer-1',
  customerId: 'cus-1',
  account: 'sandbox-card',
  paymentRef: 'pay_ok_1',
  paidTotal: 100,
  operation: 'refund',
  amount: 100,
  currency: 'EUR',
  destination: 'original',
  round: 1,
  reason: 'changed-mind',
  idempotencyKey: anId(0),
  firstAskedAt: '2026-11-20T09:00:00.000Z',
  ...fields,
})

/** A refund that nobody else has asked for; the fields say what of it matters. */
export type Asked = (fields?: Partial<RefundCall>) => RefundCall

/** A channel whose refunds are moved by somebody else, and what a test needs of them. */
export interface OutsideRig {
  readonly open: () => Channel
  /** One that does its work and never answers. */
  readonly openSilent: () => Channel
  /** One that is answered so many requests, and reaches nobody with any other; absent: it sends none. */
  readonly openReaching?: (requests: number) => Channel
  /** Minor units that the other side has given back under this key, and not taken again. */
  readonly moved: (call: RefundCall) => Promise<number>
  /** Lets the time pass that has to be between two refunds of a payment; absent: none has to. */
  readonly between?: () => Promise<unknown>
  /** A key is one of its payment alone: with another payment it is another refund. */
  readonly keysOfPayment?: true
  /** Waits until it is so. */
  readonly until: (what: string, is: () => Promise<boolean>) => Promise<unknown>
  /** Refunds by what the channel makes of them. */
  readonly asks: {
    readonly done: Asked
    readonly refused: Asked
    /** Taken on, and done, or refused, a little later; absent: what is taken on is done. */
    readonly doneLater?: Asked
    readonly refusedLater?: Asked
    /** Of a payment that is only held; absent: there are none. */
    readonly held?: Asked
    /** Done, and taken back a little later; absent: what is done stays so. */
    readonly reversedLater?: Asked
    /** The first time nothing is done; the first time it is done, and its answer is lost. */
    readonly notReachedOnce: Asked
    readonly unheardOnce: Asked
    /** Done, though the first answer does not say so; absent: who does it says so. */
    readonly unsaid?: Asked
  }
}

/** One whose refunds can do all of it. */
export interface WholeRig extends OutsideRig {
  readonly asks: Required<Omit<OutsideRig['asks'], 'unsaid'>>
}

/** A way to providers on which so many requests are answered, and nobody is reached by any other. */
export const reaching = ({ call }: Pick<Http, 'call'>, requests: number): Pick<Http, 'call'> => {
  let left = requests
  return {
    call: (account, place) => {
      const ask = call(account, place)
      return async (request) => {
        if (left-- > 0) return await ask(request)
        throw new CallFailed('it is known to be away', 'before-anything', { trouble: 'outage', retryAfterMs: 1_000 })
      }
    },
  }
}

let asked = 0
/** Refunds that no other test has: each its own id, under which it is asked for. `payment`: what it is of. */
export const askingFor =
  (payment: (number: number) => string, account: string, of: Partial<RefundCall> = {}): Asked =>
  (fields) => {
    const refundId = anId(++asked)
    return aCall({ paymentRef: payment(asked), account, refundId, idempotencyKey: refundId, ...of, ...fields })
  }

/** Refunds of tenders that no other test has, for the sandbox counts per tender, under keys as an earlier release has given them. */
const asking =
  (paymentRef: string): Asked =>
  (fields) => {
    const refundId = anId(++asked)
    const { tenderId = `t-${asked}` } = fields ?? {}
    const idempotencyKey = `req-1/${encodeURIComponent(tenderId)}/${asked}`
    return aCall({ paymentRef, tenderId, refundId, idempotencyKey, ...fields })
  }

/** What the sandbox makes of each is in its payment reference. */
export const sandboxAsks: WholeRig['asks'] = {
  done: asking('pay_ok'),
  refused: asking('pay_refuse'),
  doneLater: asking('pay_slow_300'),
  refusedLater: asking('pay_late_refuse_300'),
  held: asking('pay_ok'),
  reversedLater: asking('pay_reverse_300'),
  notReachedOnce: asking('pay_flaky_1'),
  unheardOnce: asking('pay_lost_1'),
}

/** The sandbox as it is when it does what it is asked and its answers stay away. */
export const unheard = (sandbox: Outside['sandbox']): Outside => {
  const never = new Promise<never>(() => {})
  return { sandbox: { refund: (call) => sandbox.refund(call).then(() => never), status: () => never } }
}

/** A channel that does its work and never answers. */
export const silent = (channel: Channel): Channel => {
  const never = new Promise<never>(() => {})
  return { ...channel, refund: (call) => channel.refund(call).then(() => never) }
}

/** The outcome of a call, a technical failure by what it had reached. */
export const outcomeOf = async (channel: Channel, call: RefundCall): Promise<string> => {
  try {
    return (await channel.refund(call)).outcome
  } catch (error) {
    if (error instanceof ChannelError) return error.reached
    throw error
  }
}

/** What every channel keeps, also one that the ledger holds. `ask`: refunds that it does at once. */
export const channelConformance = (open: () => Channel, ask: Asked): void => {
  it('gives the money back and says so', async () => {
    expect(await open().refund(ask())).toMatchObject({ outcome: 'succeeded' })
  })

  it('answers the same key with the same result, asked again, in another round, or for its status', async () => {
    const channel = open()
    const call = ask()
    const first = await channel.refund(call)
    expect(await channel.refund(call)).toEqual(first)
    expect(await channel.refund({ ...call, round: 2 })).toEqual(first)
    expect(await channel.status(call)).toEqual(first)
    expect(await open().status(call)).toEqual(first)
  })

  it.each(Object.entries(printableTexts))('takes ids with %s as they are', async (_, text) => {
    const channel = open()
    const hostile = ask({ orderId: text, tenderId: text })
    const first = await channel.refund(hostile)
    expect(first).toMatchObject({ outcome: 'succeeded' })
    expect(await channel.status(hostile)).toEqual(first)
  })

  it('tells when the customer should see the money, not before the refund', () => {
    const now = '2026-11-20T09:00:00.000Z'
    expect(Date.parse(open().expectedBy(now))).toBeGreaterThanOrEqual(Date.parse(now))
  })

  it('is looked at again after a while that does not get shorter', () => {
    const waits = [1, 2, 3, 10, 1000].map((attempt) => open().pollAfterMs(attempt))
    expect(waits.every((wait) => wait > 0 && Number.isSafeInteger(wait))).toBe(true)
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits)
  })
}

const wordsOf = (result: StatusResult): string => ('reason' in result ? result.reason : '')

/** Whatever fails on the way, money moves once for each key, and what is not known is not said. */
const onceForEachKey = (rig: OutsideRig): void => {
  const { open, openSilent, openReaching, moved, asks, between, keysOfPayment } = rig
  it('moves money once when the same refund is asked for many times at once', async () => {
    const call = asks.done()
    await Promise.all(Array.from({ length: 20 }, () => open().refund(call)))
    expect(await moved(call)).toBe(call.amount)
  })

  const { held } = asks
  if (held !== undefined)
    it('releases what is only held: it says that nothing was taken, however often it is asked, and moves nothing', async () => {
      const call = { ...held(), operation: 'void' } as const
      const first = await open().refund(call)
      expect(first).toMatchObject({ outcome: 'nothing-captured', reason: expect.stringMatching(/\S/) })
      expect([await open().refund(call), await open().status(call)]).toEqual([first, first])
      expect(await moved(call)).toBe(0)
    })

  it('takes another key for another refund', async () => {
    const one = asks.done()
    const { refundId, idempotencyKey } = asks.done()
    const other = { ...one, refundId, idempotencyKey }
    await open().refund(one)
    await between?.()
    await open().refund(other)
    expect([await moved(one), await moved(other)]).toEqual([one.amount, other.amount])
  })

  const others: Readonly<Record<string, () => Partial<RefundCall>>> = {
    amount: () => ({ amount: 99 }),
    currency: () => ({ currency: 'USD' }),
    ...(keysOfPayment ? {} : { payment: () => ({ paymentRef: `${asks.done().paymentRef}9` }) }),
  }
  it.each(Object.entries(others))('does not take a key again with another %s', async (_, other) => {
    const call = asks.done()
    await open().refund(call)
    // As payment asks: what may be said of an earlier call is looked up.
    await expect(askFor(open(), { ...call, ...other() }, false)).rejects.toThrow(/\S/)
    expect(await moved(call)).toBe(call.amount)
  })

  it('says that nothing was done when nothing was, and does it when asked again', async () => {
    const call = asks.notReachedOnce()
    expect(await outcomeOf(open(), call)).toBe('before-anything')
    expect(await moved(call)).toBe(0)
    expect(await outcomeOf(open(), call)).toBe('succeeded')
    expect(await moved(call)).toBe(call.amount)
  })

  it('does not know what a lost answer said, and does nothing again when asked again', async () => {
    const call = asks.unheardOnce()
    expect(await outcomeOf(open(), call)).toBe('unknown')
    expect(await outcomeOf(open(), call)).toBe('succeeded')
    expect(await moved(call)).toBe(call.amount)
  })

  it('finds by its status what was done and never answered, and does nothing again', async () => {
    const call = asks.done()
    void openSilent().refund(call)
    await expect.poll(() => moved(call)).toBe(call.amount)
    expect(await open().status(call)).toMatchObject({ outcome: 'succeeded' })
    expect(await open().refund(call)).toMatchObject({ outcome: 'succeeded' })
    expect(await moved(call)).toBe(call.amount)
  })

  if (openReaching !== undefined)
    it('does not say that nothing was done when something was, after whichever request it reaches nobody any more', async () => {
      const isDone: boolean[] = []
      for (const requests of [0, 1, 2, 3]) {
        const call = (asks.unsaid ?? asks.done)()
        const outcome = await outcomeOf(openReaching(requests), call)
        isDone.push((await moved(call)) > 0)
        expect([requests, outcome]).toEqual([
          requests,
          expect.stringMatching(isDone.at(-1) ? /unknown|succeeded/ : /before-anything/),
        ])
      }
      expect([isDone.at(0), isDone.at(-1)]).toEqual([false, true])
    })

  it('says nothing of a refund that it was never asked for but that there is none, and does not begin it', async () => {
    const call = asks.done()
    const said = await open()
      .status(call)
      .then(
        ({ outcome }) => outcome,
        (error: Error) => error.message,
      )
    expect(said).toMatch(/absent|\s/)
    expect(await moved(call)).toBe(0)
  })
}

const stays = ({ open, moved, until, asks }: OutsideRig): void => {
  it('stays with a final no, says why, and moves nothing', async () => {
    const call = asks.refused()
    const no = await open().refund(call)
    expect(no.outcome).toBe('refused')
    expect(wordsOf(no)).toMatch(/\S/)
    expect(no).toMatchObject({ key: expect.stringMatching(/alive|dead/), cure: expect.stringMatching(/\S/) })
    expect(await open().refund(call)).toEqual(no)
    // Of some refusals a provider keeps nothing.
    expect([no, { outcome: 'absent' }]).toContainEqual(await open().status(call))
    expect(await moved(call)).toBe(0)
  })

  const { doneLater } = asks
  if (doneLater !== undefined)
    it('takes on now what it does later, and says so when it is asked', async () => {
      const call = doneLater()
      expect(await open().refund(call)).toMatchObject({ outcome: 'pending', why: expect.stringMatching(/\S/) })
      expect(await moved(call)).toBe(0)
      await until('it to be done', async () => (await open().status(call)).outcome === 'succeeded')
      // For its key a provider may repeat what it said first.
      expect((await open().refund(call)).outcome).toMatch(/succeeded|pending/)
      expect(await moved(call)).toBe(call.amount)
    })

  const { refusedLater } = asks
  if (refusedLater !== undefined)
    it('may refuse what it had taken on, and has moved nothing then', async () => {
      const call = refusedLater()
      expect(await open().refund(call)).toMatchObject({ outcome: 'pending', why: expect.stringMatching(/\S/) })
      await until('it to be refused', async () => (await open().status(call)).outcome === 'refused')
      expect(wordsOf(await open().status(call))).toMatch(/\S/)
      expect(await moved(call)).toBe(0)
    })

  const { reversedLater } = asks
  if (reversedLater !== undefined)
    it('says beforehand that a refund may come back, and says so when it has', async () => {
      const call = reversedLater()
      const done = await open().refund(call)
      expect(done.outcome === 'succeeded' && Date.parse(done.reversibleUntil ?? '')).toBeGreaterThan(Date.now())
      // A provider may have one word for both: what had succeeded before tells which it is.
      await until('it to come back', async () => /reversed|refused/.test((await open().status(call)).outcome))
      expect(wordsOf(await open().status(call))).toMatch(/\S/)
      expect(await moved(call)).toBe(0)
    })
}

/** What a channel keeps beside, whose money somebody else moves. */
export const outsideConformance = (rig: OutsideRig): void => {
  channelConformance(rig.open, rig.asks.done)
  describe('money', () => onceForEachKey(rig))
  describe('an answer', () => stays(rig))
}

/** Whatever the clocks of both sides are. */
const ever: Span = { from: '2026-01-01T00:00:00.000Z', to: '2100-01-01T00:00:00.000Z' }
const before: Span = { from: '2020-01-01T00:00:00.000Z', to: '2026-01-01T00:00:00.000Z' }

const listedBy = async ({ list }: Channel, account: string, span: Span): Promise<ListedRefund[]> => {
  if (list === undefined) throw new Error('expected a channel that lists')
  const found: ListedRefund[] = []
  for await (const each of list(account, span)) if (each.kind === 'refund') found.push(each)
  return found
}

/** What a channel keeps beside, whose provider says what has moved. `many`: so many refunds do not come in one answer. */
export const listingConformance = (rig: WholeRig & { readonly many: number }): void => {
  const { open, until, asks, many } = rig
  const listed = async (call: RefundCall): Promise<ListedRefund[]> =>
    (await listedBy(open(), call.account, ever)).filter(
      ({ askedAs }) => askedAs === call.refundId || askedAs === keyOf(call),
    )
  const isListed = (call: RefundCall, state: ListedRefund['state']) => async () =>
    (await listed(call)).some((each) => each.state === state)

  describe('a list', () => {
    it('has what was moved, once, with its payment, its amount, and the name that its answer gave it', async () => {
      const call = asks.done()
      const done = await open().refund(call)
      await open().refund(call)
      expect(await listed(call)).toMatchObject([
        {
          ...{ amount: call.amount, currency: call.currency, state: 'succeeded' },
          ...{ providerRef: 'providerRef' in done && done.providerRef },
          paymentRefs: expect.arrayContaining([call.paymentRef]),
        },
      ])
    })

    it('says of each how it is now', async () => {
      const [done, refused, back] = [asks.doneLater(), asks.refusedLater(), asks.reversedLater()]
      for (const call of [done, refused, back]) await open().refund(call)
      expect((await listed(done)).map(({ state }) => state)).toEqual(['pending'])
      await until('the one to be done', isListed(done, 'succeeded'))
      await until('the others to have failed', async () =>
        (await Promise.all([refused, back].map((call) => isListed(call, 'failed')()))).every(Boolean),
      )
    })

    it('has no release of what was only held', async () => {
      const call = { ...asks.held(), operation: 'void' } as const
      await open().refund(call)
      expect(await listed(call)).toEqual([])
    })

    it('has each of many once', async () => {
      const calls = Array.from({ length: many }, () => asks.done())
      for (const call of calls) await open().refund(call)
      const all = await listedBy(open(), asks.done().account, ever)
      const ours = new Set(calls.flatMap((call) => [call.refundId, keyOf(call)]))
      expect(all.filter(({ askedAs = '' }) => ours.has(askedAs))).toHaveLength(many)
      expect(new Set(all.map(({ providerRef }) => providerRef)).size).toBe(all.length)
    })

    it('has nothing of another time', async () => {
      const call = asks.done()
      await open().refund(call)
      expect(await listedBy(open(), call.account, before)).toEqual([])
    })
  })
}
