import { type Kept, keptIn } from '../kept.ts'

/** A carrier's book. What it does with a parcel is in the tracking number, in the words of our sandbox. */

export interface Parcel {
  readonly orderId: string
  readonly shipmentId: string
  readonly trackingNumber: string
  readonly status: string
}

/** One call about a parcel; the same key is the same call. */
export interface Call {
  readonly key: string
  readonly round: number
  readonly parcel: Parcel
}

export type State = 'as-sent' | 'label-voided' | 'intercepted'

interface Entry {
  trackingNumber: string
  state: State
  /** What it becomes at a moment (ms since the epoch), if nobody takes it back; without one: never. */
  next?: { readonly state: State; readonly at: number | undefined } | undefined
  stops: number
  labels: number
  refused: boolean
}

/** An answer, or `undefined`: it fails technically. */
type Said = Readonly<Record<string, unknown>> | undefined

const countIn = (trackingNumber: string, name: string): number =>
  Number(new RegExp(`^${name}-(\\d+)`).exec(trackingNumber)?.[1] ?? 0)

const done = { 'label-voided': 'voided', intercepted: 'intercepted' } as const
const askAgainMs = 50

const cannotLetGo = ({ round, parcel }: Call) => parcel.trackingNumber.startsWith('NORESUME') && round < 2

const failsToStop = (entry: Entry, { round, parcel: { trackingNumber } }: Call): boolean =>
  entry.stops <= countIn(trackingNumber, 'FLAKY') || (trackingNumber.startsWith('DOWN') && round < 2)

const stop = (entry: Entry, call: Call, to: 'label-voided' | 'intercepted', now: number): Said => {
  const { trackingNumber, status } = call.parcel
  entry.stops += 1
  if (failsToStop(entry, call)) return undefined
  if (entry.state === to) return { result: done[to] }
  if (status === 'delivered' || status === 'out-for-delivery') return { result: 'refused', failure: status }
  if (trackingNumber.startsWith('REFUSE')) {
    entry.refused = true
    return { result: 'refused', failure: 'refused', reason: 'we do not stop parcels of this service' }
  }
  const ms = countIn(trackingNumber, '(?:SLOW|LATE)')
  if (ms === 0 && !trackingNumber.startsWith('SILENT')) {
    entry.state = to
    return { result: done[to] }
  }
  entry.next = { state: to, at: ms === 0 ? undefined : now + ms }
  return { result: 'accepted', askAgainMs: ms === 0 ? askAgainMs : ms }
}

const letGo = (entry: Entry) => {
  entry.state = 'as-sent'
  entry.next = undefined
}

const relabel = (entry: Entry, call: Call): Said => {
  if (cannotLetGo(call)) return undefined
  if (entry.state === 'label-voided') {
    entry.labels += 1
    entry.trackingNumber = `${entry.trackingNumber.replace(/-N\d+$/, '')}-N${entry.labels}`
  }
  letGo(entry)
  return { result: 'labelled', trackingNumber: entry.trackingNumber }
}

const status = (entry: Entry): Said => {
  if (entry.state !== 'as-sent') return { result: done[entry.state] }
  if (entry.next !== undefined) return { result: 'pending', askAgainMs }
  return entry.refused ? { result: 'refused', failure: 'refused' } : { result: 'none' }
}

export const operations = ['void-label', 'intercept', 'resume', 'relabel', 'status'] as const
export type Operation = (typeof operations)[number]

const turn = (entry: Entry, operation: Operation, call: Call, now: number): Said => {
  switch (operation) {
    case 'void-label':
      return stop(entry, call, 'label-voided', now)
    case 'intercept':
      return stop(entry, call, 'intercepted', now)
    case 'relabel':
      return relabel(entry, call)
    case 'resume':
      if (cannotLetGo(call)) return undefined
      letGo(entry)
      return { result: 'resumed' }
    case 'status':
      return status(entry)
  }
}

export const createBook = (now: () => number, kept: Kept = keptIn()) => {
  const entries = kept.map<Entry & Pick<Parcel, 'orderId' | 'shipmentId'>>('entries')
  const answers = kept.map<Said>('answers')

  /** As it is by now: what was taken on has taken effect. */
  const entryOf = ({ orderId, shipmentId, trackingNumber }: Parcel) => {
    const place = JSON.stringify([orderId, shipmentId])
    const blank = { trackingNumber, state: 'as-sent', stops: 0, labels: 0, refused: false } as const
    const entry = entries.get(place) ?? { orderId, shipmentId, ...blank }
    entries.set(place, entry)
    return settled(entry)
  }
  const settled = <Each extends Entry>(entry: Each): Each => {
    if (entry.next?.at !== undefined && entry.next.at <= now()) {
      entry.state = entry.next.state
      entry.next = undefined
    }
    return entry
  }

  return {
    ask: (operation: Operation, call: Call): Said => {
      const known = operation === 'status' ? undefined : answers.get(call.key)
      if (known !== undefined) return known
      const said = turn(entryOf(call.parcel), operation, call, now())
      if (said !== undefined && operation !== 'status') answers.set(call.key, said)
      return said
    },
    entries: () => [...entries.values()].map((entry) => ({ ...settled(entry) })),
  }
}
