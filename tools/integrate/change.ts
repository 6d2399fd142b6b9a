import { type OrderChanged, orderChanged, type PlacedOrder } from '@countermand/contracts'
import { readShop } from './assemble.ts'

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** What is in the one and not in the other, and what is in both and otherwise there. */
const compare = <Each>(before: readonly Each[], after: readonly Each[], idOf: (each: Each) => string) => {
  const known = new Map(before.map((each) => [idOf(each), each]))
  const kept = new Set(after.map(idOf))
  return {
    added: after.filter((each) => !known.has(idOf(each))),
    changed: after.filter((each) => known.has(idOf(each)) && !same(known.get(idOf(each)), each)),
    removed: before.filter((each) => !kept.has(idOf(each))),
  }
}

/**
 * `order.changed.v1`: what is otherwise in an order that was edited, both mapped by its shop's recipe. Both are as ordered: what was cancelled
 * through Countermand counts in both, whatever the shop shows of it. A tender that is gone holds nothing any more.
 */
export const changeBetween = (
  before: PlacedOrder,
  after: PlacedOrder,
  { changeId, at }: Pick<OrderChanged, 'changeId' | 'at'>,
): OrderChanged => {
  const { orderId } = before
  if (after.orderId !== orderId || after.currency !== before.currency)
    throw new Error(`expected order ${orderId} in ${before.currency}, got order ${after.orderId} in ${after.currency}`)
  const lines = compare(before.lines, after.lines, ({ lineId }) => lineId)
  const tenders = compare(before.tenders, after.tenders, ({ tenderId }) => tenderId)
  const moved = tenders.changed.find(
    (each) => !before.tenders.some((one) => same({ ...one, amount: each.amount }, each)),
  )
  if (moved !== undefined) throw new Error(`expected tender ${moved.tenderId} on the channel where it was, got another`)
  const change = {
    ...{ orderId, changeId, at },
    lines: { ...lines, removed: lines.removed.map(({ lineId }) => lineId) },
    tenders: {
      added: tenders.added,
      changed: [...tenders.changed, ...tenders.removed.map((each) => ({ ...each, amount: 0 }))],
    },
    shippingAmount: after.shippingAmount,
    shippingTaxAmount: after.shippingTaxAmount,
    ...(before.roundingAmount !== after.roundingAmount && { roundingAmount: after.roundingAmount ?? 0 }),
  }
  return readShop(orderChanged, change, `change ${changeId} of order ${orderId}`)
}
