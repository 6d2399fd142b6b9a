import type { CarrierNotified, ChannelNotified, ShipmentUpdated } from '@countermand/contracts'
import type { Reference, Waiting } from '../store/store.ts'

type Name = Pick<Reference, 'account' | 'kind' | 'reference'>

/** By which names what was told may be known here. */
export const namesIn = ({ account, notice }: Waiting): Name[] => [
  ...(notice.refundId === undefined ? [] : [{ account, kind: 'refund' as const, reference: notice.refundId }]),
  ...notice.payments.map((reference) => ({ account, kind: 'payment' as const, reference })),
  ...(notice.parcel === undefined
    ? []
    : [{ account: notice.parcel.carrier, kind: 'parcel' as const, reference: notice.parcel.trackingNumber }]),
]

/** Whether the account may speak of the orders that were found by the names; which, has to be asked once they are known. */
export const leaveFor = ({ account, notice }: Waiting, known: readonly Reference[]): Name[] =>
  notice.parcel === undefined
    ? []
    : known.flatMap(({ kind, orderId }) =>
        kind === 'parcel' ? [{ account, kind: 'order' as const, reference: orderId }] : [],
      )

/** A message to tell, and which part of the order it is about. */
export type Telling = { readonly part: string } & (
  | { readonly type: 'channel.notified.v1'; readonly data: ChannelNotified }
  | { readonly type: 'carrier.notified.v1'; readonly data: CarrierNotified }
  | { readonly type: 'shipment.updated.v1'; readonly data: ShipmentUpdated }
)

/** `later`: what it is about may be heard of yet. `nobody`: it is about nothing of ours, or about nothing in particular. */
export type Match = readonly Telling[] | 'later' | 'nobody'

const kinds = { payment: 'look', dispute: 'dispute', capture: 'captured' } as const

const onePerPart = (found: readonly Reference[]): Reference[] => [
  ...new Map(found.map((each) => [`${each.orderId}\n${each.part}`, each])).values(),
]

const among = (known: readonly Reference[], names: readonly Name[]): Reference[] =>
  known.filter(({ account, kind, reference }) =>
    names.some((name) => name.account === account && name.kind === kind && name.reference === reference),
  )

const aboutPayment = (
  { account, provider, notice }: Waiting,
  { orderId, part, kind, reference }: Reference,
  about: Pick<ChannelNotified, 'kind' | 'fact'>,
): Telling => {
  const data: ChannelNotified = {
    ...{ orderId, account, provider, tenderId: part, notificationId: notice.eventId, ...about },
    ...(kind === 'refund' && { refundId: reference }),
    ...(kind === 'payment' && { paymentRef: reference }),
    ...(notice.providerRef !== undefined && { providerRef: notice.providerRef }),
    ...(notice.amount !== undefined && { amount: notice.amount }),
    ...(notice.currency !== undefined && { currency: notice.currency }),
    ...(notice.inAll && { inAll: notice.inAll }),
    ...(notice.dispute !== undefined && { dispute: notice.dispute }),
    occurredAt: notice.occurredAt,
  }
  return { type: 'channel.notified.v1', part, data }
}

/** A payment that was held may have another name once it is taken, and what is told of it later bears that alone. */
export const namedAnew = (waiting: Waiting, known: readonly Reference[]): Reference[] => {
  const { account, notice } = waiting
  if (notice.about !== 'capture') return []
  return onePerPart(among(known, namesIn(waiting))).flatMap(({ orderId, part }) =>
    notice.payments.map((reference): Reference => ({ account, kind: 'payment', reference, orderId, part })),
  )
}

const withoutStop = ({ stop: _, ...parcel }: NonNullable<Waiting['notice']['parcel']>) => parcel

/** Where a parcel is, or that its carrier has to be asked, of the orders of which the account may speak. */
const matchParcel = (waiting: Waiting, known: readonly Reference[], isLate: boolean): Match => {
  const { account, provider, notice } = waiting
  const { parcel, occurredAt: at, eventId: notificationId } = notice
  const allowed = new Set(among(known, leaveFor(waiting, known)).map(({ orderId }) => orderId))
  const found = onePerPart(among(known, namesIn(waiting)).filter(({ orderId }) => allowed.has(orderId)))
  if (parcel === undefined || found.length === 0) return isLate ? 'nobody' : 'later'
  const { status, carrier, trackingNumber, stop } = parcel
  return found.map(({ orderId, part }): Telling => {
    const about = { orderId, shipmentId: part }
    if (status !== undefined)
      return { type: 'shipment.updated.v1', part, data: { ...about, ...withoutStop(parcel), status, at } }
    const kind = stop === undefined ? ({ kind: 'look' } as const) : ({ kind: 'outcome', ...stop } as const)
    const said = { account, provider, notificationId, ...kind, occurredAt: at }
    return { type: 'carrier.notified.v1', part, data: { ...about, carrier, trackingNumber, ...said } }
  })
}

/** `known`: what is known by the names in it, and of what the account may speak. `isLate`: what is not known by now will not be. */
export const match = (waiting: Waiting, known: readonly Reference[], isLate: boolean): Match => {
  const { notice } = waiting
  if (notice.about === 'parcel') return matchParcel(waiting, known, isLate)
  const found = among(known, namesIn(waiting))
  const refunds = found.filter(({ kind }) => kind === 'refund')
  const { fact } = notice
  const said = fact === undefined ? ({ kind: 'look' } as const) : ({ kind: 'fact', fact } as const)
  if (refunds.length > 0) return refunds.map((each) => aboutPayment(waiting, each, said))
  // It bears a name that we give, and is nobody else's: its refund was begun before it was asked for, and will be heard of.
  if (notice.refundId !== undefined) return isLate ? 'nobody' : 'later'
  const tenders = onePerPart(found)
  if (tenders.length === 0) return isLate ? 'nobody' : 'later'
  const { about } = notice
  if (about !== 'refund') return tenders.map((each) => aboutPayment(waiting, each, { kind: kinds[about] }))
  const [only, ...others] = tenders
  // A payment of several orders: nobody knows whose money it was.
  if (only === undefined || others.length > 0) return 'nobody'
  const outcome = notice.undone ? 'reversed' : 'succeeded'
  return [aboutPayment(waiting, only, { kind: 'foreign-refund', fact: { outcome } })]
}
