import { randomUUID } from 'node:crypto'
import {
  type ChannelName,
  type LineUnits,
  type OrderLine,
  orderTotal,
  type PlacedOrder,
  type ShipmentStatus,
} from '@countermand/contracts'

/** An order as someone wants it; the rest is two mugs for 33.51 EUR, paid by a card that gives back at once. */
export interface Wish extends Partial<Omit<PlacedOrder, 'orderId' | 'lines' | 'tenders' | 'shipments'>> {
  /** For people, and part of the order's id. */
  readonly name: string
  readonly lines?: readonly OrderLine[]
  /** By payment reference; one without an amount takes what the others leave. */
  readonly tenders?: readonly {
    readonly ref: string
    readonly channel?: ChannelName
    readonly amount?: number
    /** What the payment was of, where that is more than the tender. */
    readonly paidTotal?: number
    /** When the order is placed, by a channel that does not say so by itself. */
    readonly isPaid?: true
  }[]
  /** By tracking number. */
  readonly parcels?: readonly {
    readonly number: string
    readonly carrier?: string
    readonly status?: ShipmentStatus
    readonly lineIds?: readonly string[]
    readonly lines?: readonly LineUnits[]
  }[]
}

const mugs: readonly OrderLine[] = [
  { lineId: '1', sku: 'SKU-MUG', quantity: 2, unitAmount: 1250, discountAmount: 100, taxAmount: 383 },
]

export const parcelId = (orderId: string, place: number): string => `${orderId}-parcel-${place + 1}`

const tendersOf = (
  { total, placedAt }: { readonly total: number; readonly placedAt: string },
  wished: NonNullable<Wish['tenders']>,
): PlacedOrder['tenders'] => {
  const given = wished.reduce((sum, { amount = 0 }) => sum + amount, 0)
  return wished.map(({ ref, channel = 'sandbox-card', amount = total - given, paidTotal, isPaid }, place) => ({
    tenderId: `t${place + 1}`,
    channel,
    amount,
    paymentRef: ref,
    ...(paidTotal !== undefined && { paidTotal }),
    ...(isPaid && { paidAt: placedAt }),
  }))
}

export const orderFrom = ({ name, lines = mugs, tenders = [{ ref: 'pay_ok' }], parcels = [], ...rest }: Wish) => {
  const orderId = `ord-${name}-${randomUUID().slice(0, 8)}`
  const placedAt = rest.placedAt ?? new Date().toISOString()
  const money = { shippingAmount: 490, shippingTaxAmount: 78, ...rest, lines: [...lines] }
  const order: PlacedOrder = {
    orderId,
    customerId: 'cus-7',
    merchantId: 'mer-3',
    market: 'DE',
    currency: 'EUR',
    ...money,
    placedAt,
    tenders: tendersOf({ total: orderTotal(money), placedAt }, tenders),
    shipments: parcels.map(
      ({ number, carrier = 'sandbox', status = 'label-created', lineIds, lines: units }, place) => ({
        shipmentId: parcelId(orderId, place),
        carrier,
        trackingNumber: number,
        status,
        ...(lineIds === undefined ? {} : { lineIds: [...lineIds] }),
        ...(units === undefined ? {} : { lines: [...units] }),
      }),
    ),
  }
  return order
}
