import type { Calendar } from './calendar.ts'
import type { PolicyCase } from './case.ts'
import { civilDay } from './clocks/civil-day.ts'
import type { PolicyPack } from './rules.ts'
import type { Texts } from './texts.ts'

/** Where a rule or a case is written. */
export interface Place {
  readonly file: string
  readonly line: number
}

/** All packs with their calendars, texts and cases, as they were read: nothing in it changes. */
export interface Library {
  /** By name and version. */
  readonly packs: ReadonlyMap<string, PolicyPack>
  readonly calendars: ReadonlyMap<string, Calendar>
  readonly texts: Texts
  /** Of each pack, by its name. */
  readonly cases: ReadonlyMap<string, readonly (PolicyCase & { readonly place: Place })[]>
  /** Where a rule of a pack is written, or the pack itself: for what is found wrong later. */
  placeOf(ref: string, rule?: string): Place
}

/** The pack that decides where no other is meant: it gives nothing that the terms do not. */
export const noPack = 'none'

/** A version of a pack that may be corrected by another one decides nothing new. */
const isReplaced = (library: Library, { id, version }: PolicyPack): boolean =>
  [...library.packs.values()].some((each) => each.id === id && each.replaces === version)

/** The days that a pack's validity may be judged by, as instants. */
export interface JudgedAt {
  readonly contract: string
  readonly request: string
  readonly event: string
}

/** The civil day by which a pack is judged. */
export const judgedDay = ({ inForce, zones }: PolicyPack, at: JudgedAt): string =>
  civilDay(at[inForce.by], zones.customer)

/** The version of a pack that holds at that time; before the first, the first: it is what we know of the law. */
export const versionOf = (library: Library, id: string, at: JudgedAt): PolicyPack | undefined => {
  const versions = [...library.packs.values()]
    .filter((each) => each.id === id && !isReplaced(library, each))
    .toSorted((a, b) => (a.inForce.from < b.inForce.from ? -1 : 1))
  return versions.findLast((each) => each.inForce.from <= judgedDay(each, at)) ?? versions[0]
}

/** The pack for a place: of a part of a country, else of the country, else none. */
export const packFor = (library: Library, jurisdiction: string, at: JudgedAt): PolicyPack | undefined => {
  const idOf = (code: string) =>
    [...library.packs.values()].find(({ jurisdictions }) => jurisdictions.includes(code))?.id
  const id = idOf(jurisdiction) ?? idOf(jurisdiction.split('-')[0] ?? '') ?? noPack
  return versionOf(library, id, at)
}
