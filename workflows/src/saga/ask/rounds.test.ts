import { type Resolution, stepOf } from '@countermand/contracts'
import { array, assert, constantFrom, property, record } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { roundOf, stepOfCall } from './rounds.ts'

test('a record has a step of its own per key, as the contract names it', () => {
  const at = '2026-11-20T10:00:00Z'
  const data = { key: 'approval', record: { what: 'decided', decision: 'approve', by: 'm', at } } as const
  expect(stepOfCall({ command: 'RecordCancellation', summary: '', data })).toBe(stepOf('RecordCancellation', data))
  expect(stepOfCall({ command: 'ForbidRefund', summary: '', data: {} })).toBe(stepOf('ForbidRefund', {}))
})

const decided = (step: string, direction: 'do' | 'undo', decision: Resolution['decision']): Resolution => ({
  step,
  direction,
  decision,
  round: 1,
  by: 'ops-1',
  reason: 'x',
  at: '2026-11-20T10:00:00Z',
})

describe('rounds', () => {
  test('a decision to try again opens the next round of that step alone', () => {
    const resolutions = [decided('refund', 'do', 'retry'), decided('refund', 'do', 'refund-elsewhere')]
    expect(roundOf(resolutions, 'RefundOrder')).toBe(3)
    expect(roundOf(resolutions, 'StopShipment')).toBe(1)
  })

  test('skipping and undoing open none', () => {
    expect(roundOf([decided('stop-parcels', 'do', 'skip')], 'StopShipment')).toBe(1)
    expect(roundOf([decided('stop-parcels', 'do', 'undo')], 'StopShipment')).toBe(1)
  })

  test('an undo is never in an earlier round than anything that it takes back, whatever was decided', () => {
    const resolution = record({
      step: constantFrom('hold-order', 'pause-fulfilment', 'stop-parcels', 'set-stock-aside', 'refund'),
      direction: constantFrom('do' as const, 'undo' as const),
      decision: constantFrom('retry' as const, 'skip' as const, 'refund-elsewhere' as const, 'undo' as const),
    }).map(({ step, direction, decision }) => decided(step, direction, decision))
    assert(
      property(array(resolution), (resolutions) => {
        const round = (name: Parameters<typeof roundOf>[1]) => roundOf(resolutions, name)
        expect(round('ResumeShipment')).toBeGreaterThanOrEqual(
          Math.max(round('StopShipment'), round('PauseFulfilment')),
        )
        expect(round('ReserveAgain')).toBeGreaterThanOrEqual(round('SetStockAside'))
        expect(round('ForbidRefund')).toBeGreaterThanOrEqual(round('RefundOrder'))
        expect(round('AbandonCancellation')).toBeGreaterThanOrEqual(round('BeginCancellation'))
      }),
    )
  })
})
