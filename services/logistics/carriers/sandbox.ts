import type {
  Carrier,
  CarrierCall,
  CarrierKind,
  RelabelResult,
  ResumeResult,
  StatusResult,
  StopResult,
} from './carrier.ts'

/**
 * A carrier for demos and tests that behaves by the tracking number it is given, as Stripe's test cards do (the table is in
 * `README.md`). It keeps a book of its own about each parcel.
 */

export interface BookEntry {
  readonly trackingNumber: string
  readonly state: 'as-sent' | 'void-pending' | 'intercept-pending' | 'label-voided' | 'intercepted'
  /** When what is pending takes effect, whoever still waits (ISO 8601); `null`: never. */
  readonly dueAt: string | null
  /** When the parcel was last turned round (ISO 8601). */
  readonly interceptedAt: string | null
  /** How often it was asked to stop the parcel. */
  readonly calls: number
  readonly newLabels: number
}

export const blankEntry = (trackingNumber: string): BookEntry => ({
  trackingNumber,
  state: 'as-sent',
  dueAt: null,
  interceptedAt: null,
  calls: 0,
  newLabels: 0,
})

/** What a call does to the book, and what its caller hears of it. */
export type Turn<Value> =
  | { readonly entry: BookEntry; readonly answer: Value }
  | { readonly entry: BookEntry; readonly error: string }

export interface CarrierBook {
  /** Makes a turn and writes it down for good, before the caller hears of it. A key that had its answer gets it again, without a turn. */
  turn<Value>(
    call: CarrierCall,
    key: string | undefined,
    take: (entry: BookEntry, now: Date) => Turn<Value>,
  ): Promise<Value>
}

type Habit =
  | { readonly kind: 'later'; readonly ms: number }
  | { readonly kind: 'flaky'; readonly errors: number }
  | { readonly kind: 'ok' | 'refuse' | 'silent' | 'noresume' | 'down' }

const aYear = 365 * 86_400_000
const mostAskAgainMs = 60_000

export const habitOf = (trackingNumber: string): Habit => {
  const [, name, count] = /^(?:(SLOW|LATE|FLAKY)-(\d+)|REFUSE|SILENT|NORESUME|DOWN)/.exec(trackingNumber) ?? []
  if (name !== undefined)
    return name === 'FLAKY'
      ? { kind: 'flaky', errors: Number(count) }
      : { kind: 'later', ms: Math.min(Number(count), aYear) }
  if (trackingNumber.startsWith('REFUSE')) return { kind: 'refuse' }
  if (trackingNumber.startsWith('SILENT')) return { kind: 'silent' }
  if (trackingNumber.startsWith('NORESUME')) return { kind: 'noresume' }
  return { kind: trackingNumber.startsWith('DOWN') ? 'down' : 'ok' }
}

/** The entry as it is at `now`: what was pending takes effect by itself. */
export const asOf = (entry: BookEntry, now: Date): BookEntry => {
  const { state, dueAt } = entry
  if (dueAt === null || Date.parse(dueAt) > now.getTime()) return entry
  if (state === 'void-pending') return { ...entry, state: 'label-voided', dueAt: null }
  return state === 'intercept-pending' ? { ...entry, state: 'intercepted', dueAt: null, interceptedAt: dueAt } : entry
}

const askAgainMs = (entry: BookEntry, now: Date): number =>
  entry.dueAt === null ? mostAskAgainMs : Math.min(Math.max(Date.parse(entry.dueAt) - now.getTime(), 5), mostAskAgainMs)

type Way = 'void' | 'intercept'

const takeOn = (entry: BookEntry, way: Way, ms: number | null, now: Date): Turn<StopResult> => {
  const dueAt = ms === null ? null : new Date(now.getTime() + ms).toISOString()
  const pending: BookEntry = { ...entry, state: `${way}-pending`, dueAt }
  return { entry: pending, answer: { result: 'accepted', askAgainMs: askAgainMs(pending, now) } }
}

const stopNow = (entry: BookEntry, way: Way, now: Date): Turn<StopResult> =>
  way === 'void'
    ? { entry: { ...entry, state: 'label-voided', dueAt: null }, answer: { result: 'voided' } }
    : {
        entry: { ...entry, state: 'intercepted', dueAt: null, interceptedAt: now.toISOString() },
        answer: { result: 'intercepted' },
      }

