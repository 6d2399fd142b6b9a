import type {
  EventData,
  EventType,
  Initiator,
  OperationAnswer,
  OperationWanted,
  Reason,
  RequestVia,
  SagaOutcome,
  SagaStage,
} from '@countermand/contracts'

/** What the console has heard of one order. Nothing in it depends on the order in which it was heard, or how often. */
export interface Case {
  /** Absent: the order itself was not heard of yet. */
  readonly order?: HeardOrder | undefined
  /** The newest word about each parcel, by its id. */
  readonly parcels: readonly Parcel[]
  /** By request: all that was told of it, and what was sent from here. Only ever grows. */
  readonly told: ReadonlyMap<string, readonly Told[]>
  /** What members of staff did just now: written together with what it changes, and never read back into a case. */
  readonly deeds?: readonly DoneDeed[] | undefined
  /** Of an operation, which is kept under an id of its own: that one, and nothing else. */
  readonly operation?: Operation | undefined
  /** What its customer thought just now: written in the same way. */
  readonly feedback?: readonly Feedback[] | undefined
}

/** A member of staff, as their provider knows them, and as they are called. */
export interface Who {
  readonly subject: string
  readonly name: string
}

/** Money that a deed may move. */
export interface Stake {
  /** Minor units. */
  readonly sums: readonly { readonly amount: number; readonly currency: string }[]
  /** Some of it nobody can count. */
  readonly unknown: boolean
}

/** `looking`: what would be done is asked. `proposed`: a second person has to approve. `dropped`: somebody let it be. */
export const operationStates = ['looking', 'proposed', 'sent', 'dropped'] as const

/** What an operator asks for that only the operations process can do. */
export interface Operation {
  readonly operationId: string
  readonly wanted: OperationWanted
  readonly author: Who
  /** When it was begun. ISO 8601. */
  readonly at: string
  readonly state: (typeof operationStates)[number]
  readonly stake: Stake
  readonly reason?: string | undefined
  readonly proposedAt?: string | undefined
  /** Who approved it, or let it be. */
  readonly second?: Who | undefined
  readonly sentAt?: string | undefined
  /** What would be done, and what was. */
  readonly plan?: OperationAnswer | undefined
  readonly plannedAt?: string | undefined
  readonly answer?: OperationAnswer | undefined
  readonly answeredAt?: string | undefined
}

/** What a customer thought of a cancellation: 1 (very bad) to 5, and their words. */
export interface Feedback {
  readonly orderId: string
  readonly requestId: string
  readonly score: number
  readonly text?: string | undefined
}

/** What members of staff do. */
export const deedNames = [
  ...(['approve', 'reject', 'withdraw', 'cancel', 'note', 'link', 'match', 'close'] as const),
  ...(['retry', 'skip', 'refund-elsewhere', 'undo', 'second'] as const),
  ...(['pause-intake', 'resume-intake', 'redrive', 'discard'] as const),
] as const

export interface Deed {
  /** Who did it, as their provider knows them, and as they are called. */
  readonly subject: string
  readonly name: string
  readonly deed: (typeof deedNames)[number]
  /** Absent: it is not known here, or there is none. */
  readonly orderId?: string | undefined
  /** The request, or the statement of withdrawal. */
  readonly requestId?: string | undefined
  /** How somebody asked for it. */
  readonly via?: RequestVia | undefined
  /** In their own words. */
  readonly detail?: string | undefined
  /** Those that were done in one go have the same one: a UUID. */
  readonly batch?: string | undefined
}

/** `came`: `sent`, `again`, or why nothing was sent. */
export interface DoneDeed extends Deed {
  readonly came: string
}

export interface HeardOrder {
  /** 1: as it was placed. */
  readonly version: number
  readonly placed: EventData<'order.accepted.v1'>
}

export type Parcel = EventData<'shipment.changed.v1'>

/** One event of a request. */
export interface Told {
  /** The same event again has the same one, whoever sends it and how often. */
  readonly key: string
  readonly type: ToldType
  /** When it happened, as it says itself; of what was sent from here, when that was. ISO 8601. */
  readonly at: string
  /** As the contract of its type has it. */
  readonly data: Readonly<Record<string, unknown>>
}

/** What the public hears of a request. */
export const heardTypes = [
  'order.cancellation.started.v1',
  'order.cancellation.awaiting-merchant.v1',
  'order.cancellation.decided.v1',
  'order.cancellation.needs-attention.v1',
  'order.cancellation.resumed.v1',
  'order.cancellation.input-rejected.v1',
  'order.cancellation.completed.v1',
  'order.cancellation.refused.v1',
  'order.cancellation.withdrawn.v1',
  'order.cancellation.compensated.v1',
  'refund.submitted.v1',
  'refund.pending.v1',
  'refund.action-required.v1',
  'refund.succeeded.v1',
  'refund.failed.v1',
  'refund.reversed.v1',
] as const satisfies readonly EventType[]

/** What is sent from here. */
export const sentTypes = [
  'order.cancel.requested.v1',
  'order.cancel.decided.v1',
  'order.cancel.withdrawn.v1',
] as const satisfies readonly EventType[]

export type HeardType = (typeof heardTypes)[number]
export type ToldType = HeardType | (typeof sentTypes)[number]

/** One request, as the public story has it by now. Amounts are in minor units. */
export interface Cancellation {
  readonly requestId: string
  readonly orderId: string
  readonly merchantId?: string | undefined
  readonly customerId?: string | undefined
  readonly initiator: Initiator
  readonly reason: Reason
  /** Of what is cancelled; absent: not known yet, or never will be. */
  readonly amount?: number | undefined
  readonly currency?: string | undefined
  readonly lines?: readonly { readonly lineId: string; readonly quantity: number }[] | undefined
  /** The earliest word of it. ISO 8601. */
  readonly askedAt: string
  readonly startedAt?: string | undefined
  readonly endedAt?: string | undefined
  readonly stage: SagaStage
  /** Absent: it has not ended. */
  readonly outcome?: SagaOutcome | undefined
  /** Why it was refused or undone. */
  readonly code?: string | undefined
  /** What was said with it, by whoever said no. */
  readonly message?: string | undefined
  /** The merchant is asked until then. */
  readonly awaiting?: Awaiting | undefined
  readonly decided?: Decided | undefined
  /** A person of the shop sees to it, since then. */
  readonly attention?: { readonly reason: string; readonly since: string } | undefined
  readonly refunds: readonly Refund[]
  /** What was sent from here and did not count, the newest last. */
  readonly rejected: readonly { readonly input: string; readonly code: string; readonly at: string }[]
}

export interface Awaiting {
  readonly decideBy: string
  readonly onSilence: 'approve' | 'reject'
}

export interface Decided {
  readonly decision: 'approve' | 'reject'
  readonly by: string
  readonly message?: string | undefined
  readonly at: string
}

/** Where the money of one tender is. */
export interface Refund {
  readonly tenderId: string
  readonly channel: string
  readonly amount: number
  readonly currency: string
  readonly state: EventData<'refund.pending.v1'>['state']
  readonly destination: EventData<'refund.pending.v1'>['destination']
  readonly expectedBy?: string | undefined
  readonly at: string
}
