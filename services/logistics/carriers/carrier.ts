import type { ShipmentStatus } from '@countermand/contracts'
import type { StopFailure } from '../decide/parcel-stop.ts'

/** What logistics asks of a carrier. A business "no" is a result; whatever is thrown is a technical failure, and is tried again. */
export interface Carrier {
  /** Voids the label of a parcel that was not handed over. */
  voidLabel(call: CarrierCall): Promise<StopResult>
  /** Asks to bring a parcel back that is on its way. */
  requestIntercept(call: CarrierCall): Promise<StopResult>
  /** What has become of a stop that was accepted; of none, that it is refused, or a technical failure. */
  stopStatus(call: CarrierCall): Promise<StatusResult>
  /** Takes an intercept back, answered or not: the parcel goes to the customer. Also right when there is none. */
  resume(call: CarrierCall): Promise<ResumeResult>
  /** Sees to a valid label: a new one where the old was voided, else the one there is. */
  relabel(call: CarrierCall): Promise<RelabelResult>
}

/** A row of the table of carriers. Its file says all that the service knows of it; `Outside`: what it is opened with. */
export interface CarrierKind<Outside> {
  readonly open: (outside: Outside) => Carrier
}

export interface CarrierCall {
  readonly orderId: string
  readonly shipmentId: string
  readonly trackingNumber: string
  /** As far as logistics knows. */
  readonly status: ShipmentStatus
  /** The round of the command behind it. */
  readonly round: number
  /** The same key is the same call: it has its effect once and gets its first answer again. */
  readonly idempotencyKey: string
}

export type StopResult =
  | { readonly result: 'voided' }
  | { readonly result: 'intercepted' }
  /** Taken on; the answer comes later, and is worth asking for in so many milliseconds. */
  | { readonly result: 'accepted'; readonly askAgainMs: number }
  | { readonly result: 'refused'; readonly failure: StopFailure }

export type StatusResult =
  | { readonly result: 'pending'; readonly askAgainMs: number }
  | { readonly result: 'voided' }
  | { readonly result: 'intercepted' }
  | { readonly result: 'refused'; readonly failure: StopFailure }

export interface ResumeResult {
  readonly result: 'resumed'
}

export interface RelabelResult {
  readonly result: 'labelled'
  /** Of the label that is valid now. */
  readonly trackingNumber: string
}
