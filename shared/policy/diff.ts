import { allCells, cellText, daysOfChange } from './cells.ts'
import { type Decision, decide, summaryOf } from './decide.ts'
import type { Facts } from './facts.ts'
import type { Library } from './library.ts'
import { judge, type PackRule, type PolicyPack, rulesOn } from './rules.ts'

/** One output that another version gives otherwise, in how many cells, with one of them. */
export interface CellChange {
  readonly what: string
  readonly from: string
  readonly to: string
  readonly cells: number
  readonly example: string
}

/** A case that another version would decide otherwise. */
export interface CaseChange {
  readonly id: string
  readonly changes: readonly {
    readonly what: string
    readonly from: string | undefined
    readonly to: string | undefined
  }[]
}

/** The rules of a pack that hold at its end: its newest state of the law. */
const newest = (pack: PolicyPack): readonly PackRule[] => rulesOn(pack.rules, daysOfChange(pack).at(-1) ?? '')

/** What every cell says in one version and not in the other, counted by what changes. */
export const diffCells = (from: PolicyPack, to: PolicyPack): readonly CellChange[] => {
  const [before, after] = [newest(from), newest(to)]
  const found = new Map<string, CellChange>()
  for (const cell of allCells()) {
    const [a, b] = [judge(before, cell).winners[0], judge(after, cell).winners[0]]
    if (a === undefined || b === undefined || a === b) continue
    for (const [what, value] of Object.entries(a.given)) {
      const other = String(Object.entries(b.given).find(([name]) => name === what)?.[1])
      if (other === value) continue
      const key = `${what} ${value} ${other}`
      const cells = (found.get(key)?.cells ?? 0) + 1
      found.set(key, { what, from: value, to: other, cells, example: found.get(key)?.example ?? cellText(cell) })
    }
  }
  return [...found.values()]
}

const shown = (decision: Decision): Readonly<Record<string, string | undefined>> => {
  const { window, refund } = summaryOf(decision)
  return {
    ground: decision.ground,
    rules: decision.lines.map(({ why }) => why.map(({ rule }) => rule).join('+')).join(', '),
    until: window.until,
    ...refund,
  }
}

/** What of the same facts another version would decide otherwise: cases, or requests that were stored. */
export const diffFacts = (
  library: Library,
  { from, to }: { readonly from: PolicyPack; readonly to: PolicyPack },
  all: readonly { readonly id: string; readonly known: Facts }[],
): readonly CaseChange[] =>
  all.flatMap(({ id, known }) => {
    const [a, b] = [from, to].map((pack) => shown(decide(library, known, { pack })))
    const names = [...new Set([...Object.keys(a ?? {}), ...Object.keys(b ?? {})])]
    const changes = names
      .map((what) => ({ what, from: a?.[what], to: b?.[what] }))
      .filter((each) => each.from !== each.to)
    return changes.length === 0 ? [] : [{ id, changes }]
  })
