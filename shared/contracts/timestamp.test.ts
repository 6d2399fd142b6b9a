import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { z } from 'zod'
import { happenedAt, timestamp } from './timestamp.ts'

const accepts = (schema: z.ZodType) => (value: unknown) => schema.safeParse(value).success

describe('a timestamp', () => {
  it.each([
    '2026-11-20T09:00:00Z',
    '2026-11-20T09:00:00.123456Z',
    '2026-11-20T09:00:00.123456789Z',
    '2026-11-20T14:30:00+05:30',
    '2024-02-29T00:00:00-08:00',
    '0001-01-01T00:00:00Z',
    '9999-12-31T23:59:59.9999999Z',
  ])('may be %s, and stays as it is spelled', (text) => expect(timestamp.parse(text)).toBe(text))

  it.each([
    ['2026-11-20t09:00:00z', '2026-11-20T09:00:00Z'],
    ['2026-11-20t10:00:00.5+01:00', '2026-11-20T10:00:00.5+01:00'],
    ['1990-12-31T23:59:60Z', '1991-01-01T00:00:00Z'],
    ['1990-12-31t15:59:60.25-08:00', '1991-01-01T00:00:00.25Z'],
    ['2026-11-20T09:00:00-00:00', '2026-11-20T09:00:00Z'],
    ['2026-11-20T09:00:00.1234567890123Z', '2026-11-20T09:00:00.123456789Z'],
    [`2026-11-20T09:00:00.${'9'.repeat(400)}+01:00`, '2026-11-20T09:00:00.999999999+01:00'],
    ['2026-11-20T09:00:00.5+23:59', '2026-11-19T09:01:00.5Z'],
    ['2026-11-20T09:00:00-16:00', '2026-11-21T01:00:00Z'],
  ])('may be spelled %s, and means %s', (text, meant) => expect(timestamp.parse(text)).toBe(meant))

  it.each([
    '2026-11-20',
    '09:00:00Z',
    '2026-11-20T09:00Z',
    '2026-11-20 09:00:00Z',
    '2026-11-20T09:00:00',
    '2026-11-20T09:00:00.Z',
    '2025-02-29T00:00:00Z',
    '2026-02-31T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-10T00:00:00Z',
    '2026-11-20T24:00:00Z',
    '2026-11-20T09:00:00+24:00',
    '2026-11-20T09:00:60Z',
    '2026-11-20T23:59:60Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+01:00',
    '9999-12-31T23:59:59-05:00',
    '+275760-09-13T00:00:00Z',
    '20 Nov 2026',
    '',
    1,
  ])('may not be %s', (text) => expect(accepts(timestamp)(text)).toBe(false))

  test('stays the same moment, and stays as it is when it is read again', () => {
    const moment = fc.date({
      min: new Date('0001-01-02T00:00:00Z'),
      max: new Date('9999-12-30T00:00:00Z'),
      noInvalidDate: true,
    })
    const offset = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 })
    const two = (number: number) => String(number).padStart(2, '0')
    fc.assert(
      fc.property(moment, offset, fc.boolean(), (date, minutes, lower) => {
        const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
        const spelled = new Date(date.getTime() + minutes * 60_000).toISOString().replace('Z', zone)
        if (!/^\d{4}-/.test(spelled)) return
        const read = timestamp.parse(lower ? spelled.toLowerCase() : spelled)
        expect(Date.parse(read)).toBe(date.getTime())
        expect(timestamp.parse(read)).toBe(read)
      }),
    )
  })

  it('is told in a JSON Schema as what it is', () => {
    expect(z.toJSONSchema(z.object({ at: timestamp.optional() }), { io: 'input' })).toMatchObject({
      properties: { at: { type: 'string', format: 'date-time' } },
    })
  })
})

describe('when something happened', () => {
  it.each(['1970-01-01T00:00:00Z', '2026-11-20t09:00:00z'])('may be %s', (text) => {
    expect(accepts(happenedAt)(text)).toBe(true)
  })

  it.each([
    '0001-01-01T00:00:00Z',
    '0001-01-01T00:00:00.0000000Z',
    '1753-01-01T00:00:00Z',
    '1900-01-01T00:00:00Z',
    'now',
  ])('may not be %s, which nobody set', (text) => expect(accepts(happenedAt)(text)).toBe(false))
})
