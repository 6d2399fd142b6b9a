import { describe, expect, it } from 'vitest'
import { strange } from './judge.ts'
import { customer, merchant, type Tracked } from './load.ts'

const ended = (data: object, rejected: readonly ('decide' | 'withdraw')[]): Tracked => ({
  ...{ orderId: 'ord-1', requestId: 'req-1', workflowId: 'cancel-ord-1-req-1', published: true },
  foreseen: { outcomes: new Set(['withdrawn', 'refused', 'cancelled']), attention: new Set() },
  attention: new Set(),
  ends: [{ data } as Tracked['ends'][number]],
  rejected: new Map(rejected.map((input, place) => [`event-${place}`, input])),
})

describe('an input of which the public was told that it changed nothing', () => {
  it.each([
    ['a withdrawal', { outcome: 'withdrawn', by: customer }, 'withdraw'],
    ["a merchant's no", { outcome: 'refused', code: 'merchant-rejected', by: merchant }, 'decide'],
  ] as const)('is strange after the end that %s brought', (_, end, input) => {
    expect(strange(ended(end, [input]))).toEqual([expect.stringContaining('accepted once and for all')])
    expect(strange(ended(end, []))).toEqual([])
  })

  it('is as it should be when the end came from elsewhere, and strange when there are two of one', () => {
    expect(strange(ended({ outcome: 'cancelled' }, ['withdraw']))).toEqual([])
    expect(strange(ended({ outcome: 'withdrawn', by: 'operator' }, ['withdraw']))).toEqual([])
    expect(strange(ended({ outcome: 'cancelled' }, ['withdraw', 'withdraw']))).toHaveLength(1)
  })
})
