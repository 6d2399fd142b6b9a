import type { AmendedOrder, PlacedOrder, TenderRefund } from '@countermand/contracts'
import { followOrder, reserve } from '@countermand/inventory/decide/facts.ts'
import { returnStockToSale, setStockAside } from '@countermand/inventory/decide/hold.ts'
import type { Reservation } from '@countermand/inventory/state.ts'
import { orderAccepted, orderAmended } from '@countermand/logistics/decide/orders.ts'
import { decideStop } from '@countermand/logistics/decide/stop.ts'
import type { LogisticsOrder } from '@countermand/logistics/state.ts'
import { accountFor, routing } from '@countermand/payment/channels/index.ts'
import { acceptOrder } from '@countermand/payment/decide/accept-order.ts'
import { amendOrder } from '@countermand/payment/decide/amend-order.ts'
import { planShares } from '@countermand/payment/decide/plan.ts'
import type { Payment } from '@countermand/payment/state.ts'
import { noAccounts } from '@countermand/providers/accounts.ts'
import { isBehind } from '@countermand/service/versions.ts'
import { expect } from 'vitest'

export const at = { now: '2026-11-20T10:00:00.000Z', patienceOver: false }

const assigning = { routing, accountFor: accountFor(noAccounts) }

/** What the order service tells the others. */
export type Told =
  | { readonly type: 'order.accepted.v1'; readonly data: PlacedOrder }
  | { readonly type: 'order.amended.v1'; readonly data: AmendedOrder }

/** The other services, each at its own pace. */
export class Followers {
  stock: Reservation | undefined
  parcels: LogisticsOrder | undefined
  payment: Payment | undefined

  hear(told: Told): void {
    const stock =
      told.type === 'order.accepted.v1' ? reserve(this.stock, told.data) : followOrder(this.stock, told.data, at)
    const parcels =
      told.type === 'order.accepted.v1'
        ? orderAccepted(this.parcels, told.data)
        : orderAmended(this.parcels, told.data, at)
    const payment =
      told.type === 'order.accepted.v1'
        ? acceptOrder(this.payment, told.data, at, assigning)
        : amendOrder(this.payment, told.data, at, assigning)
    if (stock !== 'not-yet') this.stock = stock.state ?? this.stock
    if (parcels !== 'not-yet') this.parcels = parcels.state ?? this.parcels
    if (payment !== 'not-yet') this.payment = payment.state ?? this.payment
  }

  /** Does the saga's part; `false`: they have not heard of that version of the order. */
  cancel(
    requestId: string,
    version: number,
    begun: { lines: Parameters<typeof setStockAside>[1]['lines']; amount: number; whole: boolean },
  ): TenderRefund[] | undefined {
    const command = { orderId: this.parcels?.orderId ?? '', requestId, round: 1, orderVersion: version }
    const { lines, whole, amount } = begun
    const aside = setStockAside(this.stock, { ...command, lines }, at)
    const stopped = decideStop(this.parcels, { ...command, lines, whole }, at, 1)
    const behind = this.payment === undefined ? 'not-yet' : isBehind(this.payment.version, command, at)
    if (aside === 'not-yet' || stopped === 'not-yet' || behind !== undefined || this.payment === undefined)
      return undefined
    expect(aside.answer?.type).toBe('StockSetAside')
    const returned = returnStockToSale(aside.state ?? this.stock, command, at)
    this.stock = (returned === 'not-yet' ? undefined : returned.state) ?? this.stock
    this.parcels = stopped.state ?? this.parcels
    const plan = planShares(this.payment, amount, routing)
    expect(plan).toMatchObject({ ok: true })
    const shares = new Map(plan.ok ? plan.shares.map((each) => [each.tenderId, each.amount]) : [])
    const tenders = this.payment.tenders.map((each) => ({
      ...each,
      refunded: each.refunded + (shares.get(each.tenderId) ?? 0),
    }))
    this.payment = { ...this.payment, tenders }
    const back = { channel: 'sandbox-card', currency: 'EUR', state: 'succeeded', destination: 'original' } as const
    return [...shares].map(([tenderId, amount]) => ({ ...back, tenderId, amount }))
  }
}
