import { calendarOf } from '../calendar.ts'
import type { Library, Place } from '../library.ts'
import type { Pack } from '../pack.ts'
import { type PolicyPack, writeOut } from '../rules.ts'
import { textsOf } from '../texts.ts'
import { ruleProblems } from './check-rules.ts'
import type { Document } from './document.ts'
import { mergePack } from './merge.ts'
import type { Problem } from './problem.ts'
import { readSources, type Sources } from './sources.ts'
import { brokenSpans } from './validity.ts'

/** The policies, or everything that is wrong with them. */
export type ReadLibrary =
  | { readonly ok: true; readonly library: Library }
  | { readonly ok: false; readonly problems: readonly Problem[] }

type Packs = Sources['packs']

const placeIn = ({ file, lineAt }: Document<unknown>, ...path: readonly PropertyKey[]): Place => ({
  file,
  line: lineAt(path),
})
const problemIn = (document: Document<unknown>, path: readonly PropertyKey[], message: string): Problem => ({
  ...placeIn(document, ...path),
  message,
})

/** A pack and those that it extends, itself first; nothing where one is missing or comes again. */
const lineage = (packs: Packs, ref: string, seen: readonly string[] = []): readonly Document<Pack>[] | undefined => {
  const document = packs.get(ref)
  if (document === undefined || seen.includes(ref)) return undefined
  const parent = document.content.extends
  if (parent === undefined) return [document]
  const above = lineage(packs, parent, [...seen, ref])
  return above === undefined ? undefined : [document, ...above]
}

/** Where a rule is written: in the pack, or in the nearest that it extends. */
const rulePlace = (line: readonly Document<Pack>[], rule: string): Place => {
  for (const document of line) {
    const at = document.content.rules.findIndex(({ id }) => id === rule)
    if (at >= 0) return placeIn(document, 'rules', at)
  }
  const [own] = line
  return own === undefined ? { file: '', line: 1 } : placeIn(own, 'rules')
}

const packOf = (ref: string, merged: Pack): PolicyPack => {
  const { zone } = merged
  return {
    ...{ ref, id: merged.pack, version: merged.version, kind: merged.kind, parent: merged.extends },
    replaces: merged.replaces,
    jurisdictions: merged.jurisdictions ?? [],
    zones: typeof zone === 'object' ? zone : { customer: zone ?? 'UTC', seller: zone ?? 'UTC' },
    ...{ calendar: merged.calendar, inForce: merged.inForce, stateOfLaw: merged.stateOfLaw },
    ...{ signedOff: merged.signedOff, open: merged.open ?? [] },
    rules: writeOut(merged.rules),
    clocks: new Map(Object.entries(merged.clocks)),
    interest: merged.interest,
  }
}

const textsUsed = ({ rules }: Pack): readonly (readonly [rule: string, key: string])[] =>
  rules.flatMap(({ id, text, receipt }) =>
    [text, receipt?.text, ...(receipt?.labels ?? [])].flatMap((key) => (key === undefined ? [] : [[id, key] as const])),
  )

const missingTexts = (sources: Sources, line: readonly Document<Pack>[], merged: Pack): Problem[] =>
  textsUsed(merged).flatMap(([rule, key]) =>
    [...sources.texts]
      .filter(([, { content }]) => content[key] === undefined)
      .map(([language]) => ({ ...rulePlace(line, rule), message: `text ${key} lacks the language ${language}` })),
  )

/** A text that one language has and another has not, told where it is. */
const unevenTexts = ({ texts }: Sources): Problem[] =>
  [...texts].flatMap(([, document]) =>
    Object.keys(document.content).flatMap((key) =>
      [...texts]
        .filter(([, other]) => other.content[key] === undefined)
        .map(([language]) => problemIn(document, [key], `text ${key} lacks the language ${language}`)),
    ),
  )

const headProblems = (sources: Sources, document: Document<Pack>, merged: Pack): Problem[] => {
  const { signedOff, inForce } = document.content
  const of = (path: string, message: string) => problemIn(document, [path], message)
  return [
    ...(merged.zone === undefined ? [of('pack', 'expected a zone, of its own or of the pack that it extends')] : []),
    ...(merged.calendar !== undefined && !sources.calendars.has(merged.calendar)
      ? [of('calendar', `no calendar ${merged.calendar}`)]
      : []),
    ...((signedOff.by === null) !== (signedOff.on === null)
      ? [of('signedOff', 'a sign-off says by whom and on which day')]
      : []),
    ...(inForce.until !== undefined && inForce.until <= inForce.from
      ? [of('inForce', `expected it to end after ${inForce.from}, got ${inForce.until}`)]
      : []),
  ]
}

