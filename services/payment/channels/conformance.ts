import { expect, it } from 'vitest'
import { type Channel, ChannelError, type RefundCall } from './channel.ts'

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

/** What every channel keeps. `open` gives one that would do the refund of {@link aCall} at once. */
export const channelConformance = (open: () => Channel): void => {
  it('gives the money back and says so', async () => {
    expect(await open().refund(aCall({ idempotencyKey: 'c1/t1' }))).toMatchObject({ outcome: 'succeeded' })
  })

  it('answers the same key with the same result, asked again or asked for its status', async () => {
    const channel = open()
    const call = aCall({ idempotencyKey: 'c2/t1' })
    const first = await channel.refund(call)
    expect(await channel.refund(call)).toEqual(first)
    expect(await channel.refund({ ...call, round: 2 })).toEqual(first)
    expect(await channel.status(call)).toEqual(first)
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

/** The outcome of a call, a technical failure by what it had reached. */
export const outcomeOf = async (channel: Channel, call: RefundCall): Promise<string> => {
  try {
    return (await channel.refund(call)).outcome
  } catch (error) {
    if (error instanceof ChannelError) return error.reached
    throw error
  }
}
