import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  approve,
  type Batch,
  discard,
  heard,
  NotNow,
  send,
  type Transfer,
  type TransferState,
  type Word,
} from './batch.ts'

const made: Batch = {
  ...{ batchId: 'bat_1', digest: 'd1', preparedBy: 'ana', approvedBy: undefined, sentBy: undefined },
  discardedBy: undefined,
}

describe('a batch', () => {
  it('is approved by somebody else, then sent', () => {
    expect(send(approve(made, 'd1', 'ben'), 'd1', 'ana')).toMatchObject({ approvedBy: 'ben', sentBy: 'ana' })
  })

  it.each(['ana', ' Ana ', 'ANA'])('is not approved by who prepared it, written as %j', (by) => {
    expect(() => approve(made, 'd1', by)).toThrow('somebody else has to approve it')
  })

  it.each([
    ['is not sent before it is approved', () => send(made, 'd1', 'ben'), 'is not approved'],
    ['is not approved twice', () => approve(approve(made, 'd1', 'ben'), 'd1', 'cid'), 'was approved already, by ben'],
    ['is not approved as another file', () => approve(made, 'd2', 'ben'), 'not the one that ana prepared'],
    [
      'is not sent as another file',
      () => send(approve(made, 'd1', 'ben'), 'd2', 'ben'),
      'not the one that ana prepared',
    ],
    ['leaves once', () => send({ ...made, approvedBy: 'ben', sentBy: 'ben' }, 'd1', 'ana'), 'sent already, by ben'],
    [
      'is not discarded once it has left',
      () => discard({ ...made, approvedBy: 'ben', sentBy: 'ben' }, 'ana'),
      'sent already',
    ],
    ['is nothing any more once it was discarded', () => approve(discard(made, 'ana'), 'd1', 'ben'), 'discarded by ana'],
  ])('%s', (_, does, words) => {
    expect(does).toThrow(words)
  })

  it('never leaves twice, nor looked at by one person alone, whatever people try', () => {
    const who = fc.constantFrom('ana', 'ANA ', 'ben', 'cid')
    const step = fc.tuple(fc.constantFrom('approve', 'send', 'discard'), fc.constantFrom('d1', 'd2'), who)
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let batch = made
        let left = 0
        for (const [what, digest, by] of steps)
          try {
            const next = {
              approve: () => approve(batch, digest, by),
              send: () => send(batch, digest, by),
              discard: () => discard(batch, by),
            }[what]()
            if (what === 'send') left += 1
            batch = next
          } catch (error) {
            expect(error).toBeInstanceOf(NotNow)
          }
        expect(left).toBeLessThanOrEqual(1)
        if (left === 1) expect(batch.approvedBy?.trim().toLowerCase()).not.toBe('ana')
        if (left === 1) expect(batch.discardedBy).toBeUndefined()
      }),
    )
  })
})

const transfer = (state: TransferState): Transfer => ({
  ...{ refundId: 'ref_1', amount: 3351, currency: 'EUR', state, reason: undefined },
})
const word = (says: Word['says'], more: Partial<Word> = {}): Word => ({
  ...{ refundId: 'ref_1', says, reason: undefined, amount: undefined, currency: undefined },
  ...more,
})

describe('what a bank says of a transfer', () => {
  it.each([
    ['sent', 'booked', 'booked'],
    ['sent', 'rejected', 'rejected'],
    ['sent', 'returned', 'returned'],
    ['booked', 'returned', 'returned'],
    ['returned', 'booked', 'returned'],
  ] as const)('%s: it is %s', (state, says, becomes) => {
    expect(heard(transfer(state), word(says))).toMatchObject({ state: becomes })
  })

  it.each([
    ['due', 'booked', 'has not been sent'],
    ['batched', 'returned', 'has not been sent'],
    ['booked', 'rejected', 'it is booked, the bank says that it is rejected'],
    ['rejected', 'booked', 'it was rejected'],
    ['rejected', 'returned', 'it was rejected'],
  ] as const)('cannot be: %s, and it is %s', (state, says, words) => {
    expect(heard(transfer(state), word(says))).toEqual({ error: expect.stringContaining(words) })
  })

  it('is of the amount that was sent', () => {
    expect(heard(transfer('sent'), word('booked', { amount: 3351, currency: 'EUR' }))).toMatchObject({
      state: 'booked',
    })
    for (const other of [
      { amount: 3350, currency: 'EUR' },
      { amount: 3351, currency: 'USD' },
    ])
      expect(heard(transfer('sent'), word('booked', other))).toEqual({
        error: expect.stringContaining('expected 3351 EUR'),
      })
  })

  it('changes nothing when it is said again, and no no becomes a yes', () => {
    const words = fc.array(fc.constantFrom('booked', 'rejected', 'returned'), { maxLength: 8 })
    fc.assert(
      fc.property(words, (said) => {
        let now = transfer('sent')
        const states = said.map((says) => {
          const next = heard(now, word(says))
          if (!('error' in next)) {
            expect(heard(next, word(says))).toBe(next)
            now = next
          }
          return now.state
        })
        const ended = states.findIndex((state) => state === 'rejected' || state === 'returned')
        if (ended >= 0) expect(new Set(states.slice(ended)).size).toBe(1)
      }),
    )
  })
})
