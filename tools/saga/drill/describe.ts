import { type Addresses, sagaUrl } from '@countermand/workflows/operations/reach/addresses.ts'
import { colours } from '../../terminal/colours.ts'
import { columns } from '../../terminal/print.ts'
import type { Drill } from './drills.ts'
import type { Made } from './make.ts'
import { type Patience, spanText } from './patience.ts'

/** A drill that was made, and how it was found. */
export interface Result {
  readonly drill: Drill
  readonly made: Made
  readonly stuck: boolean
  /** What was found, in words. */
  readonly is: string
  readonly ms: number
}

/** One that is not made, because it would take too long here. */
export interface NotMade {
  readonly drill: Drill
  readonly because: string
}

export const tooSlow = (drill: Drill, patience: Patience): string =>
  `stuck after about ${spanText(drill.afterMs(patience))} here; start the system with ${drill.quickWith ?? 'less patience'}, or give --within`

/** `saga drill --list`. */
export const describeDrills = (drills: readonly Drill[], patience: Patience): string =>
  columns([
    ['drill', 'stuck after', 'runbook', 'what happens'].map((each) => colours.bold(each)),
    ...drills.map((drill) => [
      drill.name,
      `${spanText(drill.afterMs(patience))}${drill.quickWith === undefined ? '' : ` (${drill.quickWith}: quick)`}`,
      `docs/runbooks/${drill.runbook}`,
      drill.story,
    ]),
  ])

const hintOf = ({ drill, made }: Result): string[] => [drill.hint, ...drill.repair(made)]

/** Where the Temporal UI shows it; a request that was not taken has no run. */
const runUrl = ({ drill, made }: Result, where: Addresses): string | null =>
  drill.found.by === 'dead-letter' || drill.found.by === 'held' ? null : sagaUrl(where, made.workflowId)

const describeResult = (result: Result, where: Addresses, hint: boolean): string =>
  [
    `${result.stuck ? colours.green('stuck') : colours.red('not stuck')}  ${colours.bold(result.drill.name)}  (${(result.ms / 1000).toFixed(1)} s)`,
    `  ${result.drill.story}`,
    `  order    ${result.made.orderId}`,
    `  request  ${result.made.requestId}`,
    `  found    ${result.is}`,
    `  seen in  ${result.drill.seen}`,
    `  run      ${runUrl(result, where) ?? 'none yet'}`,
    `  runbook  docs/runbooks/${result.drill.runbook}`,
    ...(hint ? hintOf(result).map((line, nth) => `  ${nth === 0 ? 'hint   ' : '       '}  ${line}`) : []),
  ].join('\n')

/** What was made, what is to be seen, and where it is written what to do; how to repair it only as a hint. */
export const describeResults = (
  results: readonly Result[],
  notMade: readonly NotMade[],
  { where, hint }: { readonly where: Addresses; readonly hint: boolean },
): string =>
  [
    ...results.map((result) => describeResult(result, where, hint)),
    ...notMade.map(({ drill, because }) => `${colours.dim('not made')}  ${colours.bold(drill.name)}  ${because}`),
  ].join('\n\n')

/** The same for programs. */
export const documentOf = (
  results: readonly Result[],
  notMade: readonly NotMade[],
  { where, hint }: { readonly where: Addresses; readonly hint: boolean },
) => ({
  ok: results.every(({ stuck }) => stuck),
  drills: results.map((result) => ({
    name: result.drill.name,
    ...result.made,
    temporalUrl: runUrl(result, where),
    stuck: result.stuck,
    found: result.is,
    ms: result.ms,
    seen: result.drill.seen,
    runbook: `docs/runbooks/${result.drill.runbook}`,
    ...(hint ? { hint: result.drill.hint, repair: result.drill.repair(result.made) } : {}),
  })),
  notMade: notMade.map(({ drill, because }) => ({ name: drill.name, because })),
})
