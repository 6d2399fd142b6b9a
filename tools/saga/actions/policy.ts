import { performance } from 'node:perf_hooks'
import { decide, summaryOf } from '@countermand/policy/decide.ts'
import { diffCells, diffFacts } from '@countermand/policy/diff.ts'
import { explain } from '@countermand/policy/explain.ts'
import { loadLibrary } from '@countermand/policy/files.ts'
import type { Library } from '@countermand/policy/library.ts'
import { lint } from '@countermand/policy/lint.ts'
import { PolicyError } from '@countermand/policy/read/problem.ts'
import { type CaseRun, runCases } from '@countermand/policy/run-cases.ts'
import { print, printJson } from '../../terminal/print.ts'
import { type ExitCode, foundSomething } from '../exit.ts'
import { describeCases, describeDecision, describeDiff, describeExplanation, describeLint } from '../policy/describe.ts'
import { decideGiven, type Given, packNamed } from '../policy/read.ts'

/** What all of them may be told. */
interface Common {
  readonly policies?: string
  readonly json?: true
}

/** Says why a request rests on what it rests on. */
export const runExplain = async (
  id: string | undefined,
  options: Given & Common & { readonly language?: string },
): Promise<ExitCode> => {
  const { library, order, decision } = await decideGiven(options, id)
  const explanation = explain(library, decision, options.language ?? order.language)
  if (options.json) printJson({ pack: decision.pack, ground: decision.ground, ...summaryOf(decision), ...explanation })
  else print(describeExplanation(explanation))
  return 0
}

/** Says what a request would come to. */
export const runSimulate = async (options: Given & Common): Promise<ExitCode> => {
  const { decision } = await decideGiven(options)
  const { ground, pack, signedOff, lines, assumed } = decision
  const summary = summaryOf(decision)
  const why = lines.flatMap((line) =>
    line.why.map(({ rule, pack: of, cites }) => ({ lineId: line.lineId, rule, pack: of, cites })),
  )
  if (options.json) printJson({ ground, pack, signedOff, ...summary, why, assumed })
  else print(describeDecision(decision, summary))
  return 0
}

const casesOf = (library: Library, ids: readonly string[]) =>
  [...new Set(ids)].flatMap((id) =>
    (library.cases.get(id) ?? []).map((each) => ({ id: `${id} ${each.id}`, known: each.given })),
  )

const storedCases = async (since: Date) =>
  (await (await import('../policy/stored.ts')).storedSince(since)).map(({ requestId, known }) => ({
    id: requestId,
    known,
  }))

/** Says what another version decides otherwise: in all cells, and in the cases of both, or in the requests since then. */
export const runDiff = async (
  old: string,
  next: string,
  { policies, json, since }: Common & { readonly since?: Date },
): Promise<ExitCode> => {
  const library = loadLibrary(policies)
  const [from, to] = [packNamed(library, old), packNamed(library, next)]
  const facts = since === undefined ? casesOf(library, [from.id, to.id]) : await storedCases(since)
  const [cells, cases] = [diffCells(from, to), diffFacts(library, { from, to }, facts)]
  if (json) printJson({ from: from.ref, to: to.ref, cells, cases, decided: facts.length })
  else print(describeDiff(cells, cases))
  return cells.length + cases.length === 0 ? 0 : foundSomething
}

/** How long a decision takes, of all cases one after the other. */
const decisionMs = (library: Library): number => {
  const all = [...library.cases.values()].flat()
  const started = performance.now()
  for (const { given } of all) decide(library, given)
  return (performance.now() - started) / Math.max(1, all.length)
}

/** Looks for what is wrong with the packs. */
export const runLint = async ({ policies, json }: Common): Promise<ExitCode> => {
  try {
    const library = loadLibrary(policies)
    const started = performance.now()
    const found = lint(library, new Date().toISOString())
    const seconds = (performance.now() - started) / 1000
    const cells = found.packs.reduce((sum, each) => sum + each.cells, 0)
    const speed = { cells, seconds, decisionMs: decisionMs(library) }
    const ok = found.problems.length === 0
    if (json) printJson({ ok, ...found, speed })
    else print(describeLint(found, speed))
    return ok ? 0 : foundSomething
  } catch (error) {
    if (!(error instanceof PolicyError)) throw error
    const { problems } = error
    if (json) printJson({ ok: false, packs: [], problems, warnings: [] })
    else print(error.message)
    return foundSomething
  }
}

const caseDocument = ({ id, says, pack, place, differs }: CaseRun) => ({
  ...{ id, says, pack, ...place },
  ok: differs.length === 0,
  differs,
})

/** Decides the cases of all packs, or of some. */
export const runTest = async (packs: readonly string[], { policies, json }: Common): Promise<ExitCode> => {
  const library = loadLibrary(policies)
  const unknown = packs.find((id) => !library.cases.has(id))
  if (unknown !== undefined)
    throw new Error(`expected packs that have cases, of ${[...library.cases.keys()].join(', ')}, got ${unknown}`)
  const started = performance.now()
  const runs = [...library.cases.keys()]
    .filter((id) => packs.length === 0 || packs.includes(id))
    .flatMap((id) => runCases(library, id))
  const seconds = (performance.now() - started) / 1000
  const ok = runs.every(({ differs }) => differs.length === 0)
  if (json) printJson({ ok, cases: runs.map(caseDocument), seconds })
  else print(describeCases(runs, seconds))
  return ok ? 0 : foundSomething
}
