import { describe, expect, it } from 'vitest'
import type { Notice } from '../senders/sender.ts'
import type { Reference } from '../store/store.ts'
import { leaveFor, match, namedAnew, namesIn } from './match.ts'

const notice: Notice = {
  ...{ eventId: 'evt_1', type: 'refund.updated', occurredAt: '2026-11-20T10:00:00.000Z', about: 'refund' },
  ...{ refundId: 'ref_1', payments: ['pi_1', 'ch_1'], providerRef: 're_1', amount: 1391, currency: 'EUR' },
}
const waiting = (change: Partial<Notice> = {}) => ({
  ...{ account: 'acc-1', provider: 'stripe', traceparent: null, age: 0 },
  notice: { ...notice, ...change },
})
const { refundId: _, ...withoutId } = notice
const foreign = { ...waiting(), notice: withoutId }
const name = (kind: Reference['kind'], reference: string, more: Partial<Reference> = {}): Reference => ({
  ...{ account: 'acc-1', kind, reference, orderId: 'ord-1', part: 't1', ...more },
})
const said = { orderId: 'ord-1', tenderId: 't1', account: 'acc-1', notificationId: 'evt_1', providerRef: 're_1' }
const dataOf = (is: ReturnType<typeof match>) => (typeof is === 'string' ? is : is.map(({ data }) => data))

it('asks for every name that it may be known by', () => {
  expect(namesIn(waiting()).map(({ kind, reference }) => [kind, reference])).toEqual([
    ['refund', 'ref_1'],
    ['payment', 'pi_1'],
    ['payment', 'ch_1'],
  ])
})

describe('a refund', () => {
  it('of ours is looked at', () => {
    expect(dataOf(match(waiting(), [name('refund', 'ref_1'), name('payment', 'pi_1')], false))).toMatchObject([
      { ...said, kind: 'look', refundId: 'ref_1' },
    ])
  })

  it('of ours is told as a fact where its provider cannot be asked', () => {
    const fact = { outcome: 'refused', reason: 'the scheme said no' } as const
    expect(dataOf(match(waiting({ fact }), [name('refund', 'ref_1')], false))).toMatchObject([
      { ...said, kind: 'fact', refundId: 'ref_1', fact, amount: 1391, currency: 'EUR' },
    ])
  })

  it('that bears our name is never taken for somebody else’s, however late it is heard of', () => {
    expect(match(waiting(), [name('payment', 'pi_1')], false)).toBe('later')
    expect(match(waiting(), [name('payment', 'pi_1')], true)).toBe('nobody')
  })

  it('without our name, of a payment of ours, was made by somebody else; one that failed came to nothing', () => {
    const known = [name('payment', 'ch_1')]
    expect(dataOf(match(foreign, known, false))).toMatchObject([
      {
        ...{ ...said, kind: 'foreign-refund', paymentRef: 'ch_1', amount: 1391, currency: 'EUR' },
        fact: { outcome: 'succeeded' },
      },
    ])
    const inAll = { ...foreign, notice: { ...withoutId, inAll: true } as const }
    expect(dataOf(match(inAll, known, false))).toMatchObject([{ kind: 'foreign-refund', amount: 1391, inAll: true }])
    const undone = { ...foreign, notice: { ...withoutId, undone: true } as const }
    expect(dataOf(match(undone, known, false))).toMatchObject([
      { kind: 'foreign-refund', fact: { outcome: 'reversed' } },
    ])
  })

  it('of a payment of several orders is nobody’s: whose money it was is not known', () => {
    const known = [name('payment', 'pi_1'), name('payment', 'pi_1', { orderId: 'ord-2' })]
    expect(match(foreign, known, false)).toBe('nobody')
  })

  it('is one, by whichever names its payment is known', () => {
    expect(match(foreign, [name('payment', 'pi_1'), name('payment', 'ch_1')], false)).toHaveLength(1)
  })

  it('that nobody knows is waited for, and then nobody’s', () => {
    expect([match(waiting(), [], false), match(waiting(), [], true)]).toEqual(['later', 'nobody'])
  })
})

