import { Temporal } from 'temporal-polyfill'
import type { Calendar, DayKind } from '../calendar.ts'
import type { Clock } from '../pack.ts'

/** For whom a period runs: days that nobody knows to be working days lengthen the customer's, and not the seller's. */
export type Side = 'customer' | 'seller'

/** Where and for whom a clock is read. */
export interface Frame {
  readonly side: Side
  readonly zone: string
  readonly calendar: Calendar | undefined
  /** ISO 3166-1 or -2, by which holidays of a part of a country are known. */
  readonly region: string | undefined
}

/** The end of a period. Instants are ISO 8601 in UTC, and the first that is not in it any more. */
export interface Deadline {
  readonly startAt: string
  /** As the law counts, rolled on over days off. */
  readonly dueAt: string
  /** Not rolled: by when to be done, to be on the safe side. */
  readonly unrolledAt: string
  /** The last day of it, where it counts days. */
  readonly lastDay?: string
  /** Days that it was rolled over. */
  readonly rolled: readonly string[]
}

/** Of days that nobody announced, so many are taken to be holidays, and no more. */
const mostUnknown = 10

const restsFor = (side: Side, kind: DayKind, roll: Clock['roll']): boolean => {
  if (kind === 'weekend') return roll === 'next-working-day'
  if (kind === 'holiday') return true
  return side === 'customer' && (kind === 'some' || kind === 'unknown')
}

const kindOf = (date: Temporal.PlainDate, { calendar, region }: Frame): DayKind =>
  calendar?.kindOf(date.toString(), date.dayOfWeek, region) ?? (date.dayOfWeek >= 6 ? 'weekend' : 'work')

const rolledOn = (last: Temporal.PlainDate, roll: Clock['roll'], frame: Frame) => {
  const over: string[] = []
  let date = last
  let unknown = 0
  while (roll !== 'none') {
    const kind = kindOf(date, frame)
    if (kind === 'unknown') unknown += 1
    if (!restsFor(frame.side, kind, roll) || unknown > mostUnknown) break
    over.push(date.toString())
    date = date.add({ days: 1 })
  }
  return { date, over }
}

/** So many working days on. The first that counts is the next day, or the day itself. */
const workingDaysOn = (start: Temporal.PlainDate, days: number, firstDay: Clock['firstDay'], frame: Frame) => {
  let date = firstDay === 'same' ? start.subtract({ days: 1 }) : start
  let unknown = 0
  for (let counted = 0; counted < days; ) {
    date = date.add({ days: 1 })
    const kind = kindOf(date, frame)
    if (kind === 'unknown') unknown += 1
    if (!restsFor(frame.side, kind, 'next-working-day') || unknown > mostUnknown) counted += 1
  }
  return date
}

const endOf = (date: Temporal.PlainDate, zone: string): string =>
  date.add({ days: 1 }).toZonedDateTime(zone).toInstant().toString()

/** The last day of a period of days, before it is rolled. */
const lastDayOf = (start: Temporal.PlainDate, { length, count, firstDay }: Clock, frame: Frame): Temporal.PlainDate => {
  const duration = Temporal.Duration.from(length)
  if (count === 'working-day') return workingDaysOn(start, duration.days, firstDay, frame)
  return start.add(duration).subtract({ days: firstDay === 'same' ? 1 : 0 })
}

/** When a period ends that begins at `startAt`; `extension` comes on top of its length, before it is rolled. */
export const deadlineOf = (clock: Clock, startAt: string, frame: Frame, extension?: string): Deadline => {
  const start = Temporal.Instant.from(startAt)
  if (clock.count === 'second') {
    const end = start.add(Temporal.Duration.from(clock.length)).add(Temporal.Duration.from(extension ?? 'PT0S'))
    const at = end.toString()
    return { startAt: start.toString(), dueAt: at, unrolledAt: at, rolled: [] }
  }
  const first = start.toZonedDateTimeISO(frame.zone).toPlainDate()
  const counted = lastDayOf(first, clock, frame)
  const last = extension === undefined ? counted : counted.add(extension)
  const { date, over } = rolledOn(last, clock.roll, frame)
  return {
    startAt: start.toString(),
    dueAt: endOf(date, frame.zone),
    unrolledAt: endOf(last, frame.zone),
    lastDay: date.toString(),
    rolled: over,
  }
}

/** Two thirds of the way from one instant to another. */
export const warningBetween = (startAt: string, endAt: string): string => {
  const [start, end] = [Date.parse(startAt), Date.parse(endAt)]
  return new Date(start + Math.max(0, Math.floor(((end - start) * 2) / 3))).toISOString()
}
