import type { z } from 'zod'
import type { LineUnits } from './holdings.ts'
import { orderTotal, type PricedLine } from './money.ts'
import { isGoods, type LineKind, type ShipmentStatus } from './vocabulary.ts'

/** What an order must come to over several of its fields. */

const unique = (values: readonly string[]) => new Set(values).size === values.length

interface Parcel {
  readonly shipmentId: string
  readonly status: ShipmentStatus
  readonly lineIds?: readonly string[] | undefined
  readonly lines?: readonly LineUnits[] | undefined
}

interface Sums {
  readonly lines: readonly (PricedLine & { readonly lineId: string; readonly kind?: LineKind | undefined })[]
  readonly shippingAmount: number
  readonly shippingTaxAmount: number
  readonly roundingAmount?: number | undefined
  readonly tenders: readonly { readonly tenderId: string; readonly amount: number }[]
  readonly shipments: readonly Parcel[]
}

/** The lines that a parcel says it holds; `lines` say more than `lineIds`. */
const linesOf = ({ lines, lineIds = [] }: Parcel): readonly string[] => lines?.map(({ lineId }) => lineId) ?? lineIds

/** Parcels that were lost or came back may have been replaced. */
const countsUnits = ({ status }: Parcel): boolean => status !== 'lost' && status !== 'returned'

/** The first line of which parcels hold more units than were ordered. */
const tooManyUnits = ({ lines, shipments }: Sums): string | undefined => {
  const held = new Map<string, number>()
  for (const { lineId, quantity } of shipments.filter(countsUnits).flatMap((each) => each.lines ?? []))
    held.set(lineId, (held.get(lineId) ?? 0) + quantity)
  const over = lines.find((line) => (held.get(line.lineId) ?? 0) > line.quantity)
  return over && `expected at most ${over.quantity} of line ${over.lineId} in parcels, got ${held.get(over.lineId)}`
}

/** Adds an issue for each sum that is wrong, and for each id that is not of this order. */
export const checkSums = (order: Sums, context: z.core.$RefinementCtx): void => {
  // A sum over a field that is wrong itself says nothing.
  if (context.issues.length > 0) return
  const problem = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
  const lineIds = new Set(order.lines.map((line) => line.lineId))
  if (lineIds.size < order.lines.length) problem('lines', 'expected each lineId once')
  if (!unique(order.tenders.map((each) => each.tenderId))) problem('tenders', 'expected each tenderId once')
  if (!unique(order.shipments.map((each) => each.shipmentId))) problem('shipments', 'expected each shipmentId once')
  const inParcels = new Set(order.shipments.flatMap(linesOf))
  for (const lineId of inParcels)
    if (!lineIds.has(lineId)) problem('shipments', `expected lineIds of this order, got ${lineId}`)
  for (const { lineId, kind } of order.lines)
    if (inParcels.has(lineId) && !isGoods({ kind }))
      problem('shipments', `expected lineIds of goods, got ${lineId}, which is of kind ${kind}`)
  const tooMany = tooManyUnits(order)
  if (tooMany !== undefined) problem('shipments', tooMany)
  for (const line of order.lines)
    if (line.discountAmount > line.unitAmount * line.quantity)
      problem('lines', `expected a discount of at most the price of line ${line.lineId}, got ${line.discountAmount}`)
  const total = orderTotal(order)
  const prices = order.lines.map((line) => line.unitAmount * line.quantity)
  if (![total, ...prices].every(Number.isSafeInteger))
    problem('lines', 'expected a total that is a safe integer of minor units')
  if (total < 0) problem('roundingAmount', `expected a total of 0 or more, which makes ${total}`)
  const tendered = order.tenders.reduce((sum, each) => sum + each.amount, 0)
  if (tendered !== total) problem('tenders', `expected tenders that add up to ${total}, got ${tendered}`)
}
