import { z } from 'zod'

/** RFC 3339 §5.6: `t` and `z` may be of lower case, a second may be the 60th, fractions may have any number of digits. */
const form =
  /^(\d{4}-\d\d-\d\d)t([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)(?:\.(\d+))?(?:z|([+-])([01]\d|2[0-3]):([0-5]\d))$/i

const minuteMs = 60_000
/** PostgreSQL takes no offset of 16 hours or more. */
const farthestOffsetMs = 16 * 60 * minuteMs
/** What the finest clocks tell. Nobody's order depends on more. */
const mostDigits = 9
/** PostgreSQL knows no year 0, and ISO 8601 none of five digits. */
const first = Date.parse('0001-01-01T00:00:00Z')
const end = Date.parse('9999-12-31T23:59:59.999Z')

interface Parts {
  /** The whole second, in ms since 1970; of a leap second the one before it. */
  readonly second: number
  readonly leap: boolean
  readonly digits: string
  readonly offsetMs: number
}

/** Only the last second of a month, in UTC, is followed by another one. */
const mayBeFollowedByLeap = (second: number): boolean => {
  const next = new Date(second + 1_000)
  return next.getUTCDate() === 1 && next.getTime() % (24 * 60 * minuteMs) === 0
}

const read = (text: string): Parts | undefined => {
  const found = form.exec(text)
  if (found === null) return undefined
  const [, date = '', hour, minute, written, digits = '', sign = '+', hours = '0', minutes = '0'] = found
  const leap = written === '60'
  // `Date` takes the 31st of February for the 3rd of March.
  const day = new Date(`${date}T00:00:00Z`)
  if (Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== date) return undefined
  const offsetMs = (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minuteMs
  const second = Date.parse(`${date}T${hour}:${minute}:${leap ? '59' : written}Z`) - offsetMs
  return leap && !mayBeFollowedByLeap(second) ? undefined : { second, leap, digits, offsetMs }
}

const isKept = (text: string): boolean => {
  const second = read(text)?.second
  return second === undefined || (second >= first && second <= end)
}

/**
 * Another spelling of the same moment, where PostgreSQL or `Date` does not take the one that came; a leap second is the first second after
 * it, as PostgreSQL has it. The usual spellings stay as they are: they are part of what was placed and asked for.
 */
const usual = (text: string): string => {
  const parts = read(text)
  if (parts === undefined) return text
  const { second, leap, digits, offsetMs } = parts
  const fraction = digits === '' ? '' : `.${digits.slice(0, mostDigits)}`
  const inUtc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}${fraction}Z`
  if (leap) return inUtc(second + 1_000)
  if (Math.abs(offsetMs) >= farthestOffsetMs || text.endsWith('-00:00')) return inUtc(second)
  return digits.length > mostDigits ? text.replace(`.${digits}`, fraction).toUpperCase() : text.toUpperCase()
}

const expected = 'expected an RFC 3339 date and time such as 2026-11-20T09:00:00Z'

/** An RFC 3339 date and time with its offset, e.g. `2026-11-20T09:00:00Z`, in any of its spellings. */
export const timestamp = z
  .string(expected)
  .refine((text) => read(text) !== undefined, { error: expected, abort: true })
  .refine(isKept, { error: 'expected a date and time of the years 1 to 9999, in UTC', abort: true })
  .overwrite(usual)
  .meta({ format: 'date-time', description: 'RFC 3339' })

/** The date that .NET, Go and others have where nobody set one is in the year 1; databases begin in 1753 or 1900. */
const beforeAnyShop = Date.parse('1970-01-01T00:00:00Z')

/** When something happened that others tell of. A date from before there were shops like these says that nobody set it. */
export const happenedAt = timestamp.refine((text) => Date.parse(text) >= beforeAnyShop, {
  error: 'expected when it happened, a date and time since 1970',
})
