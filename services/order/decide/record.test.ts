import type { CancellationRecord, CommandData } from '@countermand/contracts'
import { describe, expect, it } from 'vitest'
import { moment, samplePlaced, sampleRequest } from '../test/given.ts'
import { place } from './facts.ts'
import { record } from './record.ts'

const saying = (what: CancellationRecord, key = 'k1'): CommandData<'RecordCancellation'> => ({
  orderId: 'ord-1',
  requestId: 'req-1',
  round: 1,
  key,
  request: sampleRequest(),
  record: what,
})

const attention: CancellationRecord = {
  what: 'needs-attention',
  stage: 'undoing',
  reason: 'undo-failed',
  error: 'carrier is down',
  since: '2026-11-20T10:00:00Z',
  remedies: ['retry', 'skip'],
}
const rejected: CancellationRecord = {
  what: 'input-rejected',
  input: 'decide',
  code: 'too-late',
  at: '2026-11-20T11:00:00Z',
}
const waiting: CancellationRecord = {
  what: 'awaiting-merchant',
  decideBy: '2026-11-21T10:00:00Z',
  onSilence: 'reject',
  shipments: [{ shipmentId: 'shp-1', status: 'in-transit' }],
}
const decided: CancellationRecord = { what: 'decided', decision: 'reject', by: 'mer-3', at: '2026-11-20T12:00:00Z' }

