import type { Databases } from '../databases.ts'
import { describeRun, keepsFailing } from '../retry/plan.ts'
import { listRuns, type Run, type RunQuery, type Temporal } from '../runs.ts'
import { type Facts, factsOf } from './facts.ts'

/** A run, with what makes it more or less urgent. */
export interface Triaged {
  readonly run: Run
  readonly facts: Facts | undefined
  /** ISO 8601: when its trouble began; `undefined`: it has none. */
  readonly troubleSince: string | undefined
}

/** Money that nobody can account for first, then customers who wait for theirs, then what stands still. */
const severity = [
  ...['refund-in-doubt', 'refund-reversed', 'refund-refused-after-pivot'],
  ...['workflow-task-failing', 'undo-failed', 'step-failed', 'refund-overdue'],
]

const severityOf = ({ run }: Triaged): number => {
  const place = severity.indexOf(run.attentionReason ?? '')
  return run.needsAttention ? (place < 0 ? severity.length - 1 : place) : severity.length
}

/** What hurts most comes first: by reason, then the oldest trouble. Whatever needs nobody keeps its order. */
export const worstFirst = (found: readonly Triaged[]): Triaged[] =>
  found.toSorted((a, b) => severityOf(a) - severityOf(b) || (a.troubleSince ?? '').localeCompare(b.troubleSince ?? ''))

export const withFacts = async (databases: Databases, runs: readonly Run[]): Promise<Triaged[]> => {
  const facts = await factsOf(databases, [...new Set(runs.map(({ requestId }) => requestId))])
  return runs.map((run) => {
    const found = facts.get(run.requestId)
    const since = found?.trouble?.since ?? run.startedAt.toISOString()
    return { run, facts: found, troubleSince: run.needsAttention ? since : undefined }
  })
}

/** The runs among these whose code fails by the sweep's word, and still does. */
const stillFailing = async (temporal: Temporal, found: readonly Triaged[]): Promise<Set<string>> => {
  const told = found.filter(
    ({ run, facts }) =>
      run.status === 'RUNNING' && facts?.trouble?.over === false && facts.trouble.reason === 'workflow-task-failing',
  )
  const failing = await Promise.all(
    told.map(async ({ run }) => {
      const described = await describeRun(temporal, run.workflowId)
      return described !== undefined && keepsFailing(described) ? [run.runId] : []
    }),
  )
  return new Set(failing.flat())
}

/** Of requests that the sweep has told to fail, the runs whose code still does: they cannot say so themselves. */
export const failingByWord = async (
  { temporal, databases }: { readonly temporal: Temporal; readonly databases: Databases },
  facts: readonly Facts[],
): Promise<Triaged[]> => {
  const told = facts.filter(({ trouble }) => trouble?.over === false && trouble.reason === 'workflow-task-failing')
  const runs = await Promise.all(told.map(({ orderId }) => listRuns(temporal, { order: orderId })))
  const found = await withFacts(databases, runs.flat())
  const failing = await stillFailing(temporal, found)
  return found.filter(({ run }) => failing.has(run.runId)).map((each) => inNeed(each, 'workflow-task-failing'))
}

const inNeed = (found: Triaged, reason: string): Triaged => {
  const run = { ...found.run, needsAttention: true, attentionReason: reason }
  return { ...found, run, troubleSince: found.facts?.trouble?.since ?? run.startedAt.toISOString() }
}

/**
 * Runs with what their own search attributes do not say: that a refund was reversed, or a parcel came back, after the end of
 * their request, which is a run of its own; and that their code fails, of which the sweep has told.
 */
export const listTriaged = async (
  { temporal, databases }: { readonly temporal: Temporal; readonly databases: Databases },
  query: RunQuery,
): Promise<Triaged[]> => {
  const [runs, parked] = await Promise.all([
    listRuns(temporal, query),
    listRuns(temporal, { attention: true, order: query.order }),
  ])
  const found = await withFacts(databases, runs)
  const failing = await stillFailing(temporal, found)
  const later = new Map(
    parked.flatMap((run) => (run.attentionReason === undefined ? [] : [[run.requestId, run.attentionReason] as const])),
  )
  return found.map((each) => {
    const { run } = each
    if (failing.has(run.runId)) return inNeed(each, 'workflow-task-failing')
    const reason = run.needsAttention ? undefined : later.get(run.requestId)
    return reason === undefined || run.outcome === undefined ? each : inNeed(each, reason)
  })
}
