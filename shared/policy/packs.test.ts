import { describe, expect, it } from 'vitest'
import { allCells, cellText, daysOfChange, decideCells } from './cells.ts'
import { decide } from './decide.ts'
import { explain } from './explain.ts'
import { loadLibrary } from './files.ts'
import { problemText } from './read/problem.ts'
import { readLibrary } from './read/read-library.ts'
import { judge, rulesOn } from './rules.ts'
import { runCases, untestedRules } from './run-cases.ts'
import { smallFiles, smallPack } from './test/given.ts'
import { type Cell, ground } from './vocabulary.ts'

const library = loadLibrary()
const packs = [...library.packs.values()].map((pack) => [pack.ref, pack] as const)
const days = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000

describe('the packs', () => {
  it('are there', () => {
    expect([...new Set(packs.map(([, { id }]) => id))]).toEqual([
      'br',
      'de',
      'eu',
      'fr',
      'it',
      'kr',
      'none',
      'tw',
      'uk',
      'zz',
    ])
  })

  it.each(packs)('%s decides every cell by one rule, and never gives less than what it extends', (_, pack) => {
    const { cells, problems } = decideCells(library, pack)
    expect(problems.map(problemText)).toEqual([])
    expect(cells % (4 * 3 * 5 * 17 * 5 * 2 * 3 * 2)).toBe(0)
    expect(cells).toBeGreaterThan(0)
  })

  it.each(packs.filter(([, { id }]) => id !== 'zz'))(
    '%s gives a right to consumers alone, and only while it runs',
    (_, pack) => {
      const rules = rulesOn(pack.rules, daysOfChange(pack).at(-1) ?? '')
      for (const cell of allCells()) {
        const [winner] = judge(rules, cell).winners
        if (winner === undefined || winner.given.ground === 'request') continue
        expect(['customer', 'support']).toContain(cell.initiator)
        expect(['consumer', 'unknown']).toContain(cell.customerKind)
        expect([cell.salesChannel, cell.timing]).not.toContain('after')
        expect(cell.salesChannel).not.toBe('shop')
      }
    },
  )

  it.each(packs)(
    '%s takes the generous branch where a fact is unknown: no other value gives a stronger ground',
    (_, pack) => {
      const rules = rulesOn(pack.rules, daysOfChange(pack).at(-1) ?? '')
      const groundOf = (cell: Cell) => ground.options.indexOf(judge(rules, cell).winners[0]?.given.ground ?? 'request')
      const weaker: string[] = []
      for (const cell of allCells()) {
        const unknown = {
          ...cell,
          goodsKind: 'unknown',
          customerKind: 'unknown',
          informed: 'no',
          acknowledged: [],
        } as const
        if (groundOf(unknown) < groundOf(cell)) weaker.push(cellText(cell))
      }
      expect(weaker).toEqual([])
    },
  )

  it.each(packs)('%s has a case for each of its rules', (_, pack) => {
    expect(untestedRules(library, pack)).toEqual([])
  })

  it.each(packs)('%s is signed off by nobody, but for the sandbox', (_, pack) => {
    expect(pack.signedOff.by === null).toBe(pack.id !== 'zz')
  })

  it.each([...library.calendars.values()].map((each) => [each.id, each] as const))(
    'the calendar %s does not run out within sixty days: else take the next notice into it',
    (_, { until }) => {
      expect(days(new Date().toISOString(), until)).toBeGreaterThan(60)
    },
  )
})

describe('the cases', () => {
  const runs = [...library.cases.keys()].flatMap((id) => runCases(library, id))

  it.each(runs.map((each) => [each.pack, each.id, each] as const))('%s %s', (_, __, { differs }) => {
    expect(differs).toEqual([])
  })

  it('are told with a citation for each line, in every language', () => {
    for (const { known } of runs)
      for (const language of library.texts.languages) {
        const { lines, says, notes } = explain(library, decide(library, known), language)
        for (const { why } of lines) {
          expect(why.length).toBeGreaterThan(0)
          expect(why.every(({ cites, text }) => cites.length > 0 && text.includes(' '))).toBe(true)
        }
        // A text that is not there is told by its key.
        expect([...says, ...notes].filter((text) => !text.includes(' '))).toEqual([])
      }
  })

  it('of clocks have a weekend, a holiday, a year end and both changes of the clock', () => {
    for (const id of ['de', 'fr', 'it', 'uk']) {
      const names = runs.filter(({ place }) => place.file.startsWith(`${id}/`)).map((each) => each.id)
      expect(names).toEqual(expect.arrayContaining(['summer-time-begins', 'summer-time-ends', 'never-informed']))
    }
  })
})

describe('deciding cells', () => {
  const problemsOf = (text: string) => {
    const read = readLibrary(smallFiles({ 'small/2026.1.yaml': text }))
    const pack = read.ok ? read.library.packs.get('small@2026.1') : undefined
    if (!read.ok || pack === undefined) throw new Error('expected a pack that can be read')
    return decideCells(read.library, pack).problems.map(problemText)
  }

  it('finds two rules that win one cell, with file and line', () => {
    const second =
      '  - id: engraved\n    exceptionTo: withdrawal\n    when: { goodsKind: [custom-made], initiator: [customer] }\n    gives: { ground: request }\n    text: request.terms\n    cites: [{ law: Code, at: "4" }]\nclocks:\n  period'
    const found = problemsOf(smallPack.replace('clocks:\n  period', second))
    expect(found).toHaveLength(1)
    expect(found[0]).toMatch(
      /^small\/2026\.1\.yaml:28: two rules win one cell, custom-made and engraved: customer, consumer, online, custom-made, .* on 2026-01-01, and \d+ other cells$/,
    )
  })

  it('finds a child that gives less than its parent', () => {
    const child = `pack: child\nversion: "2026.1"\nextends: small@2026.1\ninForce: { from: 2026-01-01, by: contract }\nstateOfLaw: 2026-11-28\nsignedOff: { by: null, on: null }\nrules:\n  - id: no-sale-items\n    exceptionTo: withdrawal\n    when: { goodsKind: [ordinary] }\n    gives: { ground: request }\n    text: request.terms\n    cites: [{ law: Other, at: "1" }]\n`
    const read = readLibrary(smallFiles({ 'child/2026.1.yaml': child }))
    const pack = read.ok ? read.library.packs.get('child@2026.1') : undefined
    if (!read.ok || pack === undefined) throw new Error('expected a pack that can be read')
    expect(decideCells(read.library, pack).problems.map(problemText).join()).toContain(
      'child/2026.1.yaml:8: rule no-sale-items gives less than withdrawal of small@2026.1, which it extends',
    )
  })

  it('goes through every combination of facts', () => {
    expect([...allCells()]).toHaveLength(2 * 30_600)
  })
})
