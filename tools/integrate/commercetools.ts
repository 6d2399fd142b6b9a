import type { CancelRequested, PlacedOrder, ShipmentUpdated } from '@countermand/contracts'
import { minorUnitDigits } from '@countermand/contracts/currencies.ts'
import { z } from 'zod'
import {
  carrierOf,
  newsFrom,
  orderIdOf,
  type Payment,
  placedFrom,
  readShop,
  requestFrom,
  type ShopSettings,
  type SoldLine,
  shopId,
} from './assemble.ts'
import { spread } from './money.ts'

/** commercetools: orders with their payments expanded, and the messages of its subscriptions. See docs/integrate/commercetools.md. */

/** Amounts are in minor units already; one of high precision says what it is rounded to, which is what the sums are made of. */
const money = z
  .object({
    type: z.enum(['centPrecision', 'highPrecision']).default('centPrecision'),
    centAmount: z.int(),
    currencyCode: z.string(),
    fractionDigits: z.int().optional(),
  })
  .superRefine(({ type, currencyCode, fractionDigits }, context) => {
    const digits = minorUnitDigits(currencyCode)
    if (type !== 'centPrecision' || fractionDigits === undefined || fractionDigits === digits) return
    const message = `expected ${currencyCode} in ${digits} fraction digits, got ${fractionDigits}`
    context.addIssue({ code: 'custom', path: ['fractionDigits'], message })
  })
const taxedPrice = z.object({ totalNet: money, totalGross: money }).optional()
const sold = { totalPrice: money, taxedPrice, quantity: z.int() }

const shippingInfo = z.object({
  price: money,
  discountedPrice: z.object({ value: money }).optional(),
  taxedPrice,
})

const order = z.object({
  id: shopId,
  customerId: z.string().optional(),
  createdAt: z.string(),
  country: z.string().optional(),
  totalPrice: money,
  taxedPrice,
  lineItems: z.array(
    z.object({
      id: shopId,
      variant: z.object({ id: z.int(), sku: z.string().optional() }),
      productId: z.string(),
      ...sold,
    }),
  ),
  customLineItems: z.array(z.object({ id: shopId, ...sold })).default([]),
  shippingInfo: shippingInfo.optional(),
  /** With `shippingMode: Multiple`: each with the method of its own. */
  shipping: z.array(z.object({ shippingInfo })).default([]),
  /** A discount of the whole order, which its lines do not show. */
  discountOnTotalPrice: z.object({ discountedAmount: money, discountedGrossAmount: money.optional() }).optional(),
  paymentInfo: z.object({
    payments: z.array(
      z.object({
        obj: z.object({
          id: shopId,
          interfaceId: z.string().optional(),
          paymentMethodInfo: z.object({ paymentInterface: z.string().optional(), method: z.string().optional() }),
          transactions: z.array(
            z.object({ type: z.string(), state: z.string(), amount: money, interactionId: z.string().optional() }),
          ),
        }),
      }),
    ),
  }),
})
type CommercetoolsOrder = z.infer<typeof order>
type Sold = Pick<CommercetoolsOrder['lineItems'][number], 'totalPrice' | 'taxedPrice'>

/** With its tax, where it is known; the tax is in it for information. */
const grossOf = ({ totalPrice, taxedPrice }: Sold) => {
  if (taxedPrice === undefined) return { price: totalPrice.centAmount, tax: 0 }
  const { totalGross, totalNet } = taxedPrice
  return { price: totalGross.centAmount, tax: 0, includedTax: totalGross.centAmount - totalNet.centAmount }
}

const linesOf = (from: CommercetoolsOrder): SoldLine[] => {
  const lines: SoldLine[] = [
    ...from.lineItems.map((line) => ({
      ...{ lineId: line.id, quantity: line.quantity, ...grossOf(line) },
      sku: line.variant.sku ?? `${line.productId}-${line.variant.id}`,
    })),
    ...from.customLineItems.map((line) => ({
      ...{ lineId: line.id, kind: 'fee' as const, quantity: line.quantity, ...grossOf(line) },
    })),
  ]
  const discount = from.discountOnTotalPrice
  const off = (discount?.discountedGrossAmount ?? discount?.discountedAmount)?.centAmount ?? 0
  const parts = spread(
    off,
    lines.map(({ price }) => Math.max(price, 0)),
  )
  return lines.map((line, place) => ({ ...line, price: line.price - (parts[place] ?? 0) }))
}

