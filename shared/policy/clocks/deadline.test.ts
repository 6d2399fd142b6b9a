import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { calendarOf } from '../calendar.ts'
import { clock } from '../pack.ts'
import { startOfDay } from './civil-day.ts'
import { deadlineOf, type Frame, warningBetween } from './deadline.ts'

const calendar = calendarOf({
  calendar: 'test',
  weekend: ['sat', 'sun'],
  years: [
    {
      year: 2026,
      announced: { read: 'V', law: 'Code', url: 'https://law.example' },
      holidays: [
        { on: '2026-12-25', name: 'everywhere', settled: true },
        { on: '2026-11-20', name: 'perhaps', settled: false },
        { on: '2026-11-18', name: 'in a part', settled: true, where: ['AA-B'] },
      ],
      workdays: ['2026-10-10'],
    },
  ],
})
const frame = (side: Frame['side'], region?: string, zone = 'UTC'): Frame => ({ side, zone, calendar, region })
const days = (length: string, more: object = {}) => clock.parse({ from: 'informed', length, count: 'day', ...more })

describe('a deadline', () => {
  it('rolls over a holiday of a part of a country for the customer, and for the seller only there', () => {
    const lastDay = (side: Frame['side'], region?: string) =>
      deadlineOf(days('P14D', { roll: 'next-working-day' }), '2026-11-04T10:00:00Z', frame(side, region)).lastDay
    expect([lastDay('customer'), lastDay('customer', 'AA'), lastDay('customer', 'AA-C')]).toEqual([
      '2026-11-19',
      '2026-11-19',
      '2026-11-18',
    ])
    expect([lastDay('seller', 'AA'), lastDay('seller', 'AA-B')]).toEqual(['2026-11-18', '2026-11-19'])
  })

  it('rolls over a day of which nobody knows whether it is a holiday for the customer, and not for the seller', () => {
    const lastDay = (side: Frame['side']) =>
      deadlineOf(days('P14D', { roll: 'next-working-day' }), '2026-11-06T10:00:00Z', frame(side, 'AA-B')).lastDay
    expect([lastDay('customer'), lastDay('seller')]).toEqual(['2026-11-23', '2026-11-20'])
  })

  it('in a year that nobody announced rolls on for the customer, but not for ever, and not for the seller', () => {
    const of = (side: Frame['side']) =>
      deadlineOf(days('P14D', { roll: 'next-working-day' }), '2027-01-04T10:00:00Z', frame(side))
    expect(of('seller').lastDay).toBe('2027-01-18')
    expect(of('customer').rolled.length).toBeGreaterThanOrEqual(10)
    expect(of('customer').rolled.length).toBeLessThan(20)
  })

  it('counts working days, one that makes up for another among them', () => {
    const of = (length: string, firstDay: string) =>
      deadlineOf(days(length, { count: 'working-day', firstDay }), '2026-10-08T10:00:00Z', frame('seller')).lastDay
    expect([of('P2D', 'next'), of('P2D', 'same'), of('P3D', 'next')]).toEqual([
      '2026-10-10',
      '2026-10-09',
      '2026-10-12',
    ])
  })

  it('ends with the day where it is, also where midnight is skipped', () => {
    const at = (start: string, zone: string) => deadlineOf(days('P1D'), start, frame('seller', undefined, zone)).dueAt
    expect(at('2026-03-27T23:30:00Z', 'Europe/Berlin')).toBe('2026-03-29T22:00:00Z')
    expect(at('2026-10-23T22:30:00Z', 'Europe/Berlin')).toBe('2026-10-25T23:00:00Z')
    // Clocks in Brazil went on at midnight: the day began at one.
    expect(startOfDay('2018-11-04', 'America/Sao_Paulo')).toBe('2018-11-04T03:00:00Z')
    expect(at('2026-12-30T10:00:00Z', 'Asia/Seoul')).toBe('2026-12-31T15:00:00Z')
  })

  it('of months ends on the day of the same number, or the last of its month', () => {
    const lastDay = (start: string) => deadlineOf(days('P1M'), start, frame('seller')).lastDay
    expect([lastDay('2026-01-31T10:00:00Z'), lastDay('2028-02-29T10:00:00Z')]).toEqual(['2026-02-28', '2028-03-29'])
  })

  it('never ends before it starts, nor before it was rolled, in any zone', () => {
    const some = fc.record({
      length: fc.oneof(
        fc.integer({ min: 1, max: 60 }).map((n) => `P${n}D`),
        fc.integer({ min: 1, max: 13 }).map((n) => `P${n}M`),
      ),
      count: fc.constantFrom('day', 'working-day'),
      firstDay: fc.constantFrom('next', 'same'),
      roll: fc.constantFrom('none', 'next-working-day', 'next-non-holiday'),
    })
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/Sao_Paulo',
      'Pacific/Kiritimati',
      'Pacific/Pago_Pago',
      'Atlantic/Azores',
    )
    const start = fc.date({ min: new Date('2025-12-01'), max: new Date('2027-12-01'), noInvalidDate: true })
    fc.assert(
      fc.property(
        some,
        zone,
        start,
        fc.constantFrom('customer' as const, 'seller' as const),
        (written, where, at, side) => {
          fc.pre(written.count === 'day' || written.length.endsWith('D'))
          const { startAt, dueAt, unrolledAt } = deadlineOf(
            days(written.length, written),
            at.toISOString(),
            frame(side, undefined, where),
          )
          expect(Date.parse(dueAt)).toBeGreaterThan(Date.parse(startAt))
          expect(Date.parse(unrolledAt)).toBeGreaterThan(Date.parse(startAt))
          expect(Date.parse(dueAt)).toBeGreaterThanOrEqual(Date.parse(unrolledAt))
        },
      ),
    )
  })

  it('warns at two thirds of the way', () => {
    expect(warningBetween('2026-11-01T00:00:00Z', '2026-11-04T00:00:00Z')).toBe('2026-11-03T00:00:00.000Z')
  })
})
