import { type EventData, type EventType, events } from '@countermand/contracts'
import type { ReadEvent } from '@countermand/kafka/reading.ts'
import type { Accounts } from '@countermand/providers/accounts.ts'
import { carriers } from '../senders/index.ts'
import type { Reference } from '../store/store.ts'

/** Which of our events name what the outside knows, and the topics that they are on. */
const naming = [
  ...(['order.accepted.v1', 'order.amended.v1'] as const),
  ...(['shipment.changed.v1', 'refund.submitted.v1'] as const),
] satisfies readonly EventType[]
export const namingTopics: readonly string[] = [...new Set(naming.map((type) => events[type].topic))]

type Order = EventData<'order.accepted.v1'> | EventData<'order.amended.v1'>
type Parcel = Pick<EventData<'shipment.changed.v1'>, 'shipmentId' | 'carrier' | 'trackingNumber'>
type Choice = Pick<Accounts, 'nameFor'>

const ofParcel = (
  orderId: string,
  { shipmentId: part, carrier: account, trackingNumber: reference }: Parcel,
): Reference => ({
  ...{ account, kind: 'parcel', reference, orderId, part },
})

/** Who may speak of an order's parcels, whichever they are. */
const ofMerchant = ({ orderId, merchantId }: Order, accounts: Choice): Reference[] =>
  carriers.flatMap((provider) => {
    const account = accounts.nameFor(merchantId, provider)
    return account === undefined ? [] : [{ account, kind: 'order' as const, reference: orderId, orderId, part: '' }]
  })

/** A payment is known to the account that its merchant works with now: payment decides the same at this moment. */
const ofPayments = ({ orderId, merchantId, tenders }: Order, accounts: Choice): Reference[] =>
  tenders.flatMap(({ tenderId: part, channel, paymentRef: reference }) => {
    const account = accounts.nameFor(merchantId, channel)
    return account === undefined || reference === '' ? [] : [{ account, kind: 'payment', reference, orderId, part }]
  })

const ofOrder = (order: Order, accounts: Choice): Reference[] => {
  const speaks = ofMerchant(order, accounts)
  // Of an order that nobody speaks of, nobody has to know the parcels.
  const parcels = speaks.length === 0 ? [] : order.shipments.map((each) => ofParcel(order.orderId, each))
  return [...ofPayments(order, accounts), ...speaks, ...parcels]
}

/** A refund is told with the account that it is asked with, before it is. */
const ofRefund = ({ account, refundId, orderId, tenderId }: EventData<'refund.submitted.v1'>): Reference[] =>
  account === undefined ? [] : [{ account, kind: 'refund', reference: refundId, orderId, part: tenderId }]

/** The names in an event; of others, none. */
export const namesOf = ({ type, data }: ReadEvent, accounts: Choice): Reference[] => {
  if (type === 'order.accepted.v1' || type === 'order.amended.v1')
    return ofOrder(events[type].data.parse(data), accounts)
  if (type === 'shipment.changed.v1') {
    const parcel = events[type].data.parse(data)
    return [ofParcel(parcel.orderId, parcel)]
  }
  return type === 'refund.submitted.v1' ? ofRefund(events[type].data.parse(data)) : []
}
