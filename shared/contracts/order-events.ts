import { z } from 'zod'
import { most } from './limits.ts'
import { checkSums } from './order-sums.ts'
import { amount, currency, id, note, quantity, rounding, takenId, textOf, timestamp } from './primitives.ts'
import { stepInNeed } from './records.ts'
import { happenedAt } from './timestamp.ts'
import { type ChannelName, channelName, isGoods, lineKind, shipmentStatus } from './vocabulary.ts'

const idOrNone = (reference: typeof id) => z.union([reference, z.literal('')])

const lineFields = z.object({
  lineId: id,
  /** Absent: `goods`. Nothing else is kept in stock or is in a parcel. */
  kind: lineKind.optional(),
  /** Goods go back to stock by it. Absent or empty: of another kind, of which nothing is kept in stock. */
  sku: idOrNone(id).optional(),
  quantity,
  /** Minor units, for one unit. */
  unitAmount: amount,
  /** Minor units, for the whole line. */
  discountAmount: amount.default(0),
  /** Minor units, for the whole line, on top of the price. A shop with gross prices gives 0. */
  taxAmount: amount.default(0),
  /** Information only: tax already inside `unitAmount`. */
  includedTaxAmount: amount.optional(),
  /** What the customer knows it by. Absent: the SKU. */
  title: textOf(200, 'a title').optional(),
  /** An address with https of a picture, shown beside it where the shop's pages may load it from. */
  imageUrl: textOf(500, 'an address').optional(),
})

/** An empty SKU is none. */
const withoutEmptySku = <Line extends { sku?: string | undefined }>({ sku, ...line }: Line) => ({
  ...line,
  ...(sku !== undefined && sku !== '' && { sku }),
})

/** A line of an order. Its price is `quantity × unitAmount − discountAmount + taxAmount`, in minor units. */
export const orderLine = lineFields
  .refine((line) => !isGoods(line) || (line.sku !== undefined && line.sku !== ''), {
    path: ['sku'],
    error: 'expected the SKU of goods, by which they go back to stock, or the kind service, fee or digital',
  })
  .overwrite(withoutEmptySku)

/** Channels that know no payment: nothing was taken yet, or nobody else keeps it. */
const withoutPayment: ReadonlySet<string> = new Set(['cash-on-delivery'])

/** Whether a channel takes no money when an order is placed, and so knows no payment. */
export const isPaidLater = (channel: ChannelName): boolean => withoutPayment.has(channel)

const tenderFields = z.object({
  tenderId: id,
  channel: channelName,
  amount,
  /** What the channel knows the payment by. Of a sandbox channel its beginning says how a refund goes: see the AsyncAPI document. */
  paymentRef: idOrNone(id).default(''),
  /** Whether the money was taken, or only held for us: then nothing is given back, but released. Absent: it was taken. */
  state: z.enum(['captured', 'authorized']).optional(),
  /** When the payment was taken, as some channels count their time for refunds from. */
  paidAt: timestamp.optional(),
  /** What the payment was in all, where the tender is a part of it; absent: the tender's amount. */
  paidTotal: amount.optional(),
})

/** One payment of an order: `amount` in minor units was taken, or held, on `channel`, which knows it by `paymentRef`, where it knows of it at all. */
export const tender = tenderFields.refine(({ channel, paymentRef }) => paymentRef !== '' || isPaidLater(channel), {
  path: ['paymentRef'],
  error: 'expected an id',
})
export type Tender = z.infer<typeof tender>

/** How many units of each of its lines a parcel holds. Absent: nobody says. */
const parcelLines = (lineId: typeof id, mostLines: number) =>
  z
    .array(z.object({ lineId, quantity }))
    .min(1, 'expected at least one line, or no `lines` when nobody says how many')
    .max(mostLines)
    .refine((lines) => new Set(lines.map((each) => each.lineId)).size === lines.length, 'expected each lineId once')
    .optional()

/** A parcel that is known when the order is placed. `carrier` is the carrier’s name in the logistics service. */
export const placedShipment = z.object({
  shipmentId: id,
  carrier: id,
  trackingNumber: id,
  /** The carrier's own id of the shipment, where it has one beside the tracking number: some void a label by it. */
  shipmentRef: id.optional(),
  status: shipmentStatus,
  /** Absent: all goods of the order. */
  lineIds: z.array(id).max(most.lines).optional(),
  /** Counts before `lineIds`. */
  lines: parcelLines(id, most.lines),
})
export type PlacedShipment = z.infer<typeof placedShipment>

