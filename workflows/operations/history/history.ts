import { defaultPayloadConverter, type Payload } from '@temporalio/common'
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js'
import { z } from 'zod'

export type History = ReturnType<typeof historyFromJSON>
export type HistoryEvent = NonNullable<History['events']>[number]

/** What an event is called by Temporal, such as `ActivityTaskScheduled`. */
export const eventName = (event: HistoryEvent): string => {
  const attributes = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? 'unknown'
  const name = attributes.replace(/EventAttributes$/, '')
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`
}

/** A payload's value; `undefined`: there is none, or it is encoded in a way that only the worker knows. */
export const decoded = (payload: Payload | null | undefined): unknown => {
  if (payload == null) return undefined
  try {
    return defaultPayloadConverter.fromPayload(payload)
  } catch {
    return undefined
  }
}

const protoTime = z.object({ seconds: z.number(), nanos: z.number() })
const localActivity = z.object({ activity_type: z.string(), original_schedule_time: protoTime.nullish() })

/** What a step in the fast lane leaves: a marker with what it was; `undefined`: the event is none. */
export const localActivityOf = ({ markerRecordedEventAttributes: marker }: HistoryEvent) =>
  marker?.markerName === 'core_local_activity'
    ? localActivity.safeParse(decoded(marker.details?.data?.payloads?.[0])).data
    : undefined

const ends = [
  'workflowExecutionCompletedEventAttributes',
  'workflowExecutionFailedEventAttributes',
  'workflowExecutionTimedOutEventAttributes',
  'workflowExecutionCanceledEventAttributes',
  'workflowExecutionTerminatedEventAttributes',
  'workflowExecutionContinuedAsNewEventAttributes',
] as const satisfies readonly (keyof HistoryEvent)[]

/** Whether the run was over when its history was read. */
export const isClosed = ({ events }: History): boolean => {
  const last = events?.at(-1)
  return last != null && ends.some((end) => last[end] != null)
}

/** The words of the last failure of the code, when nothing has gone well since; `undefined`: it has not failed. */
export const failureOf = ({ events }: History): string | undefined => {
  const last = events?.findLast(
    (event) => event.workflowTaskCompletedEventAttributes != null || event.workflowTaskFailedEventAttributes != null,
  )
  const message = last?.workflowTaskFailedEventAttributes?.failure?.message
  return message === 'UnhandledCommand' ? undefined : (message ?? undefined)
}

/** Whether there is anything in it for the code to follow. */
export const hasTask = ({ events }: History): boolean =>
  (events ?? []).some((event) => event.workflowTaskCompletedEventAttributes != null)

export const workflowTypeOf = ({ events }: History): string | undefined =>
  events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? undefined

/** Throws, naming what is wrong, when it is not the whole beginning of a run of one of these workflows. */
export const checkHistory = (source: string, history: History, workflowTypes: readonly string[]): History => {
  const { events } = history
  const refuse = (expected: string) => new Error(`${source}: expected ${expected}`)
  if (!events || events.length === 0) throw refuse('the events of a history, got none')
  if (!events[0]?.workflowExecutionStartedEventAttributes)
    throw refuse(`a history to begin with WorkflowExecutionStarted, got ${eventName(events[0] ?? {})}: it was cut`)
  const gap = events.findIndex((event, place) => Number(event.eventId) !== place + 1)
  if (gap >= 0) throw refuse(`event ${gap + 1} of a history, got ${events[gap]?.eventId}: it was cut`)
  const type = workflowTypeOf(history)
  if (type === undefined || !workflowTypes.includes(type))
    throw refuse(`a history of ${workflowTypes.join(', ')}, got one of ${type}`)
  return history
}

/** Reads a history as Temporal's JSON has it. Throws when the text is none. */
export const parseHistory = (source: string, text: string): History => {
  try {
    return historyFromJSON(JSON.parse(text))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : cause
    throw new Error(`${source}: expected a history in Temporal's JSON ({ "events": [...] }): ${why}`, { cause })
  }
}
