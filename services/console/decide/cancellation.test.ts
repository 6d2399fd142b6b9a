import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, type Heard, heard, orderId, requestId, wholeLife } from '../test/given.ts'
import { cancellationOf } from './cancellation.ts'

const toldBy = (...all: readonly Heard[]) =>
  cancellationOf(orderId, requestId, heard(...all)?.told.get(requestId) ?? [])

/** The first of the life of the example that are enough to say: until here. */
const until = (type: string) => wholeLife.slice(0, wholeLife.findIndex((each) => each.type === type) + 1)

/** What is kept of a case, without the order in which it was heard. */
const keptOf = (all: readonly Heard[]) => {
  const known = heard(...all)
  const told = known?.told.get(requestId) ?? []
  return {
    ...{ order: known?.order, parcels: known?.parcels },
    told: told.toSorted((one, other) => (one.key < other.key ? -1 : 1)),
    row: cancellationOf(orderId, requestId, told),
  }
}

describe('what a request has come to', () => {
  it('is the same in whichever order it is heard, and however often', () => {
    const inOrder = keptOf([...wholeLife])
    const some = fc.shuffledSubarray([...wholeLife], { minLength: wholeLife.length })
    const again = fc.array(fc.constantFrom(...wholeLife), { maxLength: 10 })
    fc.assert(
      fc.property(some, again, (all, twice) => {
        expect(keptOf([...twice, ...all, ...twice])).toEqual(inOrder)
      }),
      { numRuns: 300 },
    )
  })

  it('is the newest version of the order, and the newest word about its parcels', () => {
    const known = heard(...wholeLife.toReversed())
    expect(known?.order).toMatchObject({ version: 2, placed: { market: 'AT' } })
    expect(known?.parcels.map(({ status }) => status)).toEqual(['handed-over'])
  })

  it('says where it is, and for whom it waits', () => {
    expect(toldBy(...until('order.cancellation.started.v1'))).toMatchObject({ stage: 'verifying', startedAt: at(0) })
    expect(toldBy(...until('order.cancellation.awaiting-merchant.v1'))).toMatchObject({
      ...{ stage: 'confirming', awaiting: { decideBy: at(60), onSilence: 'approve' } },
    })
    const decided = toldBy(...until('order.cancellation.decided.v1'))
    expect(decided?.awaiting).toBeUndefined()
    expect(decided).toMatchObject({
      ...{ decided: { decision: 'approve', by: 'mer-3', at: at(3) } },
      rejected: [{ input: 'decide', code: 'not-allowed', at: at(2) }],
    })
  })

  it('says that a person sees to it, until it is over, and not what went wrong', () => {
    const stuck = toldBy(...until('order.cancellation.needs-attention.v1'))
    expect(stuck).toMatchObject({ stage: 'confirming', attention: { reason: 'step-failed', since: at(4) } })
    expect(JSON.stringify(stuck)).not.toContain('carrier is away')
    expect(toldBy(...until('order.cancellation.resumed.v1'))?.attention).toBeUndefined()
  })

  it('tells of money that failed only until it is sent elsewhere', () => {
    const failed = toldBy(...until('refund.failed.v1'))
    expect(failed?.refunds).toMatchObject([{ tenderId: 't1', state: 'failed', destination: 'original' }])
    const all = toldBy(...wholeLife)
    expect(all).toMatchObject({ outcome: 'lines-cancelled', stage: 'closed', endedAt: at(9) })
    expect(all?.refunds).toMatchObject([{ tenderId: 't1', state: 'succeeded', destination: 'store-credit' }])
    expect(all?.refunds).toHaveLength(1)
  })

  it('tells at the end of a tender of which no refund was heard', () => {
    const end = wholeLife.slice(-1)
    expect(toldBy(...end)?.refunds).toMatchObject([{ tenderId: 't1', amount: 1391, state: 'succeeded', at: at(9) }])
  })

  it('is nothing where only an input was turned down: nobody knows such a request', () => {
    const rejected = wholeLife.filter(({ type }) => type === 'order.cancellation.input-rejected.v1')
    expect(rejected).toHaveLength(1)
    expect(toldBy(...rejected)).toBeUndefined()
  })
})
