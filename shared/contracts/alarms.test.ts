import { describe, expect, it } from 'vitest'
import { type Recorded, standingAlarms } from './alarms.ts'
import { cancellationRecord } from './records.ts'

const at = (minute: number): string => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString()

const said = (records: readonly (readonly [string, object])[]): Recorded[] =>
  records.map(([key, record], minute) => ({
    key,
    record: cancellationRecord.parse({ at: at(minute), ...record }),
    at: at(minute),
  }))

const alarm = (reason: string) => ({
  ...{ what: 'needs-attention', stage: 'refunding', reason, error: 'pay: ECONNRESET' },
  ...{ since: at(0), remedies: ['retry'] },
})
const decision = (step: string, direction: string, decided: string) => ({
  ...{ what: 'resolved', step, direction, round: 1, decision: decided, by: 'ana', reason: 'the bank is back' },
})
const refund = ['attention.refund-do-1', alarm('refund-overdue')] as const
const parcels = ['attention.stop-parcels-do-1', alarm('step-failed')] as const
const code = ['attention.workflow-task-failing.run-1', alarm('workflow-task-failing')] as const

const standing = (...records: readonly (readonly [string, object])[]) =>
  standingAlarms(said(records)).map(({ key }) => key)

describe('an alarm', () => {
  it('stands until somebody has decided about it, each by itself', () => {
    expect(standing(refund, parcels)).toEqual([refund[0], parcels[0]])
    expect(
      standing(refund, parcels, ['resolved.stop-parcels-do-1.1', decision('stop-parcels', 'do', 'retry')]),
    ).toEqual([refund[0]])
  })

  it('stands though somebody would have undone it, until the saga has turned', () => {
    const undo = ['resolved.stop-parcels-do-1.1', decision('stop-parcels', 'do', 'undo')] as const
    expect(standing(parcels, undo)).toEqual([parcels[0]])
    const turn = ['turning-back', { what: 'turning-back', outcome: 'compensated', stage: 'confirming' }] as const
    expect(standing(parcels, undo, turn)).toEqual([])
    const taken = ['attention.stop-parcels-undo-1', alarm('undo-failed')] as const
    expect(standing(parcels, undo, turn, taken)).toEqual([taken[0]])
  })

  it('of a step that needs somebody again is that of its next round', () => {
    const again = ['attention.refund-do-2', alarm('refund-overdue')] as const
    expect(standing(refund, again)).toEqual([again[0]])
  })

  it('of code that fails is over once that is said, or the run has said anything', () => {
    expect(standing(code)).toEqual([code[0]])
    expect(standing(code, ['resumed.run-1', { what: 'resumed', of: code[0] }])).toEqual([])
    expect(standing(code, ['approval', { what: 'decided', decision: 'approve', by: 'mer-3' }])).toEqual([])
    expect(standing(code, refund)).toEqual([refund[0]])
    const late = ['input.event:1', { what: 'input-rejected', input: 'decide', code: 'too-late' }] as const
    expect(standing(code, late)).toEqual([code[0]])
  })

  it('of before the end of its request is over with it, and one of after it is not', () => {
    const reversed = ['attention.reversed.ref-1-do-1', alarm('refund-reversed')] as const
    expect(standingAlarms(said([code, reversed]), at(0)).map(({ key }) => key)).toEqual([reversed[0]])
    expect(standingAlarms(said([code, reversed]), at(1))).toEqual([])
  })
})
