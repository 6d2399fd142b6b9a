import { orderTotal } from '@countermand/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { samplePlaced } from '../test/given.ts'
import { claimOf } from './claim.ts'
import type { Order } from './order.ts'

const whole: Order = { placed: samplePlaced(), cancelled: new Map(), refunded: new Map(), parcels: [] }

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
    roundingAmount: fc.oneof(fc.constant(undefined), fc.integer({ min: -250, max: 250 })),
    currency: fc.constantFrom('EUR', 'JPY', 'KWD'),
  })
  .map((order) => (orderTotal(order) < 0 ? { ...order, roundingAmount: 0 } : order))
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

  it('gives the rounding back with the last unit', () => {
    const tenders = [{ tenderId: 't1', channel: 'sandbox-card' as const, amount: 5920, paymentRef: 'pay_ok_1' }]
    const placed = samplePlaced({ roundingAmount: 1, tenders })
    const cancelled = new Map([['1', 3]])
    expect(claimOf({ ...whole, placed }, [{ lineId: '1', quantity: 3 }])).toMatchObject({ amount: 3351 })
    expect(claimOf({ ...whole, placed, cancelled }, undefined)).toMatchObject({ amount: 2569, whole: true })
  })

  it('never gives back more than was paid, when more was rounded off than the last unit costs', () => {
    const lines = [{ lineId: '1', sku: 'SKU-NUT', quantity: 3, unitAmount: 2 }]
    const tenders = [{ tenderId: 't1', channel: 'sandbox-card' as const, amount: 3, paymentRef: 'pay_ok_1' }]
    const free = { shippingAmount: 0, shippingTaxAmount: 0 }
    const placed = samplePlaced({ lines, ...free, roundingAmount: -3, tenders })
    const unit = [{ lineId: '1', quantity: 1 }]
    const amounts = [0, 1, 2].map((units) => claimOf({ ...whole, placed, cancelled: new Map([['1', units]]) }, unit))
    expect(amounts).toMatchObject([{ amount: 2 }, { amount: 1 }, { amount: 0 }])
  })

  it('says of what is not goods what it is, and its SKU where it has one', () => {
    const [mugs] = samplePlaced().lines
    const lines = [
      { ...mugs, lineId: '1', sku: 'SKU-MUG', quantity: 3, unitAmount: 1000 },
      { lineId: 'tip', kind: 'fee' as const, quantity: 1, unitAmount: 1000 },
      { lineId: 'song', kind: 'digital' as const, sku: 'SKU-SONG', quantity: 1, unitAmount: 1000 },
    ]
    expect(claimOf({ ...whole, placed: samplePlaced({ lines }) }, undefined)).toMatchObject({
      lines: [
        { lineId: '1', quantity: 3, sku: 'SKU-MUG' },
        { lineId: 'tip', quantity: 1, kind: 'fee' },
        { lineId: 'song', quantity: 1, sku: 'SKU-SONG', kind: 'digital' },
      ],
    })
  })

  it('is exact for numbers as large as are taken', () => {
    const most = Number.MAX_SAFE_INTEGER
    const lines = [
      { lineId: 'free', sku: 'SKU-FLYER', quantity: 3_000_000_000, unitAmount: 0 },
      { lineId: 'many', sku: 'SKU-GRAIN', quantity: most, unitAmount: 0 },
      { lineId: 'dear', sku: 'SKU-TANKER', quantity: 1, unitAmount: most - 10 },
    ]
    const placed = samplePlaced({
      ...{ lines, shippingAmount: 0, shippingTaxAmount: 0 },
      tenders: [{ tenderId: 't1', channel: 'sandbox-card', amount: most - 10, paymentRef: 'iban' }],
    })
    const claim = claimOf({ ...whole, placed }, undefined)
    expect(claim).toMatchObject({ amount: most - 10, whole: true })
    expect('lines' in claim && claim.lines.map(({ quantity }) => quantity)).toEqual([3_000_000_000, most, 1])
    const part = claimOf({ ...whole, placed }, [{ lineId: 'many', quantity: most }])
    expect(part).toMatchObject({ amount: 0, whole: false })
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
        let order: Order = { placed, cancelled: new Map(), refunded: new Map(), parcels: [] }
        let sum = 0
        const cancel = (lines: { lineId: string; quantity: number }[] | undefined) => {
          const claim = claimOf(order, lines)
          if ('exceeded' in claim) return
          expect(claim.amount).toBeGreaterThanOrEqual(0)
          sum += claim.amount
          expect(sum).toBeLessThanOrEqual(orderTotal(placed))
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
