import { describe, expect, it } from 'vitest'
import { whyClosed } from './closed.ts'

const command = { name: 'RefundOrder', step: 'refund', direction: 'do', round: 1 } as const
const skip = { step: 'refund', direction: 'do', round: 1, decision: 'skip', by: 'ana' } as const
const open = { outcome: null, decided: [] }

describe('a command of the dead letters', () => {
  it('may be sent again while its saga waits for it', () => {
    expect(whyClosed(command, open, false)).toBeUndefined()
    expect(whyClosed({ ...command, round: 2 }, { ...open, decided: [skip] }, false)).toBeUndefined()
    expect(whyClosed({ ...command, step: 'set-stock-aside' }, { ...open, decided: [skip] }, false)).toBeUndefined()
  })

  it('is not sent again when a person has decided about its round, whatever else goes on', () => {
    for (const running of [true, false])
      expect(whyClosed(command, { ...open, decided: [skip] }, running)).toBe(
        'ana has decided about do refund, round 1 (skip): discard it',
      )
  })

  it('is not sent again when its saga is over, unless a run about what came after the end goes on', () => {
    const over = { outcome: 'cancelled', decided: [] }
    expect(whyClosed(command, over, false)).toBe(
      'its saga is over (cancelled), nobody waits for RefundOrder: discard it',
    )
    expect(whyClosed(command, over, true)).toBeUndefined()
  })

  it.each(['RecordCancellation', 'CloseRound', 'ReadCancellation'] as const)('%s may be sent however late', (name) => {
    expect(whyClosed({ ...command, name }, { outcome: 'cancelled', decided: [skip] }, false)).toBeUndefined()
  })
})
