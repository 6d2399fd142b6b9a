import { type AttentionReason, attentionReason } from '@countermand/contracts/vocabulary.ts'
import type { Databases } from '../reach/databases.ts'
import type { WatchProgress } from '../reach/progress.ts'
import type { System } from '../reach/system.ts'
import { type Facts, factsOf } from './facts.ts'
import { countOpenRuns, type FailingRun, listFailingRuns, lookWhetherFailing } from './failing-runs.ts'
import { listRuns, type Run, type RunQuery } from './runs.ts'

type Trouble = Omit<NonNullable<Facts['trouble']>, 'over'>

/** A run, with what makes it more or less urgent. */
export interface Triaged {
  readonly run: Run
  readonly facts: Facts | undefined
  /** ISO 8601: when its trouble began; `undefined`: it has none. */
  readonly troubleSince: string | undefined
}

/** Money that nobody can account for first, then customers who wait for theirs, then what stands still. */
const places: Readonly<Record<AttentionReason, number>> = {
  ...{ 'refund-in-doubt': 0, 'refund-reversed': 1, 'refund-refused-after-pivot': 2 },
  ...{ 'workflow-task-failing': 3, 'undo-failed': 4, 'step-failed': 5 },
  ...{ 'refund-overdue': 6, 'refunded-twice': 6 },
}
const [last, nobody] = [6, 7]

const placeOf = ({ run }: Triaged): number => {
  const reason = attentionReason.safeParse(run.attentionReason)
  return run.needsAttention ? (reason.success ? places[reason.data] : last) : nobody
}

/** What hurts most comes first: by reason, then the oldest trouble. Whatever needs nobody keeps its order. */
export const worstFirst = (found: readonly Triaged[]): Triaged[] =>
  found.toSorted((a, b) => placeOf(a) - placeOf(b) || (a.troubleSince ?? '').localeCompare(b.troubleSince ?? ''))

export const withFacts = async (databases: Databases, runs: readonly Run[]): Promise<Triaged[]> => {
  const facts = await factsOf(databases, [...new Set(runs.map(({ requestId }) => requestId))])
  return runs.map((run) => {
    const found = facts.get(run.requestId)
    const since = found?.trouble?.since ?? run.startedAt.toISOString()
    return { run, facts: found, troubleSince: run.needsAttention ? since : undefined }
  })
}

/** A saga that needs somebody though its run's search attributes do not say so. */
const inNeed = ({ run, facts }: Triaged, trouble: Trouble): Triaged => {
  const { requestId, orderId } = run
  const known = facts ?? { requestId, orderId, outcome: null, money: null, deadline: null }
  return {
    run: { ...run, needsAttention: true, attentionReason: trouble.reason },
    facts: { ...known, trouble: { ...trouble, over: false } },
    troubleSince: trouble.since,
  }
}

/** Since when, by whoever knew it first: the run shows the last time that its code began to fail. */
const sinceOf = (facts: Facts | undefined, { since }: FailingRun): string => {
  const told = facts?.trouble
  return told?.reason === 'workflow-task-failing' && !told.over && told.since < since ? told.since : since
}

/** By what their runs show now: what services know of it was told a minute later, or of another time. */
const asFailing = async ({ databases }: Parts, failing: readonly FailingRun[]): Promise<Triaged[]> => {
  const runs = failing.map(({ run }) => run)
  const known = new Map((await withFacts(databases, runs)).map(({ run, facts }) => [run, facts]))
  return failing.map((each) => {
    const { run, error } = each
    const facts = known.get(run)
    const since = sinceOf(facts, each)
    return inNeed({ run, facts, troubleSince: since }, { reason: 'workflow-task-failing', error, since })
  })
}

/** What was told of what came after the end, as far as anything was. */
const ofLater = ({ run, facts }: Triaged, reason: string): Trouble =>
  facts?.trouble?.reason === reason ? facts.trouble : { reason, error: '', since: run.startedAt.toISOString() }

/** So many are looked at one by one in no time; of more the sweep's word is taken, which comes within a minute. */
const fewOpen = 100

interface Parts extends Pick<System, 'temporal' | 'databases'> {
  readonly watch?: WatchProgress
}

/** The runs whose code fails of which the sweep has told, and still does. */
const failingByWord = async ({ temporal, databases }: Parts): Promise<FailingRun[]> => {
  const told = [...(await factsOf(databases)).values()].filter(
    ({ trouble }) => trouble?.over === false && trouble.reason === 'workflow-task-failing',
  )
  const runs = await Promise.all(told.map(({ orderId }) => listRuns(temporal, { order: orderId })))
  const open = runs.flat().filter(({ status }) => status === 'RUNNING')
  return (await Promise.all(open.map((run) => lookWhetherFailing(temporal, run)))).filter((each) => each !== undefined)
}

/** Runs whose code fails: they cannot say so themselves. */
export const listFailing = async (parts: Parts, query: RunQuery): Promise<Triaged[]> => {
  const few = (await countOpenRuns(parts.temporal, query)) <= fewOpen
  const runs = few ? await listFailingRuns(parts.temporal, query, parts.watch) : await failingByWord(parts)
  return asFailing(parts, runs)
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
    return failed.get(run.runId) ?? (reason === undefined ? each : inNeed(each, ofLater(each, reason)))
  })
}

/** Those that need somebody, what hurts most first: they are looked at one by one, for a failing code tells nobody. */
export const listInNeed = async (parts: Parts, query: RunQuery): Promise<Triaged[]> => {
  const [parked, failing] = await Promise.all([
    listRuns(parts.temporal, { ...query, attention: true }),
    listFailingRuns(parts.temporal, query, parts.watch),
  ])
  const [known, failed] = await Promise.all([withFacts(parts.databases, parked), asFailing(parts, failing)])
  return worstFirst([...known, ...failed])
}
