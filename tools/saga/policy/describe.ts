import type { Decision, Summary } from '@countermand/policy/decide.ts'
import type { CaseChange, CellChange } from '@countermand/policy/diff.ts'
import type { Explanation, Told } from '@countermand/policy/explain.ts'
import type { Lint } from '@countermand/policy/lint.ts'
import type { Citation } from '@countermand/policy/pack.ts'
import { problemText } from '@countermand/policy/read/problem.ts'
import type { CaseRun } from '@countermand/policy/run-cases.ts'
import { colours } from '../../terminal/colours.ts'
import { columns } from '../../terminal/print.ts'

const marks: Readonly<Record<Citation['read'], string>> = {
  V: '',
  S: ' (read in a secondary source)',
  K: ' (not settled)',
}

const citesText = (cites: readonly Citation[]): string =>
  cites.map(({ law, at, read }) => `${law} ${at}${marks[read]}`).join('; ')

const reasonText = (indent: string, { rule, pack, cites, text }: Told, because?: string): string[] => [
  `${indent}${colours.bold(rule)} of ${pack}${because === undefined ? '' : `: ${because}`}`,
  `${indent}  ${text}`,
  colours.dim(`${indent}  ${citesText(cites)}`),
]

/** A decision in words: each line with the rules that won and lost, what holds, and what nobody knows. */
export const describeExplanation = ({ lines, says, notes }: Explanation): string =>
  [
    ...lines.flatMap(({ lineId, ground, why, lost }) => [
      `line ${lineId}: ${ground}`,
      ...why.flatMap((each) => reasonText('  ', each)),
      ...lost.flatMap((each) => reasonText('  ', each, `no, ${each.because}`)),
    ]),
    '',
    ...says,
    '',
    ...notes.map((each) => colours.yellow(each)),
  ].join('\n')

/** A decision on a few lines. */
export const describeDecision = ({ pack, ground, lines, signedOff }: Decision, { window, refund }: Summary): string => {
  const row = (name: string, value: string | undefined) => (value === undefined ? [] : [[name, value]])
  return columns([
    ...row('ground', ground),
    ...row('pack', `${pack}${signedOff ? '' : ' (not signed off)'}`),
    ...lines.map(({ lineId, why }) => [`line ${lineId}`, why.map(({ rule }) => rule).join(', ')]),
    ...row('can be declared until', window.until),
    // Of a request the terms say it all.
    ...(ground === 'request'
      ? []
      : [
          ['refund', `${refund.means}, waits for: ${refund.withhold}, shipping: ${refund.shipping}`],
          ['return cost', refund.returnCost],
        ]),
    ...row('refund due before', refund.dueAt),
    ...row('better before', refund.targetAt),
    ...row('by other means before', refund.otherMeansBy),
    ...row('goods collected before', refund.collectBy),
  ])
}

/** How long something took, for people. */
export interface Speed {
  readonly cells: number
  readonly seconds: number
  readonly decisionMs: number
}

/** What lint found. */
export const describeLint = ({ packs, problems, warnings }: Lint, { cells, seconds, decisionMs }: Speed): string =>
  [
    ...problems.map((each) => colours.red(problemText(each))),
    ...warnings.map((each) => colours.yellow(problemText(each))),
    columns(
      packs.map(({ pack, cells: of, signedOff, open }) => [
        pack,
        `${of} cells`,
        signedOff ? 'signed off' : 'not signed off',
        open.length === 0 ? '' : `${open.length} points not settled`,
      ]),
    ),
    `${cells} cells decided in ${seconds.toFixed(1)} s; a decision with its clocks takes ${decisionMs.toFixed(2)} ms`,
    problems.length === 0 ? colours.green('✓ nothing is wrong') : colours.red(`✗ ${problems.length} problems`),
  ].join('\n')

const shown = (value: unknown): string => (value === undefined || value === null ? 'nothing' : String(value))

/** What came of the cases. */
export const describeCases = (runs: readonly CaseRun[], seconds: number): string => {
  const failed = runs.filter(({ differs }) => differs.length > 0)
  return [
    ...failed.flatMap(({ id, pack, place, differs }) =>
      differs.map(({ what, expected, got }) =>
        colours.red(
          `${place.file}:${place.line}: ${pack} ${id}: expected ${what} ${shown(expected)}, got ${shown(got)}`,
        ),
      ),
    ),
    `${runs.length} cases in ${seconds.toFixed(1)} s, ${runs.length - failed.length} as expected`,
    failed.length === 0 ? colours.green('✓ all as expected') : colours.red(`✗ ${failed.length} differ`),
  ].join('\n')
}

/** What would change by another version. */
export const describeDiff = (cells: readonly CellChange[], cases: readonly CaseChange[]): string =>
  cells.length + cases.length === 0
    ? 'nothing changes'
    : [
        ...cells.map(
          ({ what, from, to, cells: count, example }) =>
            `${what}: ${from} → ${to} in ${count} cells, such as ${example}`,
        ),
        ...cases.flatMap(({ id, changes }) =>
          changes.map(({ what, from, to }) => `${id}: ${what} ${shown(from)} → ${shown(to)}`),
        ),
      ].join('\n')
