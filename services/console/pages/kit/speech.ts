import { formatAmount, minorUnitDigits } from '@countermand/contracts'
import type { Words } from '../../words/words.ts'

/** How something is said to a reader: in which words, and how they write money and times. */
export interface Speech {
  /** BCP 47, as in `lang`. */
  readonly language: string
  readonly direction: 'ltr' | 'rtl'
  /** The zone that times are said in, of the IANA list. */
  readonly zone: string
  readonly words: Words
  /** Of minor units. */
  readonly money: (amount: number, currency: string) => string
  /** Of ISO 8601: `Fri 4 Dec`. */
  readonly day: (at: string) => string
  /** Of ISO 8601, with the zone's name: `Tue 24 Nov, 11:15 CET`. */
  readonly moment: (at: string) => string
  /** Of ISO 8601: `11:15 CET`. */
  readonly time: (at: string) => string
  readonly number: (value: number) => string
  /** Of 0 to 1: `12 %`. */
  readonly percent: (share: number) => string
  /** Of seconds, in the unit that says most: `3.2 days`. */
  readonly duration: (seconds: number) => string
  /** Of ISO 8601, as seen at another: `in 43 min`. */
  readonly relative: (at: string, now: string) => string
}

const isNumeric = (text: string): text is `${number}` => /^\d+([.]\d+)?$/.test(text)

/** Digits after the point as ISO 4217 has them, and the sum as decimal text: `Intl` would take other digits, and lose some of large sums. */
const moneyIn = (language: string) => (amount: number, currency: string) => {
  const digits = minorUnitDigits(currency)
  const [decimal = '0'] = formatAmount(amount, currency, digits).split(' ')
  const format = new Intl.NumberFormat(language, {
    ...{ style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits },
  })
  return isNumeric(decimal) ? format.format(decimal) : decimal
}

const zoneOr = (zone: string): string => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone
  } catch {
    return 'UTC'
  }
}

/** Each unit as long as two of the next would be too many. */
const units = [
  { unit: 'second', seconds: 1, below: 90 },
  { unit: 'minute', seconds: 60, below: 5_400 },
  { unit: 'hour', seconds: 3_600, below: 129_600 },
  { unit: 'day', seconds: 86_400, below: Number.POSITIVE_INFINITY },
] as const

const durationIn = (tag: string) => (seconds: number) => {
  const { unit, seconds: one } = units.find(({ below }) => seconds < below) ?? units[0]
  const value = seconds / one
  const maximumFractionDigits = value < 10 ? 1 : 0
  return new Intl.NumberFormat(tag, { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits }).format(value)
}

/** `tag`: by what `Intl` writes; a made-up language writes as another one does. */
export const speechIn = (
  words: Words,
  {
    language,
    tag,
    direction = 'ltr',
    zone,
  }: { readonly language: string; readonly tag: string; readonly direction?: 'ltr' | 'rtl'; readonly zone: string },
): Speech => {
  const timeZone = zoneOr(zone)
  const day = new Intl.DateTimeFormat(tag, { weekday: 'short', day: 'numeric', month: 'short', timeZone })
  const moment = new Intl.DateTimeFormat(tag, {
    ...{ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', timeZone },
    timeZoneName: 'short',
  })
  const time = new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', timeZone, timeZoneName: 'short' })
  const number = new Intl.NumberFormat(tag)
  const relative = new Intl.RelativeTimeFormat(tag, { style: 'short' })
  return {
    ...{ language, direction, zone: timeZone, words, money: moneyIn(tag) },
    day: (at) => day.format(new Date(at)),
    moment: (at) => moment.format(new Date(at)),
    time: (at) => time.format(new Date(at)),
    number: (value) => number.format(value),
    percent: (share) =>
      new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: share < 0.1 ? 1 : 0 }).format(share),
    duration: durationIn(tag),
    relative: (at, now) => {
      const minutes = Math.round((Date.parse(at) - Date.parse(now)) / 60_000)
      if (Math.abs(minutes) < 100) return relative.format(minutes, 'minute')
      const hours = Math.round(minutes / 60)
      return Math.abs(hours) < 48 ? relative.format(hours, 'hour') : relative.format(Math.round(hours / 24), 'day')
    },
  }
}
