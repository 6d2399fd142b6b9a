import { describe, expect, it } from 'vitest'
import { loadLibrary } from './files.ts'
import { lint } from './lint.ts'
import { problemText } from './read/problem.ts'
import { readLibrary } from './read/read-library.ts'
import { smallFiles } from './test/given.ts'

const read = readLibrary(smallFiles())
if (!read.ok) throw new Error('expected packs that can be read')
const { library } = read
const said = (on: string) => lint(library, on)

describe('lint', () => {
  it('finds nothing wrong with the packs of this repository', () => {
    expect(lint(loadLibrary(), '2026-11-30').problems.map(problemText)).toEqual([])
  })

  it('finds a calendar that runs out within sixty days', () => {
    expect(said('2027-11-01').problems).toEqual([])
    expect(said('2027-11-02').problems.map(problemText)).toEqual([
      'calendars/small.yaml:1: the calendar runs out: it is known until 2027-12-31, and has to reach 60 days on',
    ])
  })

  it('warns of law that was read long ago, of notices that were not, of rules without a case, and that nobody signed off', () => {
    const place = 'small/2026.1.yaml:1: small@2026.1'
    const always = [
      'calendars/small.yaml:1: the notices of 2026, 2027 were not read: the days are taken from libraries',
      `${place}: no case decides by terms, withdrawal, custom-made`,
      `${place} is not signed off: it decides nothing by itself`,
    ]
    expect(said('2027-11-28').warnings.map(problemText)).toEqual(always)
    expect(said('2027-11-29').warnings.map(problemText)).toEqual([
      `${place}: the law was last read on 2026-11-28, more than a year ago`,
      ...always,
    ])
  })

  it('says of each pack how many cells it decided, and what is not settled', () => {
    expect(said('2026-11-30').packs).toEqual([{ pack: 'small@2026.1', cells: 61_200, open: [], signedOff: false }])
  })
})
