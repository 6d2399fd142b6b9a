import { Temporal } from 'temporal-polyfill'

/** The day that an instant is on in a zone: `2026-12-28`. */
export const civilDay = (instant: string, zone: string): string =>
  Temporal.Instant.from(instant).toZonedDateTimeISO(zone).toPlainDate().toString()

/** The first instant of a day in a zone, in UTC: where midnight is skipped, what comes after it. */
export const startOfDay = (day: string, zone: string): string =>
  Temporal.PlainDate.from(day).toZonedDateTime(zone).toInstant().toString()