const shippingOf = ({ shippingInfo: one, shipping }: CommercetoolsOrder) => {
  const methods = [...(one === undefined ? [] : [one]), ...shipping.map((each) => each.shippingInfo)]
  const prices = methods.map(
    ({ price, discountedPrice, taxedPrice: taxed }) => taxed?.totalGross ?? discountedPrice?.value ?? price,
  )
  return { price: prices.reduce((sum, { centAmount }) => sum + centAmount, 0), tax: 0 }
}

const chargesOf = (from: CommercetoolsOrder): Payment[] =>
  from.paymentInfo.payments.flatMap(({ obj: { id, interfaceId, paymentMethodInfo, transactions } }) => {
    const charges = transactions.filter(({ type, state }) => type === 'Charge' && state === 'Success')
    const amount = charges.reduce((sum, charge) => sum + charge.amount.centAmount, 0)
    const gateway = paymentMethodInfo.paymentInterface ?? paymentMethodInfo.method ?? 'unknown'
    return [{ id, gateway, amount, ref: charges[0]?.interactionId ?? interfaceId ?? id }]
  })

/** `order.placed.v1` of an order whose payments are charged (`paymentState` is `Paid`); ask for it with `expand=paymentInfo.payments[*]`. */
export const placedFromCommercetools = (data: unknown, settings: ShopSettings): PlacedOrder => {
  const from = readShop(order, data, 'commercetools order')
  return placedFrom(settings, {
    ...{ id: from.id, customerId: from.customerId, country: from.country, placedAt: from.createdAt },
    ...{ currency: from.totalPrice.currencyCode, lines: linesOf(from), shipping: shippingOf(from) },
    total: (from.taxedPrice?.totalGross ?? from.totalPrice).centAmount,
    payments: chargesOf(from),
  })
}

const ofAnOrder = { createdAt: z.string(), resource: z.object({ id: z.string() }) }

const tracked = z.object({
  ...ofAnOrder,
  type: z.enum(['ParcelAddedToDelivery', 'ParcelTrackingDataUpdated']),
  parcel: z
    .object({ id: z.string(), items: z.array(z.object({ id: z.string() })).optional() })
    .extend({
      trackingData: z.object({ trackingId: z.string().optional(), carrier: z.string().optional() }).optional(),
    })
    .optional(),
  parcelId: z.string().optional(),
  trackingData: z.object({ trackingId: z.string().optional(), carrier: z.string().optional() }).optional(),
})

/** `shipment.updated.v1` of the message that a parcel was added, or that it can be tracked now: then it left. */
export const newsFromCommercetools = (data: unknown, settings: ShopSettings): ShipmentUpdated => {
  const from = readShop(tracked, data, 'commercetools message')
  const shipmentId = from.parcel?.id ?? from.parcelId ?? ''
  const tracking = from.trackingData ?? from.parcel?.trackingData
  const lineIds = from.parcel?.items?.map(({ id }) => id)
  return newsFrom({
    ...{ shipmentId, orderId: orderIdOf(settings, from.resource.id), at: from.createdAt },
    ...{ carrier: carrierOf(settings, tracking?.carrier), trackingNumber: tracking?.trackingId ?? shipmentId },
    status: tracking?.trackingId === undefined ? 'label-created' : 'handed-over',
    ...(lineIds !== undefined && lineIds.length > 0 && { lineIds }),
  })
}

const cancelled = z.object({
  ...ofAnOrder,
  id: z.string(),
  type: z.literal('OrderStateChanged'),
  orderState: z.literal('Cancelled'),
})

/** `order.cancel.requested.v1` of the message that an order's state is `Cancelled`. */
export const requestFromCommercetools = (data: unknown, settings: ShopSettings): CancelRequested => {
  const { id, createdAt: requestedAt, resource } = readShop(cancelled, data, 'commercetools message')
  return requestFrom({
    ...{ orderId: orderIdOf(settings, resource.id), requestId: `commercetools-${id}`, requestedAt },
    initiator: { kind: 'merchant', id: settings.merchantId },
    reason: { code: 'other' },
  })
}
