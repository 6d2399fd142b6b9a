import { describe, expect, it } from 'vitest'
import type { Attention } from '../../src/protocol/inputs.ts'
import { checkDecision } from './resolution.ts'

const parked: Attention = {
  ...{ reason: 'refund-refused-after-pivot', step: 'refund', direction: 'do', round: 1, error: 'refused' },
  ...{ since: '2026-11-20T10:00:00Z', remedies: ['retry', 'skip', 'refund-elsewhere'] },
}
const who = { by: 'ana', reason: 'the customer called' }

describe('a decision', () => {
  it('is one of those that the saga offers', () => {
    expect(() => checkDecision({ decision: 'retry', ...who }, parked)).not.toThrow()
    expect(() => checkDecision({ decision: 'undo', ...who }, parked)).toThrow(
      'expected one of retry, skip, refund-elsewhere for refund, got undo',
    )
  })

  it('to refund elsewhere says where to, and no other does', () => {
    const elsewhere = { decision: 'refund-elsewhere', ...who } as const
    expect(() => checkDecision({ ...elsewhere, to: 'bank-transfer' }, parked)).not.toThrow()
    expect(() => checkDecision(elsewhere, parked)).toThrow('expected --to store-credit or --to bank-transfer')
    expect(() => checkDecision({ decision: 'retry', to: 'bank-transfer', ...who }, parked)).toThrow('alone')
  })
})
