import { printableTexts } from '@countermand/testing/hostile-text.ts'
import { describe, expect, it } from 'vitest'
import { type Channel, ChannelError, type RefundCall, type RefundResult } from './channel.ts'

export const aCall = (fields: Partial<RefundCall> = {}): RefundCall => ({
  orderId: 'ord-1',
  tenderId: 't1',
  paymentRef: 'pay_ok_1',
  amount: 100,
  currency: 'EUR',
  destination: 'original',
  round: 1,
  idempotencyKey: 'req-1/t1',
  ...fields,
})

/** A refund that nobody else has asked for; the fields say what of it matters. */
export type Asked = (fields?: Partial<RefundCall>) => RefundCall

/** A channel whose refunds are moved by somebody else, and what a test needs of them. */
export interface OutsideRig {
  readonly open: () => Channel
  /** One that does its work and never answers. */
  readonly openSilent: () => Channel
  /** Minor units that the other side has given back under this key, and not taken again. */
  readonly moved: (call: RefundCall) => Promise<number>
  /** Waits until it is so. */
  readonly until: (what: string, is: () => Promise<boolean>) => Promise<unknown>
  /** Refunds by what the channel makes of them. */
  readonly asks: {
    readonly done: Asked
    readonly refused: Asked
    /** Taken on, and done, or refused, a little later. */
    readonly doneLater: Asked
    readonly refusedLater: Asked
    /** Done, and taken back a little later. */
    readonly reversedLater: Asked
    /** The first time nothing is done; the first time it is done, and its answer is lost. */
    readonly notReachedOnce: Asked
    readonly unheardOnce: Asked
  }
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
    const call = ask({ orderId: text })
    const hostile = { ...call, tenderId: text, idempotencyKey: `${encodeURIComponent(text)}/${call.idempotencyKey}` }
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

const wordsOf = (result: RefundResult): string => ('reason' in result ? result.reason : '')

/** Whatever fails on the way, money moves once for each key, and what is not known is not said. */
const onceForEachKey = ({ open, openSilent, moved, asks }: OutsideRig): void => {
  it('moves money once when the same refund is asked for many times at once', async () => {
    const call = asks.done()
    await Promise.all(Array.from({ length: 20 }, () => open().refund(call)))
    expect(await moved(call)).toBe(call.amount)
  })

  it('takes another key for another refund', async () => {
    const one = asks.done()
    const other = { ...one, idempotencyKey: `${one.idempotencyKey}/2` }
    await open().refund(one)
    await open().refund(other)
    expect([await moved(one), await moved(other)]).toEqual([one.amount, other.amount])
  })

  it.each([{ amount: 99 }, { currency: 'USD' }, { paymentRef: 'pay_ok_other' }])(
    'does not take a key again with other content: %j',
    async (other) => {
      const call = asks.done()
      await open().refund(call)
      await expect(open().refund({ ...call, ...other })).rejects.toThrow(/expected/)
      expect(await moved(call)).toBe(call.amount)
    },
  )

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

  it('says nothing of a refund that it was never asked for, and does not begin it', async () => {
    const call = asks.done()
    await expect(open().status(call)).rejects.toThrow(/\S/)
    expect(await moved(call)).toBe(0)
  })
}

const stays = ({ open, moved, until, asks }: OutsideRig): void => {
  it('stays with a final no, says why, and moves nothing', async () => {
    const call = asks.refused()
    const no = await open().refund(call)
    expect(no.outcome).toBe('refused')
    expect(wordsOf(no)).toMatch(/\S/)
    expect([await open().refund(call), await open().status(call)]).toEqual([no, no])
    expect(await moved(call)).toBe(0)
  })

  it('takes on now what it does later, and says so when it is asked', async () => {
    const call = asks.doneLater()
    expect(await open().refund(call)).toEqual({ outcome: 'pending' })
    expect(await moved(call)).toBe(0)
    await until('it to be done', async () => (await open().status(call)).outcome === 'succeeded')
    expect(await open().refund(call)).toMatchObject({ outcome: 'succeeded' })
    expect(await moved(call)).toBe(call.amount)
  })

  it('may refuse what it had taken on, and has moved nothing then', async () => {
    const call = asks.refusedLater()
    expect(await open().refund(call)).toEqual({ outcome: 'pending' })
    await until('it to be refused', async () => (await open().status(call)).outcome === 'refused')
    expect(wordsOf(await open().status(call))).toMatch(/\S/)
    expect(await moved(call)).toBe(0)
  })

  it('says beforehand that a refund may come back, and says so when it has', async () => {
    const call = asks.reversedLater()
    expect(await open().refund(call)).toEqual({ outcome: 'succeeded', reversible: true })
    await until('it to come back', async () => (await open().status(call)).outcome === 'reversed')
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
