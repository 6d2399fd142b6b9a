import type { LineUnits, ShipmentResult, TakenUnits } from '@countermand/contracts'

export type StopFailure = NonNullable<ShipmentResult['failure']>
export type StopOperation = 'void-label' | 'intercept'
export type ResumeOperation = 'relabel' | 'resume'

/**
 * How far one request is with one parcel. At most one call to the carrier is under way for it (`stopping`, `resuming`, `releasing`): an undo
 * that arrives meanwhile waits for the call's result, so that a stop can never overtake its own undo at the carrier.
 * `begun` is the round in which the work began; it names the carrier's idempotency key, which later rounds keep.
 */
export type ParcelStop =
  /** Returning or lost anyway, or its other lines go on: `withheld` are taken out of the box. `open`: as in `failed`. */
  | { readonly state: 'not-needed'; readonly withheld: readonly string[]; readonly open: boolean }
  /** `inDoubt`: an earlier attempt failed technically, the carrier may have done it all the same. */
  | {
      readonly state: 'stopping'
      readonly operation: StopOperation
      readonly begun: number
      readonly inDoubt: boolean
    }
  /** The carrier took it on and answers later; logistics waits `until` (ISO 8601). `counts`: as stopped already, whatever comes of it. */
  | {
      readonly state: 'accepted'
      readonly operation: StopOperation
      readonly begun: number
      readonly until: string
      readonly counts?: true
    }
  | { readonly state: 'label-voided' }
  /** The warehouse was asked to keep it where it is, and has `until` (ISO 8601) to say that it does. */
  | { readonly state: 'holding'; readonly begun: number; readonly until: string }
  /** It stays where it is, its label untouched: until money has moved, that can be taken back at no cost. */
  | { readonly state: 'held' }
  /** Its label is given back. It stays where it is, whatever its carrier says to that. `unasked`: no `ReleaseLabels` waits for it. */
  | {
      readonly state: 'releasing'
      readonly operation: 'void-label'
      readonly begun: number
      readonly unasked?: true
    }
  | {
      readonly state: 'release-stuck'
      readonly operation: 'void-label'
      readonly begun: number
      readonly error: string
      readonly attempts: number
    }
  /** `void-asked`: the carrier took it on. `kept`: it refused, in its own words. */
  | { readonly state: 'released'; readonly label: 'voided' | 'void-asked' | 'kept'; readonly reason?: string }
  | { readonly state: 'intercepted' }
  /** A final no. `open`: the carrier may still hold a stop for it, which an undo must take back. */
  | {
      readonly state: 'failed'
      readonly failure: StopFailure
      readonly open: boolean
      readonly reason?: string
      /** Whose no it is, when it is not the carrier's. */
      readonly by?: 'warehouse'
    }
  /** The attempts of a round are used up, the carrier may have done it or not; the next round goes on. */
  | {
      readonly state: 'stuck'
      readonly operation: StopOperation
      readonly begun: number
      /** `false`: its carrier was never asked. Not told by rows from before: it may have been. */
      readonly inDoubt?: boolean | undefined
      /** The request had been answered that its parcels are stopped: nobody asks for a next round. */
      readonly late?: true
      readonly error: string
      readonly attempts: number
    }
  | { readonly state: 'resuming'; readonly operation: ResumeOperation; readonly begun: number }
  | {
      readonly state: 'resume-stuck'
      readonly operation: ResumeOperation
      readonly begun: number
      readonly error: string
      readonly attempts: number
      /** Its carrier's no: under the same key it would say it again. */
      readonly refused?: StopFailure
    }
  /** The shop was told to make a new label, and has `until` (ISO 8601). */
  | { readonly state: 'label-wanted'; readonly operation: 'relabel'; readonly begun: number; readonly until: string }
  /** Since `at` the carrier brings it to the customer again. */
  | { readonly state: 'resumed'; readonly operation: ResumeOperation | 'unhold'; readonly at: string }
  /** There was nothing to take back, or the parcel had come to its end meanwhile: it is as the carrier says. */
  | { readonly state: 'left-as-is' }
  /** It came back although the intercept was taken back: a case for a person. */
  | { readonly state: 'late-intercepted'; readonly at: string }

export interface StoppedParcel {
  readonly shipmentId: string
  readonly progress: ParcelStop
  /** The carrier's own id of the stop that it took on, by which some take it back, or what stands for it (`CarrierCall`). */
  readonly carrierRef?: string
  /** What the carrier charges for it, in minor units. */
  readonly fee?: { readonly amount: number; readonly currency: string }
}

/** What one request did to an order's parcels. While it is `stopping`, it is also a mark: what it covers is not shipped later. */
export interface Stop {
  readonly requestId: string
  readonly phase: 'paused' | 'stopping' | 'resuming' | 'resumed'
  /** The latest round of the do (`paused`, `stopping`) or of the undo. */
  readonly round: number
  /** Whether that round has its final answer. */
  readonly answered: boolean
  readonly whole: boolean
  /** The units that the request cancels. */
  readonly lines: readonly LineUnits[]
  /** Of which parcels they are, where parcels say how many units they hold; the others are loose. */
  readonly taken: readonly TakenUnits[]
  readonly parcels: readonly StoppedParcel[]
}

export const progressOf = (stop: Stop, shipmentId: string): ParcelStop | undefined =>
  stop.parcels.find((parcel) => parcel.shipmentId === shipmentId)?.progress

export const withProgress = (stop: Stop, next: StoppedParcel): Stop => ({
  ...stop,
  parcels:
    progressOf(stop, next.shipmentId) === undefined
      ? [...stop.parcels, next]
      : stop.parcels.map((parcel) => (parcel.shipmentId === next.shipmentId ? { ...parcel, ...next } : parcel)),
})

/** Whether a call to the carrier is under way for it, or is to be made again. */
export const isUnderWay = (progress: ParcelStop | undefined): boolean =>
  progress?.state === 'stopping' || progress?.state === 'resuming' || progress?.state === 'releasing'

/** Whether `ReleaseLabels` waits for a parcel of it. */
export const isReleasing = ({ parcels }: Stop): boolean =>
  parcels.some(({ progress }) => progress.state === 'releasing' && progress.unasked !== true)

const kept: ReadonlySet<ParcelStop['state']> = new Set(['holding', 'held', 'releasing', 'release-stuck', 'released'])

/** For which request a parcel is kept where it is; also while the call for its label ends that was made before an undo. */
export const heldFor = (stops: readonly Stop[], shipmentId: string): string | undefined =>
  stops.find((stop) => kept.has(progressOf(stop, shipmentId)?.state ?? 'not-needed'))?.requestId

/** Whether it stands: neither taken back nor only a pause. */
export const isLive = (stop: Stop): boolean => stop.phase === 'stopping'
