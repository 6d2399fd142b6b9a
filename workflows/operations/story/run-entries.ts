import type { Run } from '../find/runs.ts'
import { decoded, eventName, type History, type HistoryEvent, localActivityOf } from '../history/history.ts'
import type { TimelineEntry } from './timeline.ts'

type Told = Pick<TimelineEntry, 'kind' | 'name' | 'data'> & {
  /** When it is not when it was written down. */
  readonly when?: string
}

/** Seconds are a number or a Long, by where the history comes from. */
const isoOf = ({ seconds, nanos }: { readonly seconds?: unknown; readonly nanos?: number | null }): string =>
  new Date(Number(String(seconds ?? 0)) * 1_000 + Math.floor((nanos ?? 0) / 1e6)).toISOString()

/** A fast step leaves a marker with what it was. */
const ofMarker = (event: HistoryEvent): Told | undefined => {
  const found = localActivityOf(event)
  if (found === undefined) return undefined
  const error = event.markerRecordedEventAttributes?.failure?.message
  const { activity_type: name, original_schedule_time: asked } = found
  const when = asked == null ? {} : { when: isoOf(asked) }
  return { kind: 'activity', name, data: { lane: 'fast', ...(error ? { error } : {}) }, ...when }
}

/** What somebody told the run, or what became of it; `undefined`: the services' rows tell it better. */
const toldBy = (event: HistoryEvent, eventOf: (eventId: number) => HistoryEvent | undefined): Told | undefined => {
  const scheduled = event.activityTaskScheduledEventAttributes
  if (scheduled) {
    const summary = decoded(event.userMetadata?.summary)
    return { kind: 'activity', name: scheduled.activityType?.name ?? 'unknown', data: { summary } }
  }
  const broken = event.activityTaskFailedEventAttributes ?? event.activityTaskTimedOutEventAttributes
  if (broken) {
    const error = broken.failure?.cause?.message ?? broken.failure?.message ?? 'no answer in time'
    const scheduled = eventOf(Number(broken.scheduledEventId))?.activityTaskScheduledEventAttributes
    return { kind: 'activity', name: `${scheduled?.activityType?.name ?? 'an activity'} failed`, data: { error } }
  }
  const signal = event.workflowExecutionSignaledEventAttributes
  if (signal)
    return { kind: 'signal', name: signal.signalName ?? 'unknown', data: decoded(signal.input?.payloads?.[0]) }
  const accepted = event.workflowExecutionUpdateAcceptedEventAttributes
  const update = accepted?.acceptedRequest?.input
  if (update) {
    // It is written down with all that it caused, at the end of its workflow task; it came before that began.
    const before = eventOf(Number(accepted?.acceptedRequestSequencingEventId))?.eventTime
    return {
      kind: 'update',
      name: update.name ?? 'unknown',
      data: decoded(update.args?.payloads?.[0]),
      ...(before == null ? {} : { when: isoOf(before) }),
    }
  }
  return ofMarker(event) ?? ofRun(event)
}

const ofRun = (event: HistoryEvent): Told | undefined => {
  const started = event.workflowExecutionStartedEventAttributes
  if (started) {
    const memo = Object.entries(started.memo?.fields ?? {}).map(([name, value]) => [name, decoded(value)])
    return { kind: 'run', name: `${started.workflowType?.name} started`, data: Object.fromEntries(memo) }
  }
  const failed = event.workflowTaskFailedEventAttributes
  // Something came in while the task was under way: Temporal does it once more, and nothing is wrong.
  if (failed?.failure?.message === 'UnhandledCommand') return undefined
  // A reset leaves it in the run that goes on: who wanted it, and why.
  if (failed?.failure?.resetWorkflowFailureInfo)
    return { kind: 'run', name: 'goes on from its beginning', data: { reason: failed.failure.message } }
  if (failed) return { kind: 'run', name: 'workflow task failed', data: { error: failed.failure?.message } }
  const terminated = event.workflowExecutionTerminatedEventAttributes
  if (terminated) return { kind: 'run', name: 'terminated', data: { message: terminated.reason } }
  const cancel = event.workflowExecutionCancelRequestedEventAttributes
  if (cancel) return { kind: 'run', name: 'cancel requested', data: { by: cancel.identity, reason: cancel.cause } }
  const name = eventName(event)
  if (!/^WorkflowExecution(Completed|Failed|TimedOut|Canceled|ContinuedAsNew)$/.test(name)) return undefined
  const words = name
    .replace('WorkflowExecution', '')
    .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
    .toLowerCase()
  return { kind: 'run', name: words, data: {} }
}

/** What Temporal's history of a run adds to the rows of the services: activities by name, signals, updates, its beginning and end. */
export const historyEntries = ({ requestId, runId, workflowId }: Run, { events }: History): TimelineEntry[] => {
  const eventOf = (eventId: number) => events?.[eventId - 1]
  return (events ?? []).flatMap((event) => {
    const told = toldBy(event, eventOf)
    if (told === undefined || event.eventTime == null) return []
    const { when = isoOf(event.eventTime), ...entry } = told
    const of = told.kind === 'run' ? { workflowId, runId } : {}
    const data = { ...of, ...(typeof told.data === 'object' ? told.data : { value: told.data }) }
    return [{ at: when, service: 'temporal', ...entry, data, requestId, step: null, direction: null, round: null }]
  })
}
