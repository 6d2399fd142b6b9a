import { keepsFailing } from '@countermand/workflows/src/runs/keeps-failing.ts'
import type { Databases } from '../databases.ts'
import { countOpenRuns, listFailingRuns } from '../failing-runs.ts'
import { describeRun } from '../retry/plan.ts'
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

/** `reason`: why a run needs somebody that does not say so itself; what was told of it comes a minute later. */
const inNeed = ({ run, facts }: Triaged, reason: string): Triaged => {
  const error = 'its workflow task keeps failing'
  const unheard = { reason, error, since: run.startedAt.toISOString(), over: false }
  const trouble = facts?.trouble?.reason === reason ? facts.trouble : unheard
  const { requestId, orderId } = run
  const known = facts ?? { requestId, orderId, outcome: null, money: null, deadline: null }
  return {
    run: { ...run, needsAttention: true, attentionReason: reason },
    facts: { ...known, trouble },
    troubleSince: trouble.since,
  }
}

/** So many are looked at one by one in no time; of more the sweep's word is taken, which comes within a minute. */
const fewOpen = 100

interface Parts {
  readonly temporal: Temporal
  readonly databases: Databases
}

/** The runs whose code fails of which the sweep has told, and still does. */
const failingByWord = async ({ temporal, databases }: Parts): Promise<Run[]> => {
  const told = [...(await factsOf(databases)).values()].filter(
    ({ trouble }) => trouble?.over === false && trouble.reason === 'workflow-task-failing',
  )
  const runs = await Promise.all(told.map(({ orderId }) => listRuns(temporal, { order: orderId })))
  const looked = runs.flat().map(async (run) => {
    const found = run.status === 'RUNNING' ? await describeRun(temporal, run.workflowId) : undefined
    return found !== undefined && keepsFailing(found) ? [run] : []
  })
  return (await Promise.all(looked)).flat()
}

/** Runs whose code fails: they cannot say so themselves. */
export const listFailing = async (parts: Parts, query: RunQuery): Promise<Triaged[]> => {
  const few = (await countOpenRuns(parts.temporal, query)) <= fewOpen
  const runs = few ? await listFailingRuns(parts.temporal, query) : await failingByWord(parts)
  return (await withFacts(parts.databases, runs)).map((each) => inNeed(each, 'workflow-task-failing'))
}

/**
 * Runs with what their own search attributes do not say: that a refund was reversed, or a parcel came back, after the end of
 * their request, which is a run of its own; and that their code fails.
 */
export const listTriaged = async (parts: Parts, query: RunQuery): Promise<Triaged[]> => {
  const [runs, parked, failing] = await Promise.all([
    listRuns(parts.temporal, query),
    listRuns(parts.temporal, { attention: true, order: query.order }),
    listFailing(parts, query),
  ])
  const found = await withFacts(parts.databases, runs)
  const failed = new Map(failing.map((each) => [each.run.runId, each]))
  const later = new Map(
    parked.flatMap((run) => (run.attentionReason === undefined ? [] : [[run.requestId, run.attentionReason] as const])),
  )
  return found.map((each) => {
    const { run } = each
    const reason = run.needsAttention || run.outcome === undefined ? undefined : later.get(run.requestId)
    return failed.get(run.runId) ?? (reason === undefined ? each : inNeed(each, reason))
  })
}
