import type { RequestFacts } from '@countermand/order/store/facts.ts'
import { describe, expect, it } from 'vitest'
import { nextOf } from './next.ts'
import type { TimelineEntry } from './timeline.ts'

const request = (changes: Partial<RequestFacts> = {}): RequestFacts => ({
  ...{ requestId: 'req', status: 'holding', outcome: null, code: null, stage: null, message: null, amount: 1 },
  ...{ requestedAt: 'then', initiator: { kind: 'customer' }, reason: { code: 'other' } },
  ...{ startedAt: null, endedAt: null, refunds: null, records: [] },
  ...changes,
})

const kept = (what: string, facts: object = {}) => ({
  key: what,
  at: '2026-11-20T10:00:00Z',
  record: { what, ...facts },
})
const later = { at: '2026-11-20T12:00:00Z' }

const trouble = {
  ...kept('needs-attention', {
    ...{ reason: 'step-failed', error: 'carrier is down', since: '10:00' },
    remedies: ['retry', 'refund-elsewhere'],
  }),
  key: 'attention.refund-do-1',
}

const entry = (kind: 'command' | 'answer', name: string, step: string): TimelineEntry => ({
  ...{ at: '10:00', service: 'payment', kind, name, requestId: 'req', step, direction: 'do', round: 1, data: {} },
})

describe('what comes next', () => {
  it('is nothing once the request has ended', () => {
    expect(nextOf(request({ outcome: 'cancelled' }), [entry('command', 'RefundOrder', 'refund')])).toBeNull()
  })

  it('is a person too where newer code gave a reason that this one does not know', () => {
    const newer = kept('needs-attention', { reason: 'carrier-on-strike', error: 'x', since: '10:00', remedies: [] })
    expect(nextOf(request({ records: [newer] }), [])).toContain('this version does not know')
  })

  it('is a person after the end too, when a refund was reversed, and nobody for what was before the end', () => {
    const ended = { outcome: 'cancelled', endedAt: '2026-11-20T11:00:00Z' } as const
    const reversed = { ...trouble, ...later, key: 'attention.reversed.ref-1-do-1' }
    expect(nextOf(request({ ...ended, records: [trouble] }), [])).toBeNull()
    expect(nextOf(request({ ...ended, records: [reversed] }), [])).toContain('npm run saga -- resolve req')
    const decided = { ...kept('resolved', { decision: 'retry' }), ...later, key: 'resolved.reversed.ref-1-do-1.1' }
    expect(nextOf(request({ ...ended, records: [reversed, decided] }), [])).toBeNull()
  })

  it('is a person after the end too, when a parcel comes back whose intercept was taken back', () => {
    const back = { ...trouble, ...later, key: 'attention.parcel.shp-1.2026-11-20T10:00:00Z-undo-1' }
    const ended = { outcome: 'compensated', endedAt: '2026-11-20T11:00:00Z' } as const
    expect(nextOf(request({ ...ended, records: [back] }), [])).toContain('npm run saga -- resolve req --decision retry')
  })

  it('is the exact command that resolves it, for each way out, when a person is needed', () => {
    expect(nextOf(request({ records: [trouble] }), [])).toBe(
      [
        'needs attention (step-failed) since 10:00: carrier is down',
        'retry: tries the step once more; safe: what was done is not done twice',
        'npm run saga -- resolve req --decision retry --by <you> --reason <why>',
        'refund-elsewhere: sends the money there instead; safe: the refund that failed can pay no more; ask the customer first',
        'npm run saga -- resolve req --decision refund-elsewhere --to <store-credit|bank-transfer> --by <you> --reason <why>',
        'runbook: docs/runbooks/step-failed.md',
      ].join('\n'),
    )
  })

  it('is no longer a person once that was decided, but the step that has no answer', () => {
    const timeline = [
      entry('command', 'StopShipment', 'stop-parcels'),
      entry('answer', 'LabelVoided', 'stop-parcels'),
      entry('command', 'RefundOrder', 'refund'),
    ]
    expect(
      nextOf(
        request({ records: [trouble, { ...kept('resolved', { decision: 'retry' }), key: 'resolved.refund-do-1.1' }] }),
        timeline,
      ),
    ).toBe('waits for payment to answer RefundOrder, asked at 10:00')
  })

  it('is the merchant until he has decided', () => {
    const asked = kept('awaiting-merchant', { decideBy: 'noon', onSilence: 'approve' })
    expect(nextOf(request({ records: [asked] }), [])).toBe(
      "waits for the merchant's decision until noon (then: approve)",
    )
    expect(nextOf(request({ records: [asked, kept('decided')] }), [])).toBe('goes on')
  })
})
