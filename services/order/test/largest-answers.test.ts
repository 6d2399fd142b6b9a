import { answers, approvalDecision, check, type Resolution, recordedTurn, resolution } from '@countermand/contracts'
import { largest } from '@countermand/testing'
import { describe, expect, it } from 'vitest'
import { begunAnswer, type KeptRecord } from '../decide/request.ts'
import { toldDecisions } from '../decide/told-decisions.ts'
import { samplePlaced } from './given.ts'

const bytes = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
const at = '2026-11-20T10:00:00Z'

/** Decisions with reasons that JSON writes with 12,000 bytes each. */
const decisions = (count: number): Resolution[] => {
  const one = resolution.parse({
    ...Object(largest(resolution, 'escaped').value),
    step: 'stop-parcels',
    settled: undefined,
  })
  return Array.from({ length: count }, (_, round) => ({ ...one, round: round + 1 }))
}

/** An order of the most bytes that are taken, with as many lines, tenders and parcels as there may be. */
const begun = () => {
  const wide = (name: string, place: number) => `${name}${place}${'取'.repeat(70)}`
  const placed = samplePlaced({
    lines: Array.from({ length: 500 }, (_, n) => ({
      lineId: wide('l', n),
      sku: wide('s', n),
      quantity: 1,
      unitAmount: 50,
    })),
    ...{ shippingAmount: 0, shippingTaxAmount: 0 },
    tenders: Array.from({ length: 50 }, (_, n) => ({
      ...{ tenderId: wide('t', n), channel: 'cash-on-delivery' as const, amount: 500, paymentRef: 'p' },
    })),
    shipments: Array.from({ length: 200 }, (_, n) => ({
      ...{ shipmentId: `${n}${'取'.repeat(125)}`, carrier: 'c', trackingNumber: 't', status: 'label-created' as const },
    })),
  })
  expect(bytes(placed)).toBeGreaterThan(262_144)
  const { merchantId, customerId, currency, lines, shipments, tenders } = placed
  return {
    ...{ at, merchantId, customerId, currency, amount: 25_000, whole: true, refundFallback: 'store-credit' as const },
    lines: lines.map(({ lineId, sku, quantity }) => ({ lineId, sku, quantity })),
    parcels: shipments.map(({ shipmentId }) => ({ shipmentId, status: 'out-for-delivery' as const })),
    tenders: tenders.map(({ tenderId, channel, amount }) => ({ tenderId, channel, amount })),
    approval: { needed: true as const, decideBy: at, onSilence: 'approve' as const },
  }
}

const records = (count: number): KeptRecord[] => [
  {
    key: 'decided',
    at,
    record: { what: 'decided', ...approvalDecision.parse(largest(approvalDecision, 'escaped').value) },
  },
  ...decisions(count).map((each) => ({ key: `${each.round}`, at, record: { what: 'resolved', ...each } as const })),
  {
    key: 'turning-back',
    at,
    record: { what: 'turning-back', ...recordedTurn.parse(largest(recordedTurn, 'escaped').value) },
  },
]

describe('the largest answer', () => {
  it('about a hold passes its contract and fits into a message, however much was decided', () => {
    const { type: _, ...fields } = begunAnswer(begun(), records(500))
    const checked = check(answers.CancellationBegun, fields)
    expect(checked.ok ? '' : checked.problems).toBe('')
    expect(fields.decided.resolutions).toHaveLength(500)
    expect(bytes(fields)).toBeLessThan(1_000_000)
  })

  it('keeps decisions as they are while there is room, and then cuts only why', () => {
    expect(toldDecisions(decisions(3))).toEqual(decisions(3))
    const told = toldDecisions(decisions(100))
    expect(bytes(told)).toBeLessThan(300_000)
    expect(told.map((each) => ({ ...each, reason: '' }))).toEqual(
      decisions(100).map((each) => ({ ...each, reason: '' })),
    )
    expect(told[0]?.reason).toMatch(/…$/)
  })
})
