import { acceptedOrder, amendedOrder, type OrderChanged, orderTotal } from '@countermand/contracts'
import { unitsOf } from '@countermand/inventory/decide/whereabouts.ts'
import { begin } from '@countermand/order/decide/begin.ts'
import { changeOrder } from '@countermand/order/decide/change.ts'
import { abandon, confirm } from '@countermand/order/decide/end.ts'
import { place } from '@countermand/order/decide/facts.ts'
import { nothingLeft, unitsLeft, versionOf } from '@countermand/order/decide/order.ts'
import type { OrderState } from '@countermand/order/state.ts'
import type { Decision } from '@countermand/service/decision.ts'
import type { Policies } from '@countermand/settings/policies.ts'
import { expect } from 'vitest'
import { at, Followers, type Told } from './followers.ts'
import { changeOf, type Edit, ordered, orderId } from './shop.ts'

const policies: Policies = {
  defaults: {
    ...{ CANCEL_WINDOW: 86_400_000, REQUEST_DELAY: 3_600_000, MERCHANT_APPROVAL: 'never', MERCHANT_DEADLINE: 1 },
    ...{
      MERCHANT_SILENCE: 'approve',
      DECISIONS_FROM: ['merchant'],
      BLOCKED_CUSTOMERS: [],
      REFUND_FALLBACK: 'attention',
    },
  },
  overrides: { markets: new Map(), merchants: new Map() },
}

/** One order, from its placing to what everybody knows of it at last. */
export class Game {
  readonly followers = new Followers()
  readonly told: Told[] = []
  state: OrderState | undefined
  #requests = 0
  #changes: OrderChanged[] = []
  #refunded = 0

  #take(decision: Decision<OrderState> | 'not-yet'): void {
    if (decision === 'not-yet' || decision.deadLetter !== undefined) return
    this.state = decision.state ?? this.state
    for (const { type, data } of decision.publish ?? []) {
      if (type === 'order.accepted.v1') this.told.push({ type, data: acceptedOrder.parse(data) })
      if (type === 'order.amended.v1') this.told.push({ type, data: amendedOrder.parse(data) })
    }
  }

  placeIt(): void {
    this.#take(place(this.state, ordered))
  }

  edit(by: Edit): void {
    const order = this.state?.order
    if (order === undefined) return
    const change = changeOf(order, by, `chg-${this.#changes.length}`)
    this.#changes.push(change)
    this.#take(changeOrder(this.state, change, at))
  }

  /** All that was ever sent comes once more. */
  repeat(): void {
    const before = this.state
    this.placeIt()
    for (const change of this.#changes) {
      const decision = changeOrder(this.state, change, at)
      // One that was a dead letter may fit by now, and is taken then.
      this.#take(decision)
    }
    for (const { version } of this.told.flatMap(({ type, data }) => (type === 'order.amended.v1' ? [data] : [])))
      expect(version).toBeGreaterThan(1)
    if (before?.order?.heldBy !== undefined) expect(this.state?.order?.placed).toEqual(before.order.placed)
  }

  request(lineId: string, quantity: number): void {
    const requestId = `req-${this.#requests++}`
    const lines = lineId === 'all' ? {} : { lines: [{ lineId, quantity }] }
    const asked = {
      initiator: { kind: 'customer', id: 'cus-7' },
      reason: { code: 'changed-mind' },
      refundTo: 'original',
    } as const
    this.#take(
      begin(policies, this.state, { orderId, requestId, requestedAt: at.now, ...asked, ...lines, round: 1 }, at),
    )
  }

  end(how: 'confirm' | 'withdraw'): void {
    const requestId = this.state?.order?.heldBy
    const request = requestId === undefined ? undefined : this.state?.requests.get(requestId)
    if (requestId === undefined || request?.status !== 'holding') return
    const command = { orderId, requestId, round: 1 }
    if (how === 'withdraw') {
      this.#take(
        abandon(this.state, { ...command, outcome: 'withdrawn', stage: 'confirming', request: request.request }, at),
      )
      return
    }
    const { amount, whole, orderVersion = 1 } = request.begun
    const lines = request.begun.lines.flatMap(({ sku, ...line }) => (sku === undefined ? [] : [{ ...line, sku }]))
    const step = () => this.followers.cancel(requestId, orderVersion, { lines, amount, whole })
    let refunds = step()
    if (refunds === undefined) {
      this.hearAll()
      refunds = step()
    }
    if (refunds === undefined) throw new Error('expected everybody to know the order by now, got somebody who does not')
    this.#refunded += amount
    this.#take(confirm(this.state, { ...command, refunds }, at))
  }

  hear(which: readonly number[]): void {
    for (const each of which) {
      const told = this.told[each % this.told.length]
      if (told !== undefined) this.followers.hear(told)
    }
  }

  hearAll(): void {
    for (const told of [...this.told, ...this.told.toReversed()]) this.followers.hear(told)
  }

  check(): void {
    const order = this.state?.order
    const { stock, parcels, payment } = this.followers
    if (order === undefined || stock === undefined || parcels === undefined || payment === undefined)
      throw new Error('expected everybody to know the order, got somebody who does not')
    expect(order.placed).toEqual(acceptedOrder.parse(order.placed))
    for (const { version } of [stock, parcels, payment]) expect(version).toBe(versionOf(order))
    expect(payment.tenders.map(({ tenderId, captured }) => [tenderId, captured])).toEqual(
      order.placed.tenders.map(({ tenderId, amount }) => [tenderId, amount]),
    )
    for (const { refunded, captured } of payment.tenders) expect(refunded).toBeLessThanOrEqual(captured)
    expect(payment.tenders.reduce((sum, { refunded }) => sum + refunded, 0)).toBe(this.#refunded)
    const total = orderTotal(order.placed)
    if (nothingLeft(order)) expect(this.#refunded).toBe(total)
    else expect(this.#refunded).toBeLessThanOrEqual(total)
    const left = new Map(order.placed.lines.map((line) => [line.lineId, unitsLeft(order, line)]))
    for (const line of stock.lines) expect(unitsOf(stock, line).reserved, line.lineId).toBe(left.get(line.lineId) ?? 0)
    const units = new Map(order.placed.lines.map(({ lineId, quantity }) => [lineId, quantity]))
    for (const { lineId, quantity } of parcels.lines) expect(quantity, lineId).toBe(units.get(lineId) ?? 0)
  }
}
