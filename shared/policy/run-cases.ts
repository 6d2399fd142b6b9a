import type { Expected } from './case.ts'
import { decide, judgedAt, type Summary, summaryOf } from './decide.ts'
import type { Facts } from './facts.ts'
import { interestOwed } from './interest.ts'
import { type Library, type Place, versionOf } from './library.ts'
import type { PolicyPack } from './rules.ts'

/** What came of one case. */
export interface CaseRun {
  readonly id: string
  readonly says: string
  /** The version that decided. */
  readonly pack: string
  readonly place: Place
  /** What is not as expected; nothing: it holds. */
  readonly differs: readonly { readonly what: string; readonly expected: unknown; readonly got: unknown }[]
  readonly known: Facts
}

const same = (expected: unknown, got: unknown): boolean =>
  typeof expected === 'string' && typeof got === 'string' && /^\d{4}-.*T/.test(expected)
    ? Date.parse(expected) === Date.parse(got)
    : expected === null
      ? got === undefined
      : expected === got

const owed = (pack: PolicyPack, { interest }: Expected, { refund }: Summary): number | string | undefined => {
  if (interest === undefined || refund.dueAt === undefined || pack.interest === undefined) return undefined
  const { amount, paidAt } = interest
  const found = interestOwed(pack.interest, { amount, paidAt, dueAt: refund.dueAt, zone: pack.zones.seller })
  return found.owed ?? found.rate
}

const compared = (library: Library, pack: PolicyPack, known: Facts, expect: Expected): CaseRun['differs'] => {
  const decision = decide(library, known, { pack })
  const summary = summaryOf(decision)
  const { refund, window } = summary
  const top = decision.lines.find(({ ground }) => ground === decision.ground)
  const got: Record<string, unknown> = {
    ...refund,
    ground: decision.ground,
    ...{ until: window.until, timing: window.timing, approval: top?.given.approval },
  }
  const { rules = {}, interest, ...plain } = expect
  return [
    ...Object.entries(plain).map(([what, expected]) => ({ what, expected, got: got[what] })),
    ...Object.entries(rules).map(([lineId, expected]) => ({
      ...{ what: `rule of line ${lineId}`, expected },
      got: decision.lines.find((line) => line.lineId === lineId)?.why[0]?.rule,
    })),
    ...(interest === undefined
      ? []
      : [{ what: 'interest', expected: interest.owed, got: owed(pack, expect, summary) }]),
  ].filter(({ expected, got: found }) => !same(expected, found))
}

/** Decides the cases of a pack, and compares. */
export const runCases = (library: Library, id: string): readonly CaseRun[] =>
  (library.cases.get(id) ?? []).map((each) => {
    const { given, expect, version, place } = each
    const pack = version === undefined ? versionOf(library, id, judgedAt(given)) : library.packs.get(`${id}@${version}`)
    if (pack === undefined) {
      const differs = [{ what: 'version', expected: version, got: undefined }]
      return { ...{ id: each.id, says: each.says, pack: id, place, differs, known: given } }
    }
    const differs = compared(library, pack, given, expect)
    return { id: each.id, says: each.says, pack: pack.ref, place, differs, known: given }
  })

/** Rules of a pack that no case decides by: nobody would notice if they were lost. */
export const untestedRules = (library: Library, pack: PolicyPack): readonly string[] => {
  const fired = new Set(
    runCases(library, pack.id).flatMap(({ known }) =>
      decide(library, known, { pack }).lines.flatMap(({ why }) => why.map(({ rule }) => rule)),
    ),
  )
  return [...new Set(pack.rules.map(({ id }) => id))].filter((id) => !fired.has(id))
}
