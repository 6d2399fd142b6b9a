/** What of a history's events the count needs; Temporal's own type fits. */
export interface HistoryEvent {
  readonly workflowExecutionStartedEventAttributes?: object | null
  readonly workflowTaskScheduledEventAttributes?: object | null
  readonly workflowTaskCompletedEventAttributes?: object | null
  readonly markerRecordedEventAttributes?: { readonly markerName?: string | null } | null
  readonly activityTaskStartedEventAttributes?: { readonly attempt?: number | null } | null
  readonly timerStartedEventAttributes?: object | null
  readonly workflowExecutionSignaledEventAttributes?: object | null
  readonly workflowExecutionUpdateAcceptedEventAttributes?: object | null
  readonly upsertWorkflowSearchAttributesEventAttributes?: {
    readonly searchAttributes?: { readonly indexedFields?: Readonly<Record<string, unknown>> | null } | null
  } | null
}

const localActivity = 'core_local_activity'
/** Written by the SDK for `patched()`; Temporal Cloud does not count it. */
const versionAttribute = 'TemporalChangeVersion'

const countsByItself = (event: HistoryEvent): number => {
  if (event.workflowExecutionStartedEventAttributes) return 1
  if (event.activityTaskStartedEventAttributes) return event.activityTaskStartedEventAttributes.attempt ?? 1
  if (event.timerStartedEventAttributes) return 1
  if (event.workflowExecutionSignaledEventAttributes) return 1
  if (event.workflowExecutionUpdateAcceptedEventAttributes) return 1
  const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields
  if (upserted) return Object.keys(upserted).every((name) => name === versionAttribute) ? 0 : 1
  return 0
}

/**
 * All local activities of one workflow task are one action, and so is each time that a long task reports that it is still at work: it is
 * completed, and scheduled again at once.
 */
const countsAsTask = (events: readonly HistoryEvent[], place: number): boolean => {
  if (!events[place]?.workflowTaskCompletedEventAttributes) return false
  if (events[place + 1]?.workflowTaskScheduledEventAttributes) return true
  const rest = events.slice(place + 1)
  const end = rest.findIndex((event) => event.workflowTaskScheduledEventAttributes)
  const commands = end === -1 ? rest : rest.slice(0, end)
  return commands.some((event) => event.markerRecordedEventAttributes?.markerName === localActivity)
}

/**
 * Billable actions of a run, as Temporal Cloud counts them (https://docs.temporal.io/cloud/actions): its start, each attempt of an
 * activity, each timer, signal, accepted update and change of search attributes, and once per workflow task all its local activities.
 * Queries and rejected updates leave no trace in a history: a road that has them says so.
 */
export const billableActions = (events: readonly HistoryEvent[]): number =>
  events.reduce((sum, event, place) => sum + countsByItself(event) + (countsAsTask(events, place) ? 1 : 0), 0)
