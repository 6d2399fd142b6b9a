import { z } from 'zod'
import { day, name } from './pack.ts'

/** Where a year's days are announced. `read`: V the notice was read, S the days were taken from elsewhere, and compared. */
const notice = z.strictObject({
  read: z.enum(['V', 'S']).default('S'),
  law: z.string().min(1),
  url: z.url({ protocol: /^https$/, error: 'expected an address with https' }),
})

const holiday = z.strictObject({
  on: day,
  name: z.string().min(1),
  /** False: nobody has found out whether it is one. It counts as a holiday of some part: for the customer, and not for the seller. */
  settled: z.boolean().default(true),
  /** Only there, ISO 3166-2; a third part is ours. Absent: everywhere. */
  where: z
    .array(z.string().regex(/^[A-Z]{2}(-[A-Z0-9]{1,3}){0,2}$/, 'expected a code of ISO 3166'))
    .min(1)
    .optional(),
})

/** A calendar as its file says it: each year with the notice it was taken from. */
export const calendarFile = z.strictObject({
  calendar: name,
  weekend: z.array(z.enum(['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'])),
  years: z
    .array(
      z.strictObject({
        year: z.int().min(2000).max(2999),
        announced: notice,
        holidays: z.array(holiday),
        /** Days of a weekend that are worked to make up for others. */
        workdays: z.array(day).default([]),
      }),
    )
    .min(1, 'expected at least one year'),
})
/** A calendar as its file says it. */
export type CalendarFile = z.infer<typeof calendarFile>

/** What a day is. `some`: a holiday in a part of the country. `unknown`: its year was not announced. */
export type DayKind = 'work' | 'weekend' | 'holiday' | 'some' | 'unknown'

/** Knows of each day what it is. */
export interface Calendar {
  readonly id: string
  /** The last day that it knows. */
  readonly until: string
  /** The years whose notice nobody has read. */
  readonly unread: readonly number[]
  kindOf(day: string, weekday: number, region: string | undefined): DayKind
}

const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']

/** A calendar to ask: `weekday` is 1 for Monday to 7 for Sunday, `region` a code of ISO 3166-2. */
export const calendarOf = ({ calendar, weekend, years }: CalendarFile): Calendar => {
  const days = new Map(years.flatMap(({ holidays }) => holidays.map((each) => [each.on, each.where] as const)))
  const unsettled = new Set(years.flatMap(({ holidays }) => holidays.flatMap((each) => (each.settled ? [] : each.on))))
  const worked = new Set(years.flatMap(({ workdays }) => workdays))
  const known = new Set(years.map(({ year }) => String(year)))
  const off = new Set(weekend.map((each) => weekdays.indexOf(each) + 1))
  return {
    id: calendar,
    until: `${Math.max(...years.map(({ year }) => year))}-12-31`,
    unread: years.filter(({ announced }) => announced.read !== 'V').map(({ year }) => year),
    kindOf: (on, weekday, region) => {
      if (worked.has(on)) return 'work'
      if (unsettled.has(on)) return off.has(weekday) ? 'weekend' : 'some'
      const where = days.get(on)
      if (days.has(on) && (where === undefined || (region !== undefined && where.includes(region)))) return 'holiday'
      if (off.has(weekday)) return 'weekend'
      if (where?.some((place) => region === undefined || place.startsWith(`${region}-`))) return 'some'
      return known.has(on.slice(0, 4)) ? 'work' : 'unknown'
    },
  }
}