/** `order.placed.v1`: an order as it is taken today. */
export const placedOrder = z
  .object({
    orderId: id,
    /** Absent: a guest, whom the shop knows by no id. */
    customerId: id.optional(),
    merchantId: id,
    market: id,
    currency,
    placedAt: happenedAt,
    lines: z.array(orderLine).min(1, 'expected at least one line').max(most.lines),
    shippingAmount: amount.default(0),
    shippingTaxAmount: amount.default(0),
    /** Part of the total, so that it can be paid in coins; it goes back with the last unit. Absent: the sum was not rounded. */
    roundingAmount: rounding.optional(),
    /** How the customer is spoken to, BCP 47: `de`, `zh-CN`. Absent: as their browser asks. */
    language: textOf(35, 'a language').optional(),
    /** In whose times they are told when something happens, of the IANA list: `Europe/Berlin`. */
    zone: textOf(64, 'a zone').optional(),
    /** HMAC-SHA-256 under the shop's key, in hex, of the customer's e-mail, trimmed and in small letters: whoever knows the address can be known by it, and no address is kept. */
    contactHash: textOf(64, 'an HMAC-SHA-256 in hex').optional(),
    /** None: it costs nothing. */
    tenders: z.array(tender).max(most.tenders).default([]),
    shipments: z.array(placedShipment).max(most.shipments).default([]),
  })
  .superRefine(checkSums)
export type PlacedOrder = z.infer<typeof placedOrder>
export type OrderLine = z.infer<typeof orderLine>

const takenLineIds = z.array(takenId).max(most.takenLines)
const takenShipment = placedShipment.extend({
  ...{ shipmentId: takenId, carrier: takenId, trackingNumber: takenId, shipmentRef: takenId.optional() },
  lineIds: takenLineIds.optional(),
  lines: parcelLines(takenId, most.takenLines),
})

/** `order.accepted.v1`: an order that was taken, whenever that was. */
export const acceptedOrder = z
  .object({
    ...placedOrder.shape,
    ...{ orderId: takenId, customerId: takenId.optional(), merchantId: takenId, market: takenId, placedAt: timestamp },
    lines: z
      .array(lineFields.extend({ lineId: takenId, sku: takenId.optional() }))
      .min(1, 'expected at least one line')
      .max(most.takenLines),
    tenders: z
      .array(tenderFields.extend({ tenderId: takenId, paymentRef: idOrNone(takenId).default('') }))
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
  /** The carrier's own id of the shipment, where it has one. Absent: as it was told before. */
  shipmentRef: id.optional(),
  status: shipmentStatus,
  at: happenedAt,
  /** Absent: those known before, else all goods of the order. */
  lineIds: z.array(id).max(most.lines).optional(),
  /** Counts before `lineIds`. Absent: as known before, as long as the lines are the same. */
  lines: parcelLines(id, most.lines),
})
export type ShipmentUpdated = z.infer<typeof shipmentUpdated>

/** `shipment.changed.v1`, from logistics: the same, checked; `lineIds` always says which lines the parcel holds, `lines` how many units of each, where that is known. */
export const shipmentChanged = shipmentUpdated.extend({
  ...{ shipmentId: takenId, orderId: takenId, carrier: takenId, trackingNumber: takenId, at: timestamp },
  shipmentRef: takenId.optional(),
  lineIds: takenLineIds,
  /** The warehouse keeps it where it is, for this request, until a later event of the parcel has none. It says so by `shipment.held.v1`. */
  hold: takenId.optional(),
  lines: parcelLines(takenId, most.takenLines),
  /** It comes back for this request, though its intercept was taken back: known `since`, and a case for a person. */
  lateIntercept: z.object({ requestId: takenId, since: timestamp }).optional(),
  /** It goes to the customer, or was delivered, though this request's answer was that it is stopped: known `since`, and a case for a person. */
  lateDelivery: z.object({ requestId: takenId, since: timestamp }).optional(),
  /** It had gone out though this request had it stopped (`lateDelivery`), and is back: nobody has to look at it any more. */
  lateReturn: z.object({ requestId: takenId }).optional(),
  /** This step had been answered that it is stuck; with this it is not any more, and comes to its end when it is asked again. */
  newsFor: stepInNeed.optional(),
})
export type ShipmentChanged = z.infer<typeof shipmentChanged>

/** `shipment.held.v1`, from the warehouse: whether it keeps a parcel that it was asked to keep (`hold` of `shipment.changed.v1`). */
export const shipmentHeld = z.object({
  ...{ orderId: id, shipmentId: id, requestId: id },
  /** Absent: yes. False: it cannot, the parcel goes out. */
  held: z.boolean().default(true),
  message: note.optional(),
  at: happenedAt,
})
export type ShipmentHeld = z.infer<typeof shipmentHeld>

/** `label.wanted.v1`, from logistics: the label `replaces` is void, and the parcel goes to the customer after all. The answer is a `shipment.updated.v1` with the new number. */
export const labelWanted = z.object({
  ...{ orderId: takenId, shipmentId: takenId, requestId: takenId, carrier: takenId },
  /** The tracking number of the label that is void. */
  replaces: takenId,
  /** From then on a person is asked to see to it. */
  dueBy: timestamp,
  lineIds: takenLineIds,
  lines: parcelLines(takenId, most.takenLines),
})
export type LabelWanted = z.infer<typeof labelWanted>

/** `payment.captured.v1`, from checkout: an authorized tender was taken, so much of it. */
export const paymentCaptured = z.object({ orderId: id, tenderId: id, amount, at: happenedAt })
export type PaymentCaptured = z.infer<typeof paymentCaptured>

/** `stock.received.v1`, from the warehouse. */
export const stockReceived = z.object({ sku: id, quantity, at: happenedAt })
export type StockReceived = z.infer<typeof stockReceived>
