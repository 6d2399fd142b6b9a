import { randomUUID } from 'node:crypto'
import type { PlacedOrder } from '@countermand/contracts'
import { orderOf } from '../shop/scenarios.ts'

/** What is special about the orders of a round; nothing: paid by a card that gives back at once, not packed yet, one SKU for ten. */
export interface Kind {
  readonly paymentRef?: string
  /** A parcel that has left: the merchant is asked. */
  readonly shipped?: boolean
  /** By default one for ten orders. */
  readonly sku?: string
}

const skus = 100
const onItsWay = { trackingNumber: 'OK', status: 'in-transit' } as const

export const ordersOf = (count: number, { paymentRef = 'pay_ok', shipped = false, sku }: Kind = {}): PlacedOrder[] =>
  Array.from({ length: count }, (_, place) => {
    const scenario = {
      paymentRef,
      channel: 'sandbox-card',
      ...(shipped ? { parcel: onItsWay } : {}),
    } as const
    const order = orderOf(scenario, `ord-${randomUUID()}`, new Date().toISOString())
    return { ...order, lines: order.lines.map((line) => ({ ...line, sku: sku ?? `SKU-${place % skus}` })) }
  })
