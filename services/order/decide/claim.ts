import { type CancelledLine, type CancelRequested, isGoods, type OrderLine, refundOf } from '@countermand/contracts'
import { type Order, unitsLeft } from './order.ts'

/** What a request takes out of an order. */
export interface Claim {
  readonly lines: CancelledLine[]
  /** Minor units: the frozen shares of these units; with the last of them, shipping, its tax and the rounding. */
  readonly amount: number
  /** True when nothing of the order is left afterwards. */
  readonly whole: boolean
}

/** Asked for more than there is: says of which line. */
export interface Exceeded {
  readonly exceeded: string
}

/** Units asked for by line id; a request without lines asks for all that is left. */
const unitsAsked = (order: Order, lines: CancelRequested['lines']): Map<string, number> =>
  new Map(
    lines === undefined
      ? order.placed.lines.map((line) => [line.lineId, unitsLeft(order, line)])
      : lines.map((line) => [line.lineId, line.quantity]),
  )

const excessOf = (order: Order, asked: ReadonlyMap<string, number>): string | undefined => {
  const left = new Map(order.placed.lines.map((line) => [line.lineId, unitsLeft(order, line)]))
  for (const [lineId, quantity] of asked) {
    const most = left.get(lineId)
    if (most === undefined) return `expected a line of order ${order.placed.orderId}, got ${lineId}`
    if (quantity > most) return `expected at most ${most} of line ${lineId}, got ${quantity}`
  }
  return undefined
}

const cancelledLine = ({ lineId, sku, kind }: OrderLine, quantity: number): CancelledLine => ({
  ...{ lineId, quantity },
  ...(sku !== undefined && { sku }),
  ...(!isGoods({ kind }) && { kind }),
})

/** What the request would cancel of what is left of the order, in the order's own sequence of lines. */
export const claimOf = (order: Order, lines: CancelRequested['lines']): Claim | Exceeded => {
  const asked = unitsAsked(order, lines)
  const exceeded = excessOf(order, asked)
  if (exceeded !== undefined) return { exceeded }
  const { placed, cancelled } = order
  const units = placed.lines.map((line) => ({ line, quantity: asked.get(line.lineId) ?? 0 }))
  return {
    lines: units.flatMap(({ line, quantity }) => (quantity > 0 ? [cancelledLine(line, quantity)] : [])),
    amount: refundOf(
      placed,
      placed.lines.map(({ lineId }) => cancelled.get(lineId) ?? 0),
      units.map(({ quantity }) => quantity),
    ),
    whole: units.every(({ line, quantity }) => quantity === unitsLeft(order, line)),
  }
}
