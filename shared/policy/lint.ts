import { decideCells } from './cells.ts'
import { type Library, noPack } from './library.ts'
import type { Problem } from './read/problem.ts'
import type { PolicyPack } from './rules.ts'
import { untestedRules } from './run-cases.ts'

/** What was found in one pack. */
export interface PackLint {
  readonly pack: string
  readonly cells: number
  readonly signedOff: boolean
  /** What is not settled, and which branch it takes. */
  readonly open: PolicyPack['open']
}

/** What is wrong, and what somebody should look at. */
export interface Lint {
  readonly packs: readonly PackLint[]
  readonly problems: readonly Problem[]
  readonly warnings: readonly Problem[]
}

const dayMs = 86_400_000
const daysFrom = (from: string, to: string): number => Math.floor((Date.parse(to) - Date.parse(from)) / dayMs)

/** A calendar has to reach so many days on, or there is no time left to take the next notice into it. */
const calendarReach = 60
/** The law is read again each year. */
const oldest = 365

const outOfCalendar = (library: Library, pack: PolicyPack, on: string): Problem[] => {
  const calendar = pack.calendar === undefined ? undefined : library.calendars.get(pack.calendar)
  if (calendar === undefined || daysFrom(on, calendar.until) >= calendarReach) return []
  const message = `the calendar runs out: it is known until ${calendar.until}, and has to reach ${calendarReach} days on`
  return [{ file: `calendars/${calendar.id}.yaml`, line: 1, message }]
}

const warningsOf = (library: Library, pack: PolicyPack, on: string): Problem[] => {
  const place = library.placeOf(pack.ref)
  const calendar = pack.calendar === undefined ? undefined : library.calendars.get(pack.calendar)
  const untested = untestedRules(library, pack)
  return [
    ...(daysFrom(pack.stateOfLaw, on) > oldest
      ? [{ ...place, message: `${pack.ref}: the law was last read on ${pack.stateOfLaw}, more than a year ago` }]
      : []),
    ...(calendar !== undefined && calendar.unread.length > 0
      ? [
          {
            ...{ file: `calendars/${calendar.id}.yaml`, line: 1 },
            message: `the notices of ${calendar.unread.join(', ')} were not read: the days are taken from libraries`,
          },
        ]
      : []),
    ...(pack.kind === 'law' && untested.length > 0
      ? [{ ...place, message: `${pack.ref}: no case decides by ${untested.join(', ')}` }]
      : []),
    ...(pack.signedOff.by === null && pack.id !== noPack
      ? [{ ...place, message: `${pack.ref} is not signed off: it decides nothing by itself` }]
      : []),
  ]
}

const once = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((each) => [`${each.file}:${each.line}:${each.message}`, each])).values(),
]

/** Looks at all packs of a library, or some; every cell of each is decided. `on` is the day of today. */
export const lint = (
  library: Library,
  on: string,
  packs: readonly PolicyPack[] = [...library.packs.values()],
): Lint => {
  const decided = packs.map((pack) => ({ pack, ...decideCells(library, pack) }))
  return {
    packs: decided.map(({ pack, cells }) => ({
      ...{ pack: pack.ref, cells, open: pack.open },
      signedOff: pack.signedOff.by !== null,
    })),
    problems: once(decided.flatMap(({ pack, problems }) => [...problems, ...outOfCalendar(library, pack, on)])),
    warnings: once(packs.flatMap((pack) => warningsOf(library, pack, on))),
  }
}
