import {
  type CancelRequested,
  type ChannelName,
  cancelRequested,
  check,
  type OrderLine,
  orderTotal,
  type PlacedOrder,
  placedOrder,
  type ShipmentUpdated,
  shipmentUpdated,
} from '@countermand/contracts'
import { z } from 'zod'

/** What all shops have in common on the way to Countermand's contracts. Pure: whoever calls it publishes what comes of it. */

/** What a shop's data does not say. */
export interface ShopSettings {
  readonly merchantId: string
  /** Where no country is named. */
  readonly market: string
  /** Which channel gives money back that came by a gateway, by the name that the shop has for it. */
  readonly channels: Readonly<Record<string, ChannelName>>
  /** Logistics' name for a carrier, by the shop's name for it; others keep their name. */
  readonly carriers?: Readonly<Record<string, string>>
  /** Before the ids of orders, where several shops' could be the same. */
  readonly orderPrefix?: string
}

/** An id of a shop: a text, or a number. */
export const shopId = z.union([z.string().min(1), z.number()]).transform(String)

/** A line as it was sold, in minor units. */
export interface SoldLine extends Pick<OrderLine, 'lineId' | 'sku' | 'kind' | 'quantity'> {
  /** Of the whole line, after all discounts, and without the tax that comes on top. */
  readonly price: number
  /** Of the whole line, on top of the price. */
  readonly tax: number
  /** Inside the price; for information. */
  readonly includedTax?: number
  /** Of one unit, before discounts. */
  readonly listPrice?: number
}

/** Unit price and discount that make exactly the line's price: a price that its units do not divide is one unit price more, less a discount. */
const lineOf = ({ price, tax, includedTax, listPrice = 0, ...line }: SoldLine): OrderLine => {
  if (price < 0)
    throw new Error(`expected line ${line.lineId} to cost 0 or more, got ${price}: spread it over the others`)
  const unitAmount = Math.max(listPrice, Math.ceil(price / line.quantity))
  return {
    ...line,
    unitAmount,
    discountAmount: unitAmount * line.quantity - price,
    taxAmount: tax,
    ...(includedTax !== undefined && includedTax > 0 && { includedTaxAmount: includedTax }),
  }
}

/** Money that the shop took, in minor units. */
export interface Payment {
  readonly id: string
  /** The shop's name of the gateway. */
  readonly gateway: string
  readonly amount: number
  /** What the channel knows it by. */
  readonly ref: string
}

const channelOf = ({ channels }: ShopSettings, gateway: string): ChannelName => {
  const channel = Object.hasOwn(channels, gateway) ? channels[gateway] : undefined
  if (channel === undefined) throw new Error(`expected a channel for gateway ${gateway} in the settings, got none`)
  return channel
}

export interface SoldOrder {
  readonly id: string
  readonly customerId: string | undefined
  readonly country: string | undefined
  readonly currency: string
  /** RFC 3339. */
  readonly placedAt: string
  readonly lines: readonly SoldLine[]
  readonly shipping: { readonly price: number; readonly tax: number }
  /** What the customer had to pay in all, gift cards included, in minor units. */
  readonly total: number
  readonly payments: readonly Payment[]
  readonly shipments?: PlacedOrder['shipments']
}

export const orderIdOf = (settings: ShopSettings, id: string): string => `${settings.orderPrefix ?? ''}${id}`

/** A cent for each line and for the shipping: more is no rounding, but money that the mapping does not know of. */
const roundingOf = (order: SoldOrder, unrounded: number): number => {
  const rounding = order.total - unrounded
  if (Math.abs(rounding) > order.lines.length + 1)
    throw new Error(`expected lines and shipping of order ${order.id} that add up to ${order.total}, got ${unrounded}`)
  return rounding
}

const valid = <Schema extends z.ZodType>(schema: Schema, data: unknown, what: string): z.infer<Schema> => {
  const checked = check(schema, data)
  if (!checked.ok) throw new Error(`${what}: ${checked.problems}`)
  return checked.data
}

/** Reads a shop's data; throws in words what is missing. */
export const readShop = valid

/** `order.placed.v1` of an order that was sold. Throws in words when it does not add up, to the cent. */
export const placedFrom = (settings: ShopSettings, order: SoldOrder): PlacedOrder => {
  const lines = order.lines.map(lineOf)
  const { price: shippingAmount, tax: shippingTaxAmount } = order.shipping
  const rounding = roundingOf(order, orderTotal({ lines, shippingAmount, shippingTaxAmount }))
  return valid(
    placedOrder,
    {
      ...{ orderId: orderIdOf(settings, order.id), merchantId: settings.merchantId, placedAt: order.placedAt },
      ...(order.customerId !== undefined && { customerId: order.customerId }),
      ...{ market: order.country ?? settings.market, currency: order.currency, lines },
      ...{ shippingAmount, shippingTaxAmount },
      ...(rounding !== 0 && { roundingAmount: rounding }),
      tenders: order.payments
        .filter(({ amount }) => amount > 0)
        .map(({ id, gateway, amount, ref }) => ({
          ...{ tenderId: id, channel: channelOf(settings, gateway), amount, paymentRef: ref },
        })),
      shipments: order.shipments ?? [],
    },
    `order ${order.id}`,
  )
}

/** A parcel's carrier, as logistics knows it. */
export const carrierOf = ({ carriers }: ShopSettings, name: string | undefined): string =>
  name === undefined
    ? 'unknown'
    : carriers !== undefined && Object.hasOwn(carriers, name)
      ? (carriers[name] ?? name)
      : name

/** `shipment.updated.v1`. */
export const newsFrom = (news: ShipmentUpdated): ShipmentUpdated =>
  valid(shipmentUpdated, news, `parcel ${news.shipmentId}`)

/** `order.cancel.requested.v1`: its id follows from what happened, so a webhook that comes twice is one request. */
export const requestFrom = (
  request: Pick<CancelRequested, 'orderId' | 'requestId' | 'requestedAt' | 'initiator' | 'reason' | 'lines'>,
): CancelRequested => valid(cancelRequested, request, `request ${request.requestId}`)
