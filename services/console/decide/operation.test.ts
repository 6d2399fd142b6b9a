import type { OperationAnswer, OperationWanted } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import type { Case, Operation } from '../state.ts'
import {
  approve,
  asShown,
  begin,
  drop,
  hasJustProved,
  isDangerous,
  movedAlone,
  needsSecond,
  send,
  stakeOf,
} from './operation.ts'

const at = { now: '2026-11-20T10:00:00.000Z', patienceOver: false }
const ann = { subject: 'ann', name: 'Ann' }
const bob = { subject: 'bob', name: 'Bob' }
const saga = { orderId: 'ord-1', requestId: 'req-1' }
const other = { orderId: 'ord-2', requestId: 'req-2' }
const parked = { step: 'refund', direction: 'do', round: 2 } as const

const wantedSkip: OperationWanted = { kind: 'resolve', decision: 'skip', sagas: [saga, other] }
const plan: OperationAnswer = {
  kind: 'sagas',
  sagas: [
    {
      ...{ ...saga, result: 'would', text: '', done: [] },
      parked: { ...parked, reason: 'step-failed', error: 'away', since: at.now, remedies: ['skip'] },
    },
    { ...other, result: 'refused', text: 'it has ended', done: [] },
  ],
}
const operation = (more: Partial<Operation> = {}): Operation => ({
  ...{ operationId: 'op-1', wanted: wantedSkip, author: ann, at: at.now, state: 'looking' },
  stake: stakeOf([{ amount: 2_000, currency: 'EUR' }]),
  ...more,
})
const kept = (more: Partial<Operation> = {}): Case => ({ parcels: [], told: new Map(), operation: operation(more) })
const fresh = { who: ann, isFresh: true }
const euros = new Map([['EUR', 2_000]])

describe('a deed of operations', () => {
  it('is dangerous when it costs somebody their money, or happens to many', () => {
    const wanted: [OperationWanted, boolean][] = [
      [{ kind: 'retry', sagas: [saga] }, false],
      [{ kind: 'retry', sagas: [saga, other] }, true],
      [{ kind: 'resolve', decision: 'undo', sagas: [saga] }, false],
      [{ kind: 'resolve', decision: 'skip', sagas: [saga] }, true],
      [{ kind: 'resolve', decision: 'refund-elsewhere', to: 'store-credit', sagas: [saga] }, true],
      [{ kind: 'redrive', letterId: 'a:0:1' }, false],
      [{ kind: 'redrive', letterId: 'a:0:1', value: '{}' }, true],
      [{ kind: 'pause-intake' }, false],
    ]
    expect(wanted.map(([each]) => isDangerous(each))).toEqual(wanted.map(([, is]) => is))
  })

  it('needs a second person from a sum on, and where nobody can count', () => {
    const of = (amount: number | undefined, currency = 'EUR') =>
      needsSecond({ wanted: wantedSkip, stake: stakeOf([{ amount, currency }]) }, euros)
    expect([of(1_999), of(2_000), of(1, 'JPY'), of(undefined)]).toEqual([false, true, true, true])
    expect(needsSecond({ wanted: wantedSkip, stake: stakeOf([]) }, undefined)).toBe(false)
    const plain: OperationWanted = { kind: 'retry', sagas: [saga] }
    expect(needsSecond({ wanted: plain, stake: stakeOf([{ amount: 9_999, currency: 'EUR' }]) }, euros)).toBe(false)
  })

  it('needs a second person too when a large sum is sent in parts, by currency', () => {
    const euro = (amount: number) => stakeOf([{ amount, currency: 'EUR' }])
    const dollars = stakeOf([{ amount: 9_999, currency: 'USD' }])
    const before = movedAlone([
      ...[euro(1_500), dollars].map((stake) => ({ wanted: wantedSkip, stake })),
      { wanted: wantedSkip, stake: euro(9_999), second: bob },
      { wanted: { kind: 'retry', sagas: [saga] }, stake: euro(9_999) },
    ])
    const of = (amount: number) => needsSecond({ wanted: wantedSkip, stake: euro(amount) }, euros, before)
    expect([of(499), of(500)]).toEqual([false, true])
    const { decision } = send('the rest', fresh, euros, before)(kept({ plan, stake: euro(500) }), at)
    expect(decision.state?.operation?.state).toBe('proposed')
  })

  it('counts a proof of the last five minutes, by a clock that is at most a minute ahead', () => {
    const now = Date.parse(at.now)
    const proved = (secondsAgo: number) => hasJustProved(new Date(now - secondsAgo * 1_000).toISOString(), now)
    expect([300, 301, 0, -60, -61, -86_400 * 365].map(proved)).toEqual([true, false, true, true, false, false])
    expect(hasJustProved(undefined, now)).toBe(false)
  })

  it('is asked for as it was shown, and of what was possible alone', () => {
    expect(asShown(wantedSkip, plan)).toEqual({ ...wantedSkip, sagas: [{ ...saga, parked }] })
    expect(asShown(wantedSkip, undefined)).toBeUndefined()
    expect(asShown(wantedSkip, { kind: 'refused', text: 'no' })).toBeUndefined()
  })

  it('is looked at first, once', () => {
    const { decision, value } = begin(operation())(undefined, at)
    expect([value, decision.state?.operation?.state]).toEqual(['done', 'looking'])
    expect(decision.publish).toMatchObject([{ data: { operationId: 'op-1', dryRun: true, by: 'Ann' } }])
    expect(begin(operation())(kept(), at)).toEqual({ decision: {}, value: 'again' })
  })

  it('is sent by its author alone, who has seen what would be done and proved who they are', () => {
    const ready = kept({ plan })
    expect(send('x', { who: bob, isFresh: true }, undefined)(ready, at).value).toBe('gone')
    expect(send('x', { who: ann, isFresh: false }, undefined)(ready, at).value).toBe('stale')
    expect(send('x', fresh, undefined)(kept(), at).value).toBe('nothing')
    expect(send('x', fresh, undefined)(kept({ plan, state: 'sent' }), at).value).toBe('again')
    const { decision, value } = send('by hand', fresh, undefined)(ready, at)
    expect([value, decision.state?.operation?.state]).toEqual(['done', 'sent'])
    expect(decision.publish).toMatchObject([{ data: { dryRun: false, reason: 'by hand' }, id: ['deed'] }])
    expect(decision.state?.deeds).toMatchObject([{ name: 'Ann', deed: 'skip', orderId: 'ord-1', came: 'sent' }])
  })

  it('is sent by two where much is at stake, and never by one person twice', () => {
    const { decision } = send('by hand', fresh, euros)(kept({ plan }), at)
    expect([decision.state?.operation?.state, decision.publish]).toEqual(['proposed', []])
    const proposed = decision.state
    expect(approve(fresh)(proposed, at).value).toBe('own')
    expect(approve({ who: bob, isFresh: false })(proposed, at).value).toBe('stale')
    const approved = approve({ who: bob, isFresh: true })(proposed, at)
    expect(approved.decision.publish).toMatchObject([{ data: { by: 'Ann', approvedBy: 'Bob', dryRun: false } }])
    expect(approve({ who: bob, isFresh: true })(approved.decision.state, at).value).toBe('gone')
    expect(drop(bob)(approved.decision.state).value).toBe('gone')
    expect(drop(bob)(proposed).decision.state?.operation).toMatchObject({ state: 'dropped', second: bob })
  })
})