const versionProblems = ({ packs }: Sources): Problem[] => {
  const all = [...packs.values()]
  return [...new Set(all.map(({ content }) => content.pack))].flatMap((id) => {
    const versions = all.filter(({ content }) => content.pack === id)
    const unknown = versions.filter(
      ({ content: { replaces } }) =>
        replaces !== undefined && !versions.some(({ content }) => content.version === replaces),
    )
    const inUse = versions.filter(({ content }) => !versions.some((each) => each.content.replaces === content.version))
    const broken = brokenSpans(inUse.map(({ content: { inForce } }) => ({ from: inForce.from, until: inForce.until })))
    return [
      ...unknown.map((each) => problemIn(each, ['replaces'], `no version ${each.content.replaces} of ${id}`)),
      ...broken.flatMap(({ at, message }) => {
        const document = inUse[at]
        return document === undefined ? [] : [problemIn(document, ['inForce'], message)]
      }),
    ]
  })
}

const jurisdictionProblems = ({ packs }: Sources): Problem[] => {
  const first = new Map<string, string>()
  return [...packs.values()].flatMap((document) =>
    (document.content.jurisdictions ?? []).flatMap((code) => {
      const id = first.get(code) ?? document.content.pack
      first.set(code, id)
      return id === document.content.pack
        ? []
        : [problemIn(document, ['jurisdictions'], `two packs decide for ${code}: ${id} too`)]
    }),
  )
}

const calendarProblems = ({ calendars }: Sources): Problem[] =>
  [...calendars.values()].flatMap((document) =>
    document.content.years.flatMap(({ year, holidays, workdays }, nth) => {
      const before = document.content.years[nth - 1]?.year
      const days = [...holidays.map(({ on }) => on), ...workdays]
      const twice = days.find((each, at) => days.indexOf(each) !== at)
      const elsewhere = days.find((each) => !each.startsWith(`${year}-`))
      const of = (message: string) => [problemIn(document, ['years', nth], message)]
      return [
        ...(before !== undefined && year !== before + 1 ? of(`gap of years: ${year} comes after ${before}`) : []),
        ...(twice === undefined ? [] : of(`${twice} is there twice`)),
        ...(elsewhere === undefined ? [] : of(`${elsewhere} is not in ${year}`)),
      ]
    }),
  )

const casesWithPlaces = ({ cases }: Sources): Library['cases'] =>
  new Map(
    [...cases].map(([id, document]) => [
      id,
      document.content.cases.map((each, at) => ({ ...each, place: placeIn(document, 'cases', at) })),
    ]),
  )

/** Reads and checks all policies, by their paths. Pure: whoever has the files gives their text. */
export const readLibrary = (files: ReadonlyMap<string, string>): ReadLibrary => {
  const sources = readSources(files)
  const problems: Problem[] = [...sources.problems]
  const packs = new Map<string, PolicyPack>()
  const lines = new Map<string, readonly Document<Pack>[]>()
  for (const [ref, document] of sources.packs) {
    const line = lineage(sources.packs, ref)
    if (line === undefined) {
      problems.push(
        problemIn(
          document,
          ['extends'],
          `expected a pack that is there and can be read, got ${document.content.extends}`,
        ),
      )
      continue
    }
    const merged = line.map(({ content }) => content).reduceRight((parent, child) => mergePack(parent, child))
    const pack = packOf(ref, merged)
    packs.set(ref, pack)
    lines.set(ref, line)
    problems.push(...headProblems(sources, document, merged), ...missingTexts(sources, line, merged))
    for (const { rule, message } of ruleProblems(merged, pack.rules))
      problems.push({ ...rulePlace(line, rule), message: `rule ${rule}: ${message}` })
  }
  problems.push(...versionProblems(sources), ...jurisdictionProblems(sources))
  problems.push(...calendarProblems(sources), ...unevenTexts(sources))
  if (problems.length > 0) return { ok: false, problems: unique(problems) }
  return {
    ok: true,
    library: {
      packs,
      calendars: new Map([...sources.calendars].map(([id, { content }]) => [id, calendarOf(content)])),
      texts: textsOf(new Map([...sources.texts].map(([language, { content }]) => [language, content]))),
      cases: casesWithPlaces(sources),
      placeOf: (ref, rule) => {
        const line = lines.get(ref) ?? []
        const [own] = line
        return rule === undefined && own !== undefined ? placeIn(own, 'pack') : rulePlace(line, rule ?? '')
      },
    },
  }
}

/** What a child has from its parent is wrong in both, and said once. */
const unique = (problems: readonly Problem[]): readonly Problem[] => [
  ...new Map(problems.map((each) => [`${each.file}:${each.line}:${each.message}`, each])).values(),
]
