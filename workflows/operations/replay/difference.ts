import { eventName, type History, type HistoryEvent, localActivityOf } from '../history/history.ts'
import { type Place, placeInWords, placeOf } from './place.ts'

/** Where the code of today leaves a history. */
export interface Difference {
  /** The number of the first event that it would not have made. */
  readonly eventId: number
  /** What the history has there, and what the code wants now, in words. */
  readonly history: string
  readonly code: string
  /** The steps that these are, and where the code asks for them. */
  readonly places: readonly Place[]
  /** What the SDK says. */
  readonly error: string
}

const quotedMessage = /message: "((?:[^"\\]|\\.)*)"/

/** The one sentence of an SDK's error that says what happened. */
export const sdkMessage = (error: Error): string => {
  const said = quotedMessage.exec(error.message)?.[1] ?? error.message
  return said.replaceAll('\\"', '"').replace(/^\[TMPRL\d+\] /, '')
}

/** The event that an SDK's message names. */
export const namedEvent = (message: string): number | undefined => {
  const id = /HistoryEvent\(id: (\d+)/.exec(message)?.[1]
  return id === undefined ? undefined : Number(id)
}

const describeEvent = (event: HistoryEvent | undefined): string => {
  if (event === undefined) return 'nothing'
  const activity = event.activityTaskScheduledEventAttributes
  if (activity) return `the activity ${activity.activityType?.name} (${activity.activityId})`
  const timer = event.timerStartedEventAttributes
  if (timer) return `a timer of ${timer.startToFireTimeout?.seconds ?? 0} s`
  const local = localActivityOf(event)
  if (local) return `the activity ${local.activity_type} in the fast lane`
  const marker = event.markerRecordedEventAttributes
  if (marker) return `the marker ${marker.markerName}`
  return eventName(event)
}

const inWords = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase()

const nameOf = (words: string): string | undefined => /^the activity (?:with the id )?([^ ]+)/.exec(words)?.[1]

const placesIn = (...words: readonly string[]): Place[] =>
  words.flatMap((each) => {
    const name = nameOf(each)
    return (name === undefined ? undefined : placeOf(name)) ?? []
  })

/** What the code asked for instead, from the SDK's message. */
const wanted = (message: string): string => {
  const type = /does not match activity type of activity command '([^']+)'/.exec(message)?.[1]
  if (type !== undefined) return `the activity ${type}`
  const id = /does not match activity id of activity command '([^']+)'/.exec(message)?.[1]
  if (id !== undefined) return `the activity with the id ${id}`
  const fast = /does not match activity type of local activity command '([^']+)'/.exec(message)?.[1]
  if (fast !== undefined) return `the activity ${fast} in the fast lane`
  const machine = /(\w+?) ?[Mm]achine does not handle/.exec(message)?.[1]
  if (machine !== undefined) return `${/^[AEIOU]/.test(machine) ? 'an' : 'a'} ${inWords(machine)} there`
  if (/^Nondeterminism error: No command scheduled/.test(message)) return 'nothing more at this place'
  if (message.startsWith('Nondeterminism error')) return message.replace(/^Nondeterminism error: /, '')
  return `it fails: ${message}`
}

/** A replay's error in words. `eventId`: the first event with which it happens. */
export const differenceAt = ({ events }: History, eventId: number, error: Error): Difference => {
  const message = sdkMessage(error)
  const history = describeEvent(events?.[eventId - 1])
  const code = wanted(message)
  return { eventId, history, code, places: placesIn(history, code), error: message }
}

export const differenceInWords = ({ eventId, history, code }: Difference): string =>
  `differs at event ${eventId}: the history has ${history}, the code of today wants ${code}`

/** Where to look in the code, and how such a change is made. */
export const hintsOf = ({ places }: Difference): string[] => [
  ...places.map(placeInWords),
  "open sagas follow what they were told: put a changed order of steps behind patched('…') (docs/adr/0009-open-sagas-follow-new-code-by-patches.md)",
]