describe('a record of a cancellation', () => {
  it('is told to the public with the order’s facts when it concerns it', () => {
    const { state } = place(undefined, samplePlaced())
    expect(record(state, saying(waiting), moment()).publish).toMatchObject([
      {
        type: 'order.cancellation.awaiting-merchant.v1',
        id: ['req-1', 'k1'],
        data: { decideBy: '2026-11-21T10:00:00Z', onSilence: 'reject', merchantId: 'mer-3', amount: 5919 },
      },
    ])
    expect(record(state, saying(attention), moment()).publish).toMatchObject([
      {
        type: 'order.cancellation.needs-attention.v1',
        data: { stage: 'undoing', attention: { reason: 'undo-failed', remedies: ['retry', 'skip'] } },
      },
    ])
    expect(record(state, saying(rejected), moment()).publish).toEqual([
      {
        type: 'order.cancellation.input-rejected.v1',
        id: ['req-1', 'k1'],
        data: { requestId: 'req-1', orderId: 'ord-1', input: 'decide', code: 'too-late', at: '2026-11-20T11:00:00Z' },
      },
    ])
  })

  it('of what is decided is told to the public once: whose word it is, and not who gave it by hand for them', () => {
    const { state } = place(undefined, samplePlaced())
    const silence: CancellationRecord = {
      ...{ what: 'decided', decision: 'approve', by: 'policy:silence', message: 'no answer by then' },
      at: '2026-11-21T10:00:00Z',
    }
    const told = (what: CancellationRecord) => record(state, saying(what, 'approval'), moment())
    expect(told({ ...decided, message: 'made to measure', operator: 'ann' }).publish).toEqual([
      {
        type: 'order.cancellation.decided.v1',
        id: ['req-1', 'approval'],
        data: expect.objectContaining({
          ...{ decision: 'reject', by: 'mer-3', message: 'made to measure', merchantId: 'mer-3', amount: 5919 },
        }),
      },
    ])
    expect(JSON.stringify(told({ ...decided, operator: 'ann' }).publish)).not.toContain('ann')
    const silent = told(silence)
    expect(silent.publish).toMatchObject([{ data: { decision: 'approve', by: 'policy:silence' } }])
    expect(record(silent.state, saying(silence, 'approval'), moment()).publish).toBeUndefined()
  })

  it('tells the public that a saga is stuck in words for everybody, and keeps what went wrong', () => {
    const { publish, state } = record(undefined, saying(attention), moment())
    expect(JSON.stringify(publish)).not.toContain('carrier is down')
    expect(publish).toMatchObject([{ data: { attention: { error: 'what was done could not all be taken back' } } }])
    expect(state?.requests.get('req-1')?.records).toMatchObject([{ record: { error: 'carrier is down' } }])
  })

  it('that takes an alarm up is told to the public, who decided and why is not', () => {
    const alarm = record(undefined, saying(attention, 'attention.stop-parcels-undo-1'), moment())
    const decision = (by: string): CancellationRecord => ({
      ...{ what: 'resolved', step: 'stop-parcels', direction: 'undo', round: 1, decision: 'retry' },
      ...{ by, reason: 'the carrier is up', at: '2026-11-20T12:00:00Z' },
    })
    const resumed = (by: string) =>
      record(alarm.state, saying(decision(by), 'resolved.stop-parcels-undo-1.1'), moment()).publish
    expect(resumed('ana')).toEqual([
      {
        type: 'order.cancellation.resumed.v1',
        id: ['req-1', 'attention.stop-parcels-undo-1'],
        data: expect.objectContaining({
          attention: { reason: 'undo-failed', since: '2026-11-20T10:00:00Z' },
          because: 'decided',
        }),
      },
    ])
    expect(JSON.stringify(resumed('ana'))).not.toMatch(/ana|carrier/)
    expect(resumed('news:shipment.changed.v1')).toMatchObject([{ data: { because: 'answered' } }])
  })

  it('of code that fails is kept and told once while that stands, and once more when it fails anew', () => {
    const failing: CancellationRecord = { ...attention, reason: 'workflow-task-failing' }
    const first = record(undefined, saying(failing, 'attention.workflow-task-failing.run-1'), moment())
    const again = saying(failing, 'attention.workflow-task-failing.run-1.later')
    expect(record(first.state, again, moment())).toEqual({ answer: { type: 'CancellationRecorded' } })
    const over: CancellationRecord = {
      ...{ what: 'resumed', of: 'attention.workflow-task-failing.run-1', at: '2026-11-20T11:00:00Z' },
    }
    const resumed = record(first.state, saying(over, 'resumed.run-1'), moment())
    expect(resumed.publish).toMatchObject([{ type: 'order.cancellation.resumed.v1', data: { because: 'recovered' } }])
    expect(record(resumed.state, again, moment()).publish).toHaveLength(1)
  })

  it('is kept in order of arrival, once per key, also of an order not heard of', () => {
    const first = record(undefined, saying(attention, 'k1'), moment())
    const second = record(first.state, saying(decided, 'k2'), moment('2026-11-20T12:00:01.000Z'))
    const kept = second.state?.requests.get('req-1')
    expect(kept?.status).toBe('asked')
    expect(kept?.records).toEqual([
      { key: 'k1', record: attention, at: '2026-11-20T10:00:01.000Z' },
      { key: 'k2', record: decided, at: '2026-11-20T12:00:01.000Z' },
    ])
    expect(record(second.state, saying(decided, 'k2'), moment())).toEqual({ answer: { type: 'CancellationRecorded' } })
  })

  it('of a decision answers which one counts: the first of its key, whatever a run that does not know of it says', () => {
    const deciding = (decision: 'refund-elsewhere' | 'skip'): CancellationRecord => ({
      ...{ what: 'resolved', step: 'refund', direction: 'do', round: 1, decision },
      ...{ by: 'ops-1', reason: 'looked into it', at: '2026-11-20T12:00:00Z' },
    })
    const first = record(undefined, saying(deciding('refund-elsewhere'), 'resolved.refund-do-1.1'), moment())
    const again = record(first.state, saying(deciding('skip'), 'resolved.refund-do-1.1'), moment())
    for (const { answer } of [first, again])
      expect(answer).toMatchObject({ type: 'CancellationRecorded', resolutions: [{ decision: 'refund-elsewhere' }] })
    expect(again.state).toBeUndefined()
  })

  it('of an input that was accepted is no rejection: it came again', () => {
    const turn: CancellationRecord = { what: 'turning-back', outcome: 'withdrawn', stage: 'confirming', by: 'cus-7' }
    for (const accepted of [decided, turn]) {
      const { state } = record(undefined, saying({ ...accepted, inputId: 'event:1' }, 'accepted'), moment())
      const again = (inputId: string) => record(state, saying({ ...rejected, inputId }, `input.${inputId}`), moment())
      expect(again('event:1')).toEqual({ answer: { type: 'CancellationRecorded' } })
      expect(again('event:2').publish).toHaveLength(1)
    }
  })

  it('of a turn is too late once a person has settled the refund elsewhere, and is not kept then', () => {
    const turning: CancellationRecord = { what: 'turning-back', outcome: 'withdrawn', stage: 'closing', by: 'cus-7' }
    const skipping = (step: string): CancellationRecord => ({
      ...{ what: 'resolved', step, direction: 'do', round: 1, decision: 'skip' },
      ...{ by: 'ops-1', reason: 'paid by hand', at: '2026-11-20T12:00:00Z' },
    })
    const after = (what: CancellationRecord) => {
      const { state } = record(undefined, saying(what, 'resolved'), moment())
      return record(state, saying(turning, 'turning-back'), moment())
    }
    expect(after(skipping('set-stock-aside')).answer).toMatchObject({ type: 'CancellationRecorded' })
    expect(after(skipping('refund'))).toEqual({ answer: { type: 'TurnTooLate' } })
  })

  it('of a request that nobody knows can only be a rejected input, which is told', () => {
    const { request: _, ...unknown } = saying(rejected)
    const decision = record(undefined, unknown, moment())
    expect(decision.state).toBeUndefined()
    expect(decision.publish).toMatchObject([{ type: 'order.cancellation.input-rejected.v1' }])
    expect(() => record(undefined, { ...unknown, record: attention }, moment())).toThrow(/req-1 of order ord-1/)
  })

  it('needs no request when that is known already', () => {
    const { state } = record(undefined, saying(attention), moment())
    const { request: _, ...bare } = saying(rejected, 'k2')
    expect(record(state, bare, moment()).state?.requests.get('req-1')?.records).toHaveLength(2)
  })

  it('of a reused request id is a dead letter', () => {
    const { state } = record(undefined, saying(attention), moment())
    const other = { ...saying(decided, 'k2'), request: sampleRequest({ reason: { code: 'other' } }) }
    expect(record(state, other, moment())).toEqual({
      deadLetter: { reason: 'request-id-reused', error: expect.stringContaining('req-1') },
    })
  })
})
