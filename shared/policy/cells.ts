import { atLeast } from './generosity.ts'
import type { Library } from './library.ts'
import type { Problem } from './read/problem.ts'
import { judge, type PackRule, type PolicyPack, rulesOn } from './rules.ts'
import { acknowledgementKind, type Cell, conditions } from './vocabulary.ts'

/** Every cell there is: each value of each fact with each of the others, with no acknowledgement and with all. */
export const allCells = function* (): Generator<Cell> {
  for (const initiator of conditions.initiator.options)
    for (const customerKind of conditions.customerKind.options)
      for (const salesChannel of conditions.salesChannel.options)
        for (const goodsKind of conditions.goodsKind.options)
          for (const parcel of conditions.parcel.options)
            for (const informed of conditions.informed.options)
              for (const timing of conditions.timing.options)
                for (const acknowledged of [[], acknowledgementKind.options])
                  yield { initiator, customerKind, salesChannel, goodsKind, parcel, informed, timing, acknowledged }
}

/** The days from which other rules of a pack hold, its first day among them. */
export const daysOfChange = ({ rules, inForce }: PolicyPack): readonly string[] =>
  [...new Set([inForce.from, ...rules.flatMap((rule) => [rule.inForce.from ?? [], rule.inForce.until ?? []].flat())])]
    .filter((day) => day >= inForce.from)
    .toSorted()

/** In words, for whoever looks for a cell in a pack. */
export const cellText = ({ acknowledged, ...facts }: Cell): string =>
  [...Object.values(facts), acknowledged.length === 0 ? 'nothing acknowledged' : 'all acknowledged'].join(', ')

interface Found extends Problem {
  readonly cells: number
}

const noted = (found: Map<string, Found>, problem: Problem): void => {
  const key = `${problem.file}:${problem.line}`
  const known = found.get(key)
  found.set(key, known === undefined ? { ...problem, cells: 1 } : { ...known, cells: known.cells + 1 })
}

const inWords = ({ cells, message, ...place }: Found): Problem => ({
  ...place,
  message: cells === 1 ? message : `${message}, and ${cells - 1} other cells`,
})

/** The rule that wins a cell, if exactly one does. */
const winnerOf = (rules: readonly PackRule[], cell: Cell): PackRule | undefined => {
  const { winners } = judge(rules, cell)
  return winners.length === 1 ? winners[0] : undefined
}

/** What came of deciding every cell of a pack. */
export interface CellsDecided {
  readonly cells: number
  readonly problems: readonly Problem[]
}

/** Decides every cell of a pack at every state of its law: one rule wins each, and none gives less than the parent's does. */
export const decideCells = (library: Library, pack: PolicyPack): CellsDecided => {
  const found = new Map<string, Found>()
  const parent = pack.parent === undefined ? undefined : library.packs.get(pack.parent)
  let cells = 0
  for (const day of daysOfChange(pack)) {
    const [rules, above] = [rulesOn(pack.rules, day), parent === undefined ? [] : rulesOn(parent.rules, day)]
    for (const cell of allCells()) {
      cells += 1
      const { winners } = judge(rules, cell)
      const [winner, second] = winners
      if (winner === undefined)
        noted(found, { ...library.placeOf(pack.ref), message: `no rule decides ${cellText(cell)} on ${day}` })
      else if (second !== undefined) {
        const message = `two rules win one cell, ${winner.id} and ${second.id}: ${cellText(cell)} on ${day}`
        noted(found, { ...library.placeOf(pack.ref, second.id), message })
      } else if (parent !== undefined) {
        const base = winnerOf(above, cell)
        if (base !== undefined && !atLeast(winner.given, base.given))
          noted(found, {
            ...library.placeOf(pack.ref, winner.id),
            message: `rule ${winner.id} gives less than ${base.id} of ${parent.ref}, which it extends: ${cellText(cell)}`,
          })
      }
    }
  }
  return { cells, problems: [...found.values()].map(inWords) }
}
