import { z } from 'zod'
import { most } from './limits.ts'
import { orderTotal } from './money.ts'
import { amount, currency, id, quantity, takenId, timestamp } from './primitives.ts'
import { happenedAt } from './timestamp.ts'
import { channelName, shipmentStatus } from './vocabulary.ts'

/** A line of an order. Its price is `quantity × unitAmount − discountAmount + taxAmount`, in minor units. */
export const orderLine = z.object({
  lineId: id,
  sku: id,
  quantity,
  /** Minor units, for one unit. */
  unitAmount: amount,
  /** Minor units, for the whole line. */
  discountAmount: amount.default(0),
  /** Minor units, for the whole line, on top of the price. A shop with gross prices gives 0. */
  taxAmount: amount.default(0),
  /** Information only: tax already inside `unitAmount`. */
  includedTaxAmount: amount.optional(),
})

/** Channels that know no payment: nothing was taken yet, or nobody else keeps it. */
const withoutPayment: ReadonlySet<string> = new Set(['cash-on-delivery'])

const orNone = (reference: typeof id) => z.union([reference, z.literal('')]).default('')
const tenderFields = z.object({ tenderId: id, channel: channelName, amount, paymentRef: orNone(id) })

/** One payment of an order: `amount` in minor units was taken on `channel`, which knows it by `paymentRef`, where it knows of it at all. */
export const tender = tenderFields.refine(
  ({ channel, paymentRef }) => paymentRef !== '' || withoutPayment.has(channel),
  { path: ['paymentRef'], error: 'expected an id' },
)
export type Tender = z.infer<typeof tender>

/** A parcel that is known when the order is placed. `carrier` is the carrier’s name in the logistics service. */
export const placedShipment = z.object({
  shipmentId: id,
  carrier: id,
  trackingNumber: id,
  status: shipmentStatus,
  /** Absent: all lines of the order. */
  lineIds: z.array(id).max(most.lines).optional(),
})
export type PlacedShipment = z.infer<typeof placedShipment>

const unique = (values: readonly string[]) => new Set(values).size === values.length

interface Sums {
  readonly lines: readonly z.infer<typeof orderLine>[]
  readonly shippingAmount: number
  readonly shippingTaxAmount: number
  readonly tenders: readonly Tender[]
  readonly shipments: readonly PlacedShipment[]
}

const checkSums = (order: Sums, context: z.core.$RefinementCtx): void => {
  // A sum over a field that is wrong itself says nothing.
  if (context.issues.length > 0) return
  const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  const lineIds = new Set(order.lines.map((line) => line.lineId))
  if (lineIds.size < order.lines.length) problem('lines', 'expected each lineId once')
  if (!unique(order.tenders.map((each) => each.tenderId))) problem('tenders', 'expected each tenderId once')
  if (!unique(order.shipments.map((each) => each.shipmentId))) problem('shipments', 'expected each shipmentId once')
  const strange = order.shipments.flatMap((each) => each.lineIds ?? []).find((lineId) => !lineIds.has(lineId))
  if (strange !== undefined) problem('shipments', `expected lineIds of this order, got ${strange}`)
  for (const line of order.lines)
    if (line.discountAmount > line.unitAmount * line.quantity)
      problem('lines', `expected a discount of at most the price of line ${line.lineId}, got ${line.discountAmount}`)
  const total = orderTotal(order)
  const prices = order.lines.map((line) => line.unitAmount * line.quantity)
  if (![total, ...prices].every(Number.isSafeInteger))
    problem('lines', 'expected a total that is a safe integer of minor units')
  const tendered = order.tenders.reduce((sum, each) => sum + each.amount, 0)
  if (tendered !== total) problem('tenders', `expected tenders that add up to ${total}, got ${tendered}`)
}

/** `order.placed.v1`: an order as it is taken today. */
export const placedOrder = z
  .object({
    orderId: id,
    customerId: id,
    merchantId: id,
    market: id,
    currency,
    placedAt: happenedAt,
    lines: z.array(orderLine).min(1, 'expected at least one line').max(most.lines),
    shippingAmount: amount.default(0),
    shippingTaxAmount: amount.default(0),
    /** None: it costs nothing. */
    tenders: z.array(tender).max(most.tenders).default([]),
    shipments: z.array(placedShipment).max(most.shipments).default([]),
  })
  .superRefine(checkSums)
export type PlacedOrder = z.infer<typeof placedOrder>
export type OrderLine = z.infer<typeof orderLine>

const takenLineIds = z.array(takenId).max(most.takenLines)
const takenShipment = placedShipment.extend({
  ...{ shipmentId: takenId, carrier: takenId, trackingNumber: takenId, lineIds: takenLineIds.optional() },
})

/** `order.accepted.v1`: an order that was taken, whenever that was. */
export const acceptedOrder = z
  .object({
    ...placedOrder.shape,
    ...{ orderId: takenId, customerId: takenId, merchantId: takenId, market: takenId, placedAt: timestamp },
    lines: z
      .array(orderLine.extend({ lineId: takenId, sku: takenId }))
      .min(1, 'expected at least one line')
      .max(most.takenLines),
    tenders: z
      .array(tenderFields.extend({ tenderId: takenId, paymentRef: orNone(takenId) }))
      .max(most.tenders)
      .default([]),
    shipments: z.array(takenShipment).max(most.shipments).default([]),
  })
  .superRefine(checkSums)

/** `shipment.updated.v1`, from the carriers' gateway. */
export const shipmentUpdated = z.object({
  shipmentId: id,
  orderId: id,
  carrier: id,
  trackingNumber: id,
  status: shipmentStatus,
  at: happenedAt,
  lineIds: z.array(id).max(most.lines).optional(),
})
export type ShipmentUpdated = z.infer<typeof shipmentUpdated>

/** `shipment.changed.v1`, from logistics: the same, checked; `lineIds` always says which lines the parcel holds. */
export const shipmentChanged = shipmentUpdated.extend({
  ...{ shipmentId: takenId, orderId: takenId, carrier: takenId, trackingNumber: takenId, at: timestamp },
  lineIds: takenLineIds,
  /** It comes back for this request, though its intercept was taken back: known `since`, and a case for a person. */
  lateIntercept: z.object({ requestId: takenId, since: timestamp }).optional(),
  /** It goes to the customer, or was delivered, though this request's answer was that it is stopped: known `since`, and a case for a person. */
  lateDelivery: z.object({ requestId: takenId, since: timestamp }).optional(),
})
export type ShipmentChanged = z.infer<typeof shipmentChanged>

/** `stock.received.v1`, from the warehouse. */
export const stockReceived = z.object({ sku: id, quantity, at: happenedAt })
export type StockReceived = z.infer<typeof stockReceived>
