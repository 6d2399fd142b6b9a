import type { ShipmentStatus } from '@countermand/contracts'
import type { StopFailure, StoppedParcel } from '../decide/parcel-stop.ts'

/** What logistics asks of a carrier. A business "no" is a result; whatever is thrown is a technical failure, and is tried again. */
export interface Carrier {
  /** It knows no keys: it is asked how a parcel is before each call that would change that. */
  readonly asksFirst?: true
  /** When its labels are voided, where the setting leaves that to it. `after-refund`: until then the warehouse keeps the parcel. */
  readonly voids?: 'after-refund'
  /** Whether it carries a merchant's parcels under another name than its own. */
  readonly serves?: (carrier: string, merchantId: string | undefined) => boolean
  /** Voids the label of a parcel that was not handed over. */
  voidLabel(call: CarrierCall): Promise<StopResult>
  /** Asks to bring a parcel back that is on its way. */
  requestIntercept(call: CarrierCall): Promise<StopResult>
  /** What has become of a stop that was accepted; of none, that it is refused, or a technical failure. */
  stopStatus(call: CarrierCall): Promise<StatusResult>
  /** Takes an intercept back, answered or not: the parcel goes to the customer. Also right when there is none. */
  resume(call: CarrierCall): Promise<ResumeResult>
  /** Where a parcel is, of a carrier that does not tell it in words that can be believed. `undefined`: it says nothing that has a meaning here. */
  readonly track?: (parcel: ParcelOfCarrier) => Promise<Whereabouts | undefined>
  /** Sees to a valid label: a new one where the old was voided, else the one there is. Many cannot make one from what we know. */
  relabel(call: CarrierCall): Promise<RelabelResult>
}

/** A row of the table of carriers. Its file says all that the service knows of it; `Outside`: what it is opened with. */
export interface CarrierKind<Outside> {
  readonly open: (outside: Outside) => Carrier
}

/** A parcel, as its carrier is asked about it. */
export interface ParcelOfCarrier {
  readonly orderId: string
  readonly shipmentId: string
  /** Absent: the order was accepted before this was kept. */
  readonly merchantId?: string
  /** By the name that shipments have for it. */
  readonly carrier: string
  readonly trackingNumber: string
  /** The carrier's own id of the shipment, where it was told. */
  readonly shipmentRef?: string
}

export interface CarrierCall extends ParcelOfCarrier {
  /** The carrier's own id of a stop that it took on, where it has said one; of a carrier without keys else the call's key (`ask.ts`). */
  readonly carrierRef?: string
  /** As far as logistics knows. */
  readonly status: ShipmentStatus
  /** The round of the command behind it. */
  readonly round: number
  /** The same key is the same call: it has its effect once and gets its first answer again. */
  readonly idempotencyKey: string
}

export interface Whereabouts {
  readonly status: ShipmentStatus
  /** Since when, by the carrier's clock (ISO 8601). */
  readonly at: string
}

/** A final no; `reason`: the carrier's own words. */
export interface Refused {
  readonly result: 'refused'
  readonly failure: StopFailure
  readonly reason?: string
}

export type StopResult =
  | { readonly result: 'voided' }
  | { readonly result: 'intercepted' }
  /** Taken on; the answer comes later, and is worth asking for in so many milliseconds. */
  | {
      readonly result: 'accepted'
      readonly askAgainMs: number
      readonly carrierRef?: string
      readonly fee?: NonNullable<StoppedParcel['fee']>
    }
  | Refused

export type StatusResult =
  | { readonly result: 'pending'; readonly askAgainMs: number }
  | { readonly result: 'voided' }
  | { readonly result: 'intercepted' }
  /** It holds no stop of the parcel. `unsure`: none that it shows; one whose answer was lost it may hold all the same. */
  | { readonly result: 'none'; readonly unsure?: true }
  | Refused

/** A no to an undo is final: the carrier does not let the parcel go on. */
export type ResumeResult = { readonly result: 'resumed' } | Refused

export type RelabelResult =
  /** `trackingNumber`: of the label that is valid now. */
  | { readonly result: 'labelled'; readonly trackingNumber: string }
  /** Only the shop can make a label: it is told to, and the parcel's next news bring it. */
  | { readonly result: 'requested' }
