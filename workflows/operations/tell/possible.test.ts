import { describe, expect, it } from 'vitest'
import { checkDecide, checkTurn } from './possible.ts'
import type { Standing } from './standing.ts'

type Running = Extract<Standing, { readonly is: 'running' }>

const running = (changes: Partial<Running> = {}): Running => ({
  ...{ is: 'running', stage: 'confirming', waitingFor: "the merchant's decision", attention: undefined },
  ...{ gate: { decideBy: '2026-11-29T18:00:00Z' }, moneyMoved: false },
  ...changes,
})
const over: readonly [Standing, string][] = [
  [
    { is: 'ended', outcome: 'compensated', code: 'refund-refused' },
    'has ended: compensated (refund-refused); see saga show',
  ],
  [{ is: 'without-run', state: 'terminated' }, 'is terminated: saga retry req starts it again'],
  [{ is: 'failing', attempt: 9 }, 'the code fails req (attempt 9): saga show req says what to do'],
]

describe("a merchant's decision", () => {
  it('is taken while the saga waits for it', () => {
    expect(checkDecide('req', running())).toMatchObject({ stage: 'confirming' })
  })

  it('is refused, with what to do, when nobody waits for it', () => {
    for (const [standing, words] of over) expect(() => checkDecide('req', standing)).toThrow(words)
    expect(() => checkDecide('req', running({ gate: 'decided' }))).toThrow(
      'was decided already; saga cancel turns it back',
    )
    expect(() =>
      checkDecide('req', running({ gate: 'not-asked', stage: 'refunding', waitingFor: 'the bank' })),
    ).toThrow('req is refunding, waits for the bank; saga list --stage confirming finds those that wait')
  })
})

describe('a wish to turn back', () => {
  it('is taken while no money has moved, and from a saga that is stuck too', () => {
    expect(checkTurn('req', running({ gate: 'decided' }), 'withdrawn')).toMatchObject({ is: 'running' })
  })

  it('is refused, with why, when it is too late', () => {
    for (const [standing, words] of over) expect(() => checkTurn('req', standing, 'stopped')).toThrow(words)
    expect(() => checkTurn('req', running({ moneyMoved: true }), 'stopped')).toThrow('money of req has moved')
    expect(() => checkTurn('req', running({ stage: 'undoing' }), 'stopped')).toThrow('on its way back already')
  })
})
