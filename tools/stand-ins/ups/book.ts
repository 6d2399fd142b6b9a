import { type Kept, keptIn } from '../kept.ts'

/** UPS's book. What it does with a parcel is in its number, which is `1Z`, `L` (a label) or `R` (on the road), and a habit. */

export interface Parcel {
  readonly trackingNumber: string
  place: 'label' | 'road' | 'out' | 'returning' | 'returned' | 'delivered'
  isVoid: boolean
  /** It is to be brought back, from this moment (ms since the epoch) on; `never`: it was asked for, and nobody does it. */
  intercept: number | 'never' | undefined
  /** How often it was asked to do something. */
  asked: number
  /** What was done, the first first. */
  readonly done: ('return' | 'cancel' | 'void')[]
  readonly history: { readonly at: number; readonly type: string; readonly code: string; readonly statusCode: string }[]
}

const activities = {
  label: { type: 'M', code: 'MP', statusCode: '003' },
  road: { type: 'I', code: 'OR', statusCode: '005' },
  out: { type: 'I', code: 'OT', statusCode: '021' },
  returning: { type: 'X', code: 'RS', statusCode: '035' },
  returned: { type: 'D', code: 'FS', statusCode: '011' },
  delivered: { type: 'D', code: 'FS', statusCode: '011' },
  void: { type: 'MV', code: 'VP', statusCode: '007' },
  asked: { type: 'X', code: '78', statusCode: '033' },
} as const

const hour = 3_600_000
const habits = ['REFUSE', 'SILENT', 'FLAKY', 'NORESUME', 'NOCANCEL', 'UNKNOWN', 'SAYSNO', 'LASTDAY'] as const
export type Habit = (typeof habits)[number] | 'OK'

const habitOf = (trackingNumber: string): Habit =>
  habits.find((each) => trackingNumber.slice(3).startsWith(each)) ?? 'OK'

/** `ok`: done. `no`: its words. `fails`: technically, nothing done. */
export type Said =
  | { readonly is: 'ok' }
  | { readonly is: 'no'; readonly code: string; readonly words: string }
  | { readonly is: 'fails' }
const ok: Said = { is: 'ok' }
const no = (code: string, words: string): Said => ({ is: 'no', code, words })

export const createBook = (now: () => number, turnsAfterMs = 2 * hour, kept: Kept = keptIn()) => {
  const parcels = kept.map<Parcel>('parcels')
  const note = (parcel: Parcel, what: keyof typeof activities) =>
    parcel.history.unshift({ at: now(), ...activities[what] })
  const isAt = (parcel: Parcel, place: Parcel['place']) => {
    parcel.place = place
    note(parcel, place)
  }
  const find = (trackingNumber: string): Parcel => {
    const known = parcels.get(trackingNumber)
    if (known !== undefined) return known
    const blank = { trackingNumber, isVoid: false, intercept: undefined, asked: 0, done: [], history: [] }
    const parcel: Parcel = { ...blank, place: trackingNumber[2] === 'L' ? 'label' : 'road' }
    note(parcel, parcel.place)
    parcels.set(trackingNumber, parcel)
    return parcel
  }
  /** As it is by now. */
  const parcelOf = (trackingNumber: string): Parcel => {
    const parcel = find(trackingNumber)
    if (typeof parcel.intercept === 'number' && parcel.intercept <= now()) {
      parcel.intercept = undefined
      isAt(parcel, 'returning')
    }
    return parcel
  }
  const isFlawed = (parcel: Parcel, habit: Habit): boolean =>
    ++parcel.asked === 1 && habitOf(parcel.trackingNumber) === habit

  return {
    parcelOf,
    isAt: (trackingNumber: string, place: Parcel['place']) => isAt(parcelOf(trackingNumber), place),
    /** Whether it can bring a parcel back, or be told not to. One whose habit is UNKNOWN it has to be asked of three times. */
    eligibility: (trackingNumber: string): { readonly create: string; readonly cancel: string } => {
      const parcel = parcelOf(trackingNumber)
      const { place, intercept } = parcel
      const habit = habitOf(trackingNumber)
      if (habit === 'UNKNOWN' && ++parcel.asked <= 2) return { create: 'UNKNOWN', cancel: 'UNKNOWN' }
      // Shortly before it does it, it says neither that it can be asked nor that it can be told not to.
      if (intercept !== undefined && habit === 'LASTDAY') return { create: 'NOT_ELIGIBLE', cancel: 'NOT_ELIGIBLE' }
      if (intercept !== undefined) return { create: 'NOT_ELIGIBLE', cancel: 'ELIGIBLE' }
      const can = (place === 'road' || place === 'out') && habit !== 'REFUSE'
      return { create: can ? 'ELIGIBLE' : 'NOT_ELIGIBLE', cancel: 'NOT_ELIGIBLE' }
    },
    bringBack: (trackingNumber: string): Said => {
      const parcel = parcelOf(trackingNumber)
      if (isFlawed(parcel, 'FLAKY')) return { is: 'fails' }
      const isOnItsWay = parcel.place === 'road' || parcel.place === 'out'
      if (!isOnItsWay || habitOf(trackingNumber) === 'REFUSE' || habitOf(trackingNumber) === 'SAYSNO')
        return no('1210', 'The package is not eligible for this intercept')
      if (parcel.intercept !== undefined) return no('1211', 'An intercept exists already')
      parcel.intercept = /SILENT|NORESUME|NOCANCEL|LASTDAY/.test(habitOf(trackingNumber))
        ? 'never'
        : now() + turnsAfterMs
      if (habitOf(trackingNumber) !== 'LASTDAY') note(parcel, 'asked')
      parcel.done.push('return')
      return ok
    },
    cancel: (trackingNumber: string): Said => {
      const parcel = parcelOf(trackingNumber)
      // It was asked to bring it back once before.
      if (habitOf(trackingNumber) === 'NORESUME' && ++parcel.asked === 2) return { is: 'fails' }
      if (parcel.intercept === undefined) return no('1220', 'There is no intercept to cancel')
      if (habitOf(trackingNumber) === 'NOCANCEL') return no('1221', 'The intercept cannot be cancelled any more')
      parcel.intercept = undefined
      parcel.done.push('cancel')
      return ok
    },
    void: (trackingNumber: string): Said => {
      const parcel = parcelOf(trackingNumber)
      if (isFlawed(parcel, 'FLAKY')) return { is: 'fails' }
      if (parcel.isVoid) return ok
      if (parcel.place !== 'label' || habitOf(trackingNumber) === 'REFUSE')
        return no('190102', 'No shipment found within the allowed void period')
      parcel.isVoid = true
      note(parcel, 'void')
      parcel.done.push('void')
      return ok
    },
    parcels: () => [...parcels.keys()].map((each) => ({ ...parcelOf(each) })),
  }
}
export type Book = ReturnType<typeof createBook>
