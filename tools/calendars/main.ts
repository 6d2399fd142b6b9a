/**
 * `node tools/calendars/main.ts`: compares the calendars of policies/ with two libraries, `date-holidays` and Python's `holidays`
 * (`pip install -r tools/calendars/requirements.txt`). What differs is said, exit 1, until a person has settled it in settled.yaml.
 * With --write the list is written anew, for a person to give the reasons.
 */
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { type CalendarFile, calendarFile, calendarOf } from '@countermand/policy/calendar.ts'
import { policyFiles } from '@countermand/policy/files.ts'
import Holidays from 'date-holidays'
import { parse, stringify } from 'yaml'
import { z } from 'zod'
import { program } from '../terminal/program.ts'
import { compareDays, type Difference, unsettled } from './compare.ts'

const values: { readonly write?: true; readonly python: string } = program(
  'calendars',
  'Compares the calendars of policies/ with two libraries.',
)
  .option('--write', 'write tools/calendars/settled.yaml anew, each new difference without a reason')
  .option('--python <program>', "a Python that has the library 'holidays'", 'python3')
  .parse()
  .opts()

const settledFile = new URL('settled.yaml', import.meta.url)
const execute = promisify(execFile)

/** The country of a calendar, where it is one country's. */
const countries: Readonly<Record<string, string>> = {
  br: 'BR',
  de: 'DE',
  fr: 'FR',
  it: 'IT',
  kr: 'KR',
  tw: 'TW',
  uk: 'GB',
}

const isWeekday = (day: string): boolean => ![0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay())

/** Days of a year in a place that are a holiday on a weekday, as our file says it. */
const ours = (file: CalendarFile, year: number, place: string): readonly string[] => {
  const calendar = calendarOf(file)
  return file.years
    .filter((each) => each.year === year)
    .flatMap(({ holidays }) => holidays.map(({ on }) => on))
    .filter((on) => isWeekday(on) && calendar.kindOf(on, 1, place) === 'holiday')
}

const byDateHolidays = (year: number, place: string): readonly string[] => {
  const [country = '', state] = place.split('-')
  const library = state === undefined ? new Holidays(country) : new Holidays(country, state)
  const days = library.getHolidays(year).filter(({ type }) => type === 'public')
  return [...new Set(days.map(({ date }) => date.slice(0, 10)))].filter(isWeekday)
}

const script = `
import json, sys, holidays
def days(place, year):
    country, _, state = place.partition('-')
    return sorted(str(day) for day in holidays.country_holidays(country, subdiv=state or None, years=year) if day.year == year)
print(json.dumps({f'{place} {year}': days(place, year) for place, year in json.loads(sys.argv[1])}))
`

/** Of each place and year, by Python's library. Throws when it is not there. */
const askPython = async (asked: readonly (readonly [place: string, year: number])[]) => {
  const { stdout } = await execute(values.python, ['-c', script, JSON.stringify(asked)]).catch((cause: unknown) => {
    throw new Error(
      `expected ${values.python} to have the library 'holidays': pip install -r tools/calendars/requirements.txt`,
      { cause },
    )
  })
  return z.record(z.string(), z.array(z.string())).parse(JSON.parse(stdout))
}

/** The places of which both libraries know: the country, and those parts of it that have a code of ISO 3166-2 in our file. */
const placesOf = (file: CalendarFile, country: string): readonly string[] => {
  const named = file.years.flatMap(({ holidays }) => holidays.flatMap(({ where }) => where ?? []))
  const known = new Holidays().getStates(country) ?? {}
  const parts = [...new Set(named)].filter((place) => /^[^-]+-[^-]+$/.test(place))
  return [country, ...parts.filter((place) => Object.hasOwn(known, place.split('-')[1] ?? ''))].toSorted()
}

const files = [...policyFiles()]
  .filter(([path]) => path.startsWith('calendars/'))
  .map(([, text]) => calendarFile.parse(parse(text)))
const asked = files.flatMap((file) => {
  const country = countries[file.calendar]
  return country === undefined
    ? []
    : placesOf(file, country).flatMap((place) => file.years.map(({ year }) => ({ file, place, year })))
})
const python = await askPython(asked.map(({ place, year }) => [place, year] as const))
const found = asked.flatMap(({ file, place, year }): readonly Difference[] => {
  const where = { calendar: file.calendar, place }
  const mine = ours(file, year, place)
  const byPython = (python[`${place} ${year}`] ?? []).filter(isWeekday)
  return [
    ...compareDays(where, mine, { library: 'date-holidays', days: byDateHolidays(year, place) }),
    ...compareDays(where, mine, { library: 'holidays', days: byPython }),
  ]
})
const reasons = z
  .record(z.string(), z.string())
  .parse(parse(await readFile(settledFile, 'utf8').catch(() => '{}')) ?? {})
const { open, gone } = unsettled(found, new Map(Object.entries(reasons)))
if (values.write) {
  const kept = Object.entries(reasons).filter(([text]) => !gone.includes(text))
  const all = [...kept, ...open.map((text) => [text, ''] as const)].toSorted()
  await writeFile(settledFile, stringify(Object.fromEntries(all), { lineWidth: 0 }))
} else {
  for (const text of open) process.stdout.write(`not settled: ${text}\n`)
  for (const text of gone) process.stdout.write(`no difference any more: ${text}\n`)
  process.exitCode = open.length + gone.length === 0 ? 0 : 1
}
process.stdout.write(
  `${asked.length} places and years compared, ${found.length} differences, ${open.length} not settled\n`,
)
