import { expect, it } from 'vitest'
import { cruiseRepository } from './cruise.ts'

/** dependency-cruiser's rules are about files, and its folders end where a file lies: a room is a folder with all that is in it. */
const roomOf = (path: string): string | undefined => /^(tools|workflows\/operations)\/[^/]+(?=\/)/.exec(path)?.[0]

type Import = readonly [from: string, to: string]

/** Rooms from which imports lead back to themselves, through whichever others. */
const inCircles = (imports: readonly Import[]): string[] => {
  const leadsTo = new Map<string, Set<string>>()
  for (const [from, to] of imports) {
    const [a, b] = [roomOf(from), roomOf(to)]
    if (a !== undefined && b !== undefined && a !== b) leadsTo.set(a, (leadsTo.get(a) ?? new Set()).add(b))
  }
  const reaches = (room: string): boolean => {
    const seen = new Set(leadsTo.get(room))
    // A set that grows while it is walked is walked to its new end.
    for (const each of seen) for (const next of leadsTo.get(each) ?? []) seen.add(next)
    return seen.has(room)
  }
  return [...leadsTo.keys()].filter(reaches).toSorted()
}

it('no two rooms of the tools, or of operations, import each other: what both need has a room of its own', async () => {
  const { modules } = await cruiseRepository()
  const imports = modules.flatMap(({ source, dependencies }) =>
    dependencies.map(({ resolved }): Import => [source, resolved]),
  )
  expect(new Set(imports.map(([from]) => roomOf(from))).size).toBeGreaterThan(15)
  expect(inCircles(imports)).toEqual([])
})

it('a circle is noticed however deep in their rooms the files lie, and through a third room', () => {
  const deep: Import = ['tools/demo/report.ts', 'tools/saga/verify/describe.ts']
  expect(inCircles([deep, ['tools/saga/tail/line.ts', 'tools/demo/narrate.ts']])).toEqual(['tools/demo', 'tools/saga'])
  expect(inCircles([deep, ['tools/saga/run.ts', 'tools/c/c.ts'], ['tools/c/c.ts', 'tools/demo/a.ts']])).toHaveLength(3)
  expect(
    inCircles([deep, ['tools/saga/commands/list.ts', 'tools/saga/run.ts'], ['tools/start.ts', 'tools/demo/a.ts']]),
  ).toEqual([])
})