it('whoever signs for one account says nothing of another’s payments', () => {
  const others = [name('refund', 'ref_1', { account: 'acc-2' }), name('payment', 'pi_1', { account: 'acc-2' })]
  expect(match(waiting(), others, true)).toBe('nobody')
})

it.each([
  ['payment', 'look'],
  ['dispute', 'dispute'],
  ['capture', 'captured'],
] as const)('news of a %s is told to each order that it pays', (about, kind) => {
  const known = [name('payment', 'pi_1'), name('payment', 'pi_1', { orderId: 'ord-2' })]
  expect(dataOf(match({ ...foreign, notice: { ...withoutId, about } }, known, false))).toMatchObject([
    { kind, orderId: 'ord-1' },
    { kind, orderId: 'ord-2' },
  ])
})

it('a payment that was taken is known by each name that its capture bears, to the account that told it', () => {
  const taken = { ...foreign, notice: { ...withoutId, about: 'capture', payments: ['A1', 'C1'] } } as const
  const [held, other] = [name('payment', 'A1'), name('payment', 'A1', { orderId: 'ord-2', part: 't2' })]
  expect(namedAnew(taken, [held, other])).toEqual([
    ...[held, name('payment', 'C1')],
    ...[other, name('payment', 'C1', { orderId: 'ord-2', part: 't2' })],
  ])
  expect(namedAnew(taken, [{ ...held, account: 'acc-2' }])).toEqual([])
  for (const about of ['dispute', 'refund', 'payment'] as const)
    expect(namedAnew({ ...taken, notice: { ...taken.notice, about } }, [held])).toEqual([])
})

describe('news of a parcel', () => {
  const parcel = { carrier: 'acme', trackingNumber: 'AC-1', status: 'in-transit' } as const
  const news = { ...waiting(), notice: { ...withoutId, about: 'parcel', payments: [], parcel } } as const
  const here = name('parcel', 'AC-1', { account: 'acme', part: 'shp-1' })
  const speaks = name('order', 'ord-1', { part: '' })

  it('without a status is a reason to ask its carrier', () => {
    const { status: _, ...somewhere } = parcel
    const look = { ...news, notice: { ...news.notice, parcel: somewhere } }
    const may = name('order', 'ord-1', { part: '' })
    expect(match(look, [here, may], false)).toEqual([
      {
        ...{ type: 'carrier.notified.v1', part: 'shp-1' },
        data: {
          ...{ orderId: 'ord-1', shipmentId: 'shp-1', carrier: 'acme', trackingNumber: 'AC-1', account: 'acc-1' },
          ...{ provider: 'stripe', notificationId: 'evt_1', kind: 'look', occurredAt: notice.occurredAt },
        },
      },
    ])
    expect(match(look, [here], true)).toBe('nobody')
  })

  it('with what became of a stop is told with it', () => {
    const { status: _, ...somewhere } = parcel
    const stop = { carrierRef: 'KD1', outcome: { result: 'intercepted' } } as const
    const told = { ...news, notice: { ...news.notice, parcel: { ...somewhere, stop } } }
    expect(dataOf(match(told, [here, speaks], false))).toMatchObject([{ kind: 'outcome', ...stop }])
  })

  it('is told of the order whose parcel has that number', () => {
    expect(leaveFor(news, [here])).toEqual([{ account: 'acc-1', kind: 'order', reference: 'ord-1' }])
    expect(match(news, [here, speaks], false)).toEqual([
      {
        ...{ type: 'shipment.updated.v1', part: 'shp-1' },
        data: { orderId: 'ord-1', shipmentId: 'shp-1', ...parcel, at: notice.occurredAt },
      },
    ])
  })

  it('of an order of somebody else’s merchant, or of another carrier, is nobody’s', () => {
    expect(match(news, [here], true)).toBe('nobody')
    expect(match(news, [here, { ...speaks, account: 'acc-2' }], true)).toBe('nobody')
    expect(match(news, [{ ...here, account: 'other' }, speaks], true)).toBe('nobody')
    expect(match(news, [], false)).toBe('later')
  })
})
