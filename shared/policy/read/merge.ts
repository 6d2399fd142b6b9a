import type { Pack, Rule } from '../pack.ts'

const overlaid = (base: Rule | undefined, written: Rule): Rule =>
  base === undefined
    ? written
    : {
        ...base,
        ...written,
        gives: { ...base.gives, ...written.gives },
        clocks: { ...base.clocks, ...written.clocks },
      }

/** The rules of a pack with those of its parent: one of the same name takes its parent's place, and has from it what it leaves out. */
export const mergeRules = (parent: readonly Rule[], child: readonly Rule[]): readonly Rule[] => {
  const replaced = (id: string): readonly Rule[] => {
    const [above, own] = [parent.filter((each) => each.id === id), child.filter((each) => each.id === id)]
    return own.flatMap((each) =>
      above.length === 0
        ? [each]
        : each.inForce === undefined && own.length === 1
          ? above.map((base) => overlaid(base, each))
          : [overlaid(above.at(-1), each)],
    )
  }
  const names = new Set(child.map(({ id }) => id))
  const known = new Set(parent.map(({ id }) => id))
  const seen = new Set<string>()
  const kept = parent.flatMap((each) => {
    if (!names.has(each.id)) return [each]
    if (seen.has(each.id)) return []
    seen.add(each.id)
    return replaced(each.id)
  })
  return [...kept, ...[...names].filter((id) => !known.has(id)).flatMap(replaced)]
}

/** A pack with all that it has from its parent. */
export const mergePack = (parent: Pack, child: Pack): Pack => ({
  ...child,
  zone: child.zone ?? parent.zone,
  calendar: child.calendar ?? parent.calendar,
  interest: child.interest ?? parent.interest,
  open: [...new Map([...(parent.open ?? []), ...(child.open ?? [])].map((each) => [each.id, each])).values()],
  rules: [...mergeRules(parent.rules, child.rules)],
  clocks: { ...parent.clocks, ...child.clocks },
})