/** One request to stop a parcel. */
export const stopParcel = (before: BookEntry, call: CarrierCall, way: Way, now: Date): Turn<StopResult> => {
  const current = asOf(before, now)
  const entry = { ...current, calls: current.calls + 1 }
  const habit = habitOf(call.trackingNumber)
  const { status } = call
  if (habit.kind === 'down' && call.round < 2) return { entry, error: 'sandbox carrier: 503 service unavailable' }
  if (habit.kind === 'flaky' && current.calls < habit.errors)
    return { entry, error: `sandbox carrier: 503 service unavailable (${entry.calls} of ${habit.errors})` }
  if (entry.state === 'label-voided' && way === 'void') return { entry, answer: { result: 'voided' } }
  if (entry.state === 'intercepted') return { entry, answer: { result: 'intercepted' } }
  if (habit.kind === 'refuse') return { entry, answer: { result: 'refused', failure: 'refused' } }
  if (status === 'out-for-delivery' || status === 'delivered')
    return { entry, answer: { result: 'refused', failure: status } }
  if (habit.kind === 'later') return takeOn(entry, way, habit.ms, now)
  return habit.kind === 'silent' ? takeOn(entry, way, null, now) : stopNow(entry, way, now)
}

const statusOf = (before: BookEntry, now: Date): Turn<StatusResult> => {
  const entry = asOf(before, now)
  switch (entry.state) {
    case 'label-voided':
      return { entry, answer: { result: 'voided' } }
    case 'intercepted':
      return { entry, answer: { result: 'intercepted' } }
    case 'void-pending':
    case 'intercept-pending':
      return { entry, answer: { result: 'pending', askAgainMs: askAgainMs(entry, now) } }
    case 'as-sent':
      return { entry, answer: { result: 'refused', failure: 'refused' } }
  }
}

const refusesToResume = (call: CarrierCall): boolean =>
  habitOf(call.trackingNumber).kind === 'noresume' && call.round < 2

const noResume = 'sandbox carrier: 500 the intercept could not be taken back'

export const resumeParcel = (before: BookEntry, call: CarrierCall, now: Date): Turn<ResumeResult> => {
  const entry = asOf(before, now)
  if (refusesToResume(call)) return { entry, error: noResume }
  return { entry: { ...entry, state: 'as-sent', dueAt: null }, answer: { result: 'resumed' } }
}

const longestBase = 110

/** The new number keeps the prefix, and with it the carrier's habit. */
export const relabelParcel = (before: BookEntry, call: CarrierCall, now: Date): Turn<RelabelResult> => {
  const entry = asOf(before, now)
  if (refusesToResume(call)) return { entry, error: noResume }
  const isVoid = entry.state === 'label-voided'
  const newLabels = isVoid ? entry.newLabels + 1 : entry.newLabels
  const base = entry.trackingNumber.replace(/-N\d+$/, '').slice(0, longestBase)
  const trackingNumber = isVoid ? `${base}-N${newLabels}` : entry.trackingNumber
  return {
    entry: { ...entry, trackingNumber, state: 'as-sent', dueAt: null, newLabels },
    answer: { result: 'labelled', trackingNumber },
  }
}

const carrierWith = (book: CarrierBook): Carrier => ({
  voidLabel: (call) => book.turn(call, call.idempotencyKey, (entry, now) => stopParcel(entry, call, 'void', now)),
  requestIntercept: (call) =>
    book.turn(call, call.idempotencyKey, (entry, now) => stopParcel(entry, call, 'intercept', now)),
  stopStatus: (call) => book.turn(call, undefined, statusOf),
  resume: (call) => book.turn(call, call.idempotencyKey, (entry, now) => resumeParcel(entry, call, now)),
  relabel: (call) => book.turn(call, call.idempotencyKey, (entry, now) => relabelParcel(entry, call, now)),
})

export const sandboxCarrier = { open: ({ sandbox }) => carrierWith(sandbox) } satisfies CarrierKind<{
  readonly sandbox: CarrierBook
}>
