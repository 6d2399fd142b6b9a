import type { ShipmentResult } from '@countermand/contracts'
import type { LineUnits } from './shipment.ts'

export type StopFailure = NonNullable<ShipmentResult['failure']>
export type StopOperation = 'void-label' | 'intercept'
export type ResumeOperation = 'relabel' | 'resume'

/**
 * How far one request is with one parcel. At most one call to the carrier is under way for it (`stopping`, `resuming`): an undo
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
  /** The carrier took it on and answers later; logistics waits `until` (ISO 8601). */
  | {
      readonly state: 'accepted'
      readonly operation: StopOperation
      readonly begun: number
      readonly until: string
    }
  | { readonly state: 'label-voided' }
  | { readonly state: 'intercepted' }
  /** A final no. `open`: the carrier may still hold a stop for it, which an undo must take back. */
  | { readonly state: 'failed'; readonly failure: StopFailure; readonly open: boolean }
  /** The attempts of a round are used up, the carrier may have done it or not; the next round goes on. */
  | {
      readonly state: 'stuck'
      readonly operation: StopOperation
      readonly begun: number
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
    }
  /** Since `at` the carrier brings it to the customer again. */
  | { readonly state: 'resumed'; readonly operation: ResumeOperation; readonly at: string }
  /** There was nothing to take back, or the parcel had come to its end meanwhile: it is as the carrier says. */
  | { readonly state: 'left-as-is' }
  /** It came back although the intercept was taken back: a case for a person. */
  | { readonly state: 'late-intercepted'; readonly at: string }

export interface StoppedParcel {
  readonly shipmentId: string
  readonly progress: ParcelStop
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
  readonly parcels: readonly StoppedParcel[]
}

export const progressOf = (stop: Stop, shipmentId: string): ParcelStop | undefined =>
  stop.parcels.find((parcel) => parcel.shipmentId === shipmentId)?.progress

export const withProgress = (stop: Stop, shipmentId: string, progress: ParcelStop): Stop => ({
  ...stop,
  parcels:
    progressOf(stop, shipmentId) === undefined
      ? [...stop.parcels, { shipmentId, progress }]
      : stop.parcels.map((parcel) => (parcel.shipmentId === shipmentId ? { shipmentId, progress } : parcel)),
})
