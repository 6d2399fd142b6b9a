import { describe, expect, it } from 'vitest'
import { smallFiles, smallPack } from '../test/given.ts'
import { PolicyError, problemText } from './problem.ts'
import { readLibrary } from './read-library.ts'

const problemsOf = (changed: Readonly<Record<string, string>>): readonly string[] => {
  const read = readLibrary(smallFiles(changed))
  return read.ok ? [] : read.problems.map(problemText)
}
const pack = 'small/2026.1.yaml'
const replaced = (from: string | RegExp, to: string): readonly string[] => {
  const text = smallPack.replace(from, to)
  expect(text).not.toBe(smallPack)
  return problemsOf({ [pack]: text })
}

describe('a library', () => {
  it('is read from its files', () => {
    const read = readLibrary(smallFiles())
    expect(read.ok && [...read.library.packs.keys()]).toEqual(['small@2026.1'])
    expect(read.ok && read.library.texts.languages).toEqual(['de', 'en'])
    expect(read.ok && read.library.placeOf('small@2026.1', 'custom-made')).toEqual({ file: pack, line: 22 })
  })

  it.each([
    ['an unknown key', /^zone: UTC$/m, 'zone: UTC\nzones: UTC', `${pack}:5: unknown key zones`],
    ['an unknown key of a rule', 'fallback: true', 'fallbak: true', `${pack}:11: unknown key fallbak`],
    [
      'a missing citation',
      /\n {4}cites: \[{ law: Code, at: "3" }\]/,
      '',
      `${pack}:22: rules.2.cites: expected a citation: cites`,
    ],
    [
      'no citation',
      'cites: [{ law: Code, at: "3" }]',
      'cites: []',
      `${pack}:27: rules.2.cites: expected a citation: cites`,
    ],
    [
      'an exception without a base',
      'exceptionTo: withdrawal',
      'exceptionTo: withdrawel',
      `${pack}:22: rule custom-made: exception without a base: no rule withdrawel stands above it`,
    ],
    [
      'a clock without a start',
      'from: informed, ',
      '',
      `${pack}:30: clocks.refund.from: expected what the clock starts from`,
    ],
    [
      'a clock that is not there',
      'refund: refund }',
      'refund: refunds }',
      `${pack}:15: rule withdrawal: no clock refunds in the pack`,
    ],
    [
      'a rolling clock without a calendar',
      /^calendar: small\n/m,
      '',
      `${pack}:14: rule withdrawal: clock period needs a calendar, and the pack names none`,
    ],
    ['a calendar that is not there', 'calendar: small', 'calendar: smal', `${pack}:5: no calendar smal`],
    [
      'a version that is a number',
      '"2026.1"',
      '2026.1',
      `${pack}:2: version: expected a version in quotes, such as "2026.2"`,
    ],
    ['a key that is there twice', /^zone: UTC$/m, 'zone: UTC\nzone: UTC', `${pack}:5: Map keys must be unique`],
    [
      'an anchor',
      'gives: { ground: request }',
      'gives: &it { ground: request }\n    when: *it',
      `${pack}:1: expected no anchors`,
    ],
    ['a right with a gate', 'approval: none, ', '', `${pack}:15: rule withdrawal: a right needs nobody’s approval`],
    [
      'a right that may be paid in credit',
      ', means: same-or-agreed',
      '',
      `${pack}:15: rule withdrawal: a right is paid as it was paid`,
    ],
    [
      'a right without a date for the money',
      ', refund: refund }',
      ' }',
      `${pack}:15: rule withdrawal: a right needs a clock for the refund`,
    ],
    ['a right without a receipt', /\n {4}receipt: .*/, '', `${pack}:15: rule withdrawal: a right needs a receipt`],
    ['no fallback', /\n {4}fallback: true/, '', `${pack}:10: rule terms: expected one rule with fallback: true`],
    [
      'terms that give a right',
      /^zone: UTC$/m,
      'kind: terms\nzone: UTC',
      'terms can promise, and give no right or duty',
    ],
    [
      'half of a sign-off',
      'by: null, on: null',
      'by: Ann, on: null',
      `${pack}:8: a sign-off says by whom and on which day`,
    ],
    ['a zone that is none', 'zone: UTC', 'zone: Europe/Atlantis', `${pack}:4: zone: `],
    ['a day that is none', '2026-11-28', '2026-02-30', `${pack}:7: stateOfLaw: expected a day that there is`],
    [
      'another name than its file',
      'pack: small',
      'pack: smaller',
      `${pack}:1: expected pack small, as the file is called, got smaller`,
    ],
  ])('with %s cannot be used, and says where', (_, from, to, expected) => {
    expect(replaced(from, to).join('\n')).toContain(expected)
  })

  it.each([
    [
      'that lacks a language',
      { 'texts/de.yaml': 'request.terms: x\nright.withdrawal: y\n' },
      `${pack}:15: text receipt lacks the language de`,
    ],
    [
      'of one language alone',
      { 'texts/en.yaml': 'request.terms: x\nright.withdrawal: y\nreceipt: z\nmore: m\n' },
      'texts/en.yaml:4: text more lacks the language de',
    ],
    [
      'that is no ICU text',
      { 'texts/en.yaml': 'request.terms: "{x, plural"\nright.withdrawal: y\nreceipt: z\n' },
      'texts/en.yaml:1: request.terms: ',
    ],
  ])('with a text %s cannot be used', (_, changed, expected) => {
    expect(problemsOf(changed).join('\n')).toContain(expected)
  })

  const year = (of: number, holidays = '') =>
    `  - { year: ${of}, announced: { law: Code, url: https://law.example }, holidays: [${holidays}] }\n`
  const head = 'calendar: small\nweekend: [sat, sun]\nyears:\n'
  it.each([
    [
      'skips a year',
      `${head}${year(2026)}${year(2028)}`,
      'calendars/small.yaml:5: gap of years: 2028 comes after 2026',
    ],
    [
      'has a day twice',
      `${head}${year(2026, '{ on: 2026-01-01, name: a }, { on: 2026-01-01, name: b }')}`,
      'calendars/small.yaml:4: 2026-01-01 is there twice',
    ],
    [
      'has a day of another year',
      `${head}${year(2026, '{ on: 2027-01-01, name: a }')}`,
      'calendars/small.yaml:4: 2027-01-01 is not in 2026',
    ],
    ['names no notice', `${head}  - { year: 2026, holidays: [] }\n`, 'calendars/small.yaml:4: years.0.announced: '],
  ])('with a calendar that %s cannot be used', (_, text, expected) => {
    expect(problemsOf({ 'calendars/small.yaml': text }).join('\n')).toContain(expected)
  })

  const second = (from: string, replaces = '') =>
    smallPack
      .replace('"2026.1"', '"2026.2"')
      .replace('from: 2026-01-01', `from: ${from}`)
      .replace('zone: UTC', `zone: UTC${replaces}`)
  const until = (day: string) => smallPack.replace('from: 2026-01-01', `from: 2026-01-01, until: ${day}`)
  it('with versions that leave a gap, or overlap, cannot be used; with a correction it can', () => {
    const later = 'small/2026.2.yaml'
    expect(problemsOf({ [pack]: until('2026-06-01'), [later]: second('2026-07-01') })).toEqual([
      `${later}:6: gap of validity: nothing holds from 2026-06-01 until 2026-07-01`,
    ])
    expect(problemsOf({ [later]: second('2026-07-01') })[0]).toContain(`${later}:6: overlap of validity`)
    expect(problemsOf({ [pack]: until('2026-07-01'), [later]: second('2026-07-01') })).toEqual([])
    expect(problemsOf({ [later]: second('2026-01-01', '\nreplaces: "2026.1"') })).toEqual([])
    expect(problemsOf({ [later]: second('2026-01-01', '\nreplaces: "2026.9"') }).join()).toContain(
      'no version 2026.9 of small',
    )
  })

  it('with rules of one name that leave a gap, or overlap, cannot be used', () => {
    const dated = (first: string, then: string) => {
      const [before = '', rest = ''] = smallPack.split('  - id: custom-made\n')
      const [body = '', after = ''] = rest.split('clocks:\n  period')
      const rule = (span: string) => `  - id: custom-made\n    inForce: ${span}\n${body}`
      return problemsOf({ [pack]: `${before}${rule(first)}${rule(then)}clocks:\n  period${after}` })
    }
    expect(dated('{ until: 2026-06-01 }', '{ from: 2026-06-01 }')).toEqual([])
    expect(dated('{ until: 2026-06-01 }', '{ from: 2026-07-01 }').join()).toContain('rule custom-made: gap of validity')
    expect(dated('{ until: 2026-08-01 }', '{ from: 2026-07-01 }').join()).toContain(
      'rule custom-made: overlap of validity',
    )
  })

  it('with a pack that extends one that is not there, or itself, cannot be used', () => {
    const child = (parent: string) =>
      `pack: child\nversion: "2026.1"\nextends: ${parent}\ninForce: { from: 2026-01-01, by: contract }\nstateOfLaw: 2026-11-28\nsignedOff: { by: null, on: null }\n`
    expect(problemsOf({ 'child/2026.1.yaml': child('small@2026.1') })).toEqual([])
    for (const parent of ['small@2026.9', 'child@2026.1'])
      expect(problemsOf({ 'child/2026.1.yaml': child(parent) })).toEqual([
        `child/2026.1.yaml:3: expected a pack that is there and can be read, got ${parent}`,
      ])
  })

  it('says all problems at once, each with its file and line', () => {
    const problems = [
      { file: 'a.yaml', line: 3, message: 'unknown key b' },
      { file: 'c.yaml', line: 1, message: 'no' },
    ]
    expect(new PolicyError(problems).message).toBe(
      'the policies cannot be used:\n  a.yaml:3: unknown key b\n  c.yaml:1: no',
    )
  })
})
