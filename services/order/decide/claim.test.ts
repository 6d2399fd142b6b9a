import { orderTotal } from '@countermand/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samplePlaced } from '../test/samples.ts'
import { claimOf } from './claim.ts'
import type { Order } from './order.ts'

const whole: Order = { placed: samplePlaced(), cancelled: new Map(), parcels: [] }

const linesArbitrary = fc
  .array(
    fc.record({
      quantity: fc.integer({ min: 1, max: 7 }),
      unitAmount: fc.integer({ min: 0, max: 99_999 }),
      discountShare: fc.double({ min: 0, max: 1, noNaN: true }),
      taxAmount: fc.integer({ min: 0, max: 9_999 }),
    }),
    { minLength: 1, maxLength: 4 },
  )
  .map((lines) =>
    lines.map(({ discountShare, ...line }, n) => ({
      ...line,
      lineId: `line-${n}`,
      sku: `SKU-${n}`,
      discountAmount: Math.floor(line.unitAmount * line.quantity * discountShare),
    })),
  )

const orderArbitrary = fc
  .record({
    lines: linesArbitrary,
    shippingAmount: fc.integer({ min: 0, max: 9_999 }),
    shippingTaxAmount: fc.integer({ min: 0, max: 999 }),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  })
  .map((order) =>
    samplePlaced({
      ...order,
      tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: orderTotal(order), paymentRef: 'pay_ok' }],
    }),
  )

describe('what a request takes out of an order', () => {
  it('is all of it, shipping included, when no lines are named', () => {
    expect(claimOf(whole, undefined)).toEqual({
      lines: [
        { lineId: '1', quantity: 3, sku: 'SKU-MUG' },
        { lineId: '2', quantity: 2, sku: 'SKU-CUP' },
      ],
      amount: 5919,
      whole: true,
    })
  })

  it('is the named units at their frozen shares, without shipping', () => {
    // 1000 − ⌊100 / 3⌋ + ⌊451 / 3⌋
    expect(claimOf(whole, [{ lineId: '1', quantity: 1 }])).toEqual({
      lines: [{ lineId: '1', quantity: 1, sku: 'SKU-MUG' }],
      amount: 1117,
      whole: false,
    })
  })

  it('is what is left, with the rounding remainder and shipping, after lines were cancelled', () => {
    const rest = claimOf({ ...whole, cancelled: new Map([['1', 1]]) }, undefined)
    expect(rest).toEqual({
      lines: [
        { lineId: '1', quantity: 2, sku: 'SKU-MUG' },
        { lineId: '2', quantity: 2, sku: 'SKU-CUP' },
      ],
      amount: 5919 - 1117,
      whole: true,
    })
  })

  it('exceeds the order when a line is unknown or has fewer units left', () => {
    expect(claimOf(whole, [{ lineId: 'constructor', quantity: 1 }])).toEqual({
      exceeded: 'expected a line of order ord-1, got constructor',
    })
    const after = { ...whole, cancelled: new Map([['1', 2]]) }
    expect(claimOf(after, [{ lineId: '1', quantity: 2 }])).toEqual({ exceeded: 'expected at most 1 of line 1, got 2' })
  })

  it('adds up to what was paid, however the order is cancelled piece by piece', () => {
    const picks = fc.array(fc.record({ line: fc.nat(), quantity: fc.integer({ min: 1, max: 7 }) }), { maxLength: 12 })
    fc.assert(
      fc.property(orderArbitrary, picks, (placed, sequence) => {
        let order: Order = { placed, cancelled: new Map(), parcels: [] }
        let sum = 0
        const cancel = (lines: { lineId: string; quantity: number }[] | undefined) => {
          const claim = claimOf(order, lines)
          if ('exceeded' in claim) return
          expect(claim.amount).toBeGreaterThanOrEqual(0)
          sum += claim.amount
          const cancelled = new Map(order.cancelled)
          for (const line of claim.lines) cancelled.set(line.lineId, (cancelled.get(line.lineId) ?? 0) + line.quantity)
          order = { ...order, cancelled }
        }
        for (const { line, quantity } of sequence) {
          const lineId = placed.lines[line % placed.lines.length]?.lineId ?? ''
          const left = claimOf(order, undefined)
          if ('lines' in left && left.lines.length > 0) cancel([{ lineId, quantity }])
        }
        const left = claimOf(order, undefined)
        if ('lines' in left && left.lines.length > 0) cancel(undefined)
        expect(sum).toBe(orderTotal(placed))
      }),
      { numRuns: 200 },
    )
  })
})
