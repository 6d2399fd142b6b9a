import { type NotMade, tooSlow } from './describe.ts'
import { type Drill, drills } from './drills.ts'
import type { Patience } from './patience.ts'

/** Those of these names, each once and in the order of all; all, where there are none. Throws when a name is none of theirs. */
export const named = (names: readonly string[]): readonly Drill[] => {
  const unknown = names.find((name) => drills.every((each) => each.name !== name))
  if (unknown !== undefined)
    throw new Error(`expected a drill of ${drills.map((each) => each.name).join(', ')}, got ${unknown}`)
  return names.length === 0 ? drills : drills.filter(({ name }) => names.includes(name))
}

/** Those that get stuck in time; a slow one that was asked for by its name is an error. */
export const chosen = (names: readonly string[], patience: Patience, within: number) => {
  const asked = named(names)
  const quick = asked.filter((drill) => drill.afterMs(patience) <= within)
  const notMade: NotMade[] = asked
    .filter((drill) => !quick.includes(drill))
    .map((drill) => ({ drill, because: tooSlow(drill, patience) }))
  const [slow] = notMade
  if (names.length > 0 && slow !== undefined) throw new Error(`${slow.drill.name} would be ${slow.because}`)
  return { quick, notMade }
}
