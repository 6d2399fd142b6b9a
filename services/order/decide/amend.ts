import {
  acceptedOrder,
  check,
  isOnItsWay,
  lineAmount,
  most,
  type OrderChanged,
  type OrderChangeRefusal,
  type OrderLine,
  type PlacedOrder,
  refundOf,
  utf8Bytes,
} from '@countermand/contracts'
import { cumulativeShare } from '@countermand/contracts/money.ts'
import { goodsOf } from '@countermand/contracts/order-content.ts'
import { nothingLeft, type Order, type Parcel, unitsLeft } from './order.ts'

/** What a change makes of an order, or why it cannot be made. */
export type Amended = { readonly placed: PlacedOrder } | { readonly code: OrderChangeRefusal; readonly message: string }

const refused = (code: OrderChangeRefusal, message: string) => ({ code, message })

const lineOf = (order: Order, lineId: string): OrderLine | undefined =>
  order.placed.lines.find((line) => line.lineId === lineId)

const cancelledOf = (order: Order, { lineId }: OrderLine): number => order.cancelled.get(lineId) ?? 0

/** The line without what is left of it: the units that were cancelled, for what was given back for them. None: absent. */
const cancelledPart = (order: Order, line: OrderLine): OrderLine[] => {
  const quantity = cancelledOf(order, line)
  if (quantity === 0) return []
  const part = (total: number) => cumulativeShare(total, quantity, line.quantity)
  const { includedTaxAmount } = line
  return [
    {
      ...line,
      quantity,
      discountAmount: part(line.discountAmount),
      taxAmount: part(line.taxAmount),
      ...(includedTaxAmount !== undefined && { includedTaxAmount: part(includedTaxAmount) }),
    },
  ]
}

/** How many units of the line a parcel holds; all of them may be in one that does not say. */
const unitsIn = (parcel: Parcel, { lineId, quantity }: OrderLine): number =>
  parcel.lines?.reduce((sum, each) => (each.lineId === lineId ? sum + each.quantity : sum), 0) ??
  (parcel.lineIds.includes(lineId) ? quantity : 0)

/** Units that have left cannot be edited away: they are cancelled, or come back. */
const onItsWay = (order: Order, line: OrderLine, quantity: number) => {
  if (quantity >= line.quantity) return undefined
  const out = order.parcels.filter((each) => isOnItsWay(each) && unitsIn(each, line) > 0)
  const gone = out.reduce((sum, each) => sum + unitsIn(each, line), 0)
  const parcel = quantity - cancelledOf(order, line) < gone ? out[0] : undefined
  return (
    parcel &&
    refused(
      'on-its-way',
      `line ${line.lineId} is in parcel ${parcel.shipmentId}, which is ${parcel.status}: expected a request to cancel it, got a change`,
    )
  )
}

const removal = (order: Order, lineId: string) => {
  const line = lineOf(order, lineId)
  if (line === undefined) return refused('lines', `expected a line of order ${order.placed.orderId}, got ${lineId}`)
  return unitsLeft(order, line) === 0 ? undefined : onItsWay(order, line, cancelledOf(order, line))
}

/** A line has one price for all its units. What to do where some are cancelled, which keep theirs, and the others are to have another. */
const anotherPrice = (order: Order, line: OrderLine): string => {
  if (unitsLeft(order, line) === 0) return 'all of it is cancelled, leave the line as it is'
  return onItsWay(order, line, cancelledOf(order, line)) === undefined
    ? 'remove the line, and add what is left as another'
    : 'what is left of it is on its way, and keeps its price: give the difference back outside of Countermand'
}

const lineChange = (order: Order, line: OrderLine) => {
  const { lineId } = line
  const before = lineOf(order, lineId)
  if (before === undefined) return refused('lines', `expected a line of order ${order.placed.orderId}, got ${lineId}`)
  const [was, is] = [before, line].map(({ sku, kind = 'goods' }) => (sku === undefined ? kind : `${kind} ${sku}`))
  if (was !== is) return refused('lines', `expected ${was} in line ${lineId}, got ${is}: remove it, and add another`)
  const cancelled = cancelledOf(order, before)
  if (line.quantity < cancelled)
    return refused(
      'lines',
      `expected ${cancelled} or more of line ${lineId}, which are cancelled, got ${line.quantity}`,
    )
  const [given, would] = [lineAmount(before, cancelled), lineAmount(line, cancelled)]
  if (given !== would)
    return refused(
      'money',
      `expected ${given} for the ${cancelled} cancelled of line ${lineId}, which were given back, got ${would}: ${anotherPrice(order, before)}`,
    )
  return onItsWay(order, before, line.quantity)
}

const linesProblem = (order: Order, { lines }: OrderChanged) => {
  for (const lineId of lines?.removed ?? []) {
    const problem = removal(order, lineId)
    if (problem !== undefined) return problem
  }
  for (const line of lines?.changed ?? []) {
    const problem = lineChange(order, line)
    if (problem !== undefined) return problem
  }
  const known = lines?.added.find(({ lineId }) => lineOf(order, lineId) !== undefined)
  if (known !== undefined)
    return refused('lines', `expected a line that order ${order.placed.orderId} does not have, got ${known.lineId}`)
  const count = order.placed.lines.length + (lines?.added.length ?? 0)
  return lines !== undefined && lines.added.length > 0 && count > most.lines
    ? refused('lines', `expected at most ${most.lines} lines, got ${count}`)
    : undefined
}

const tendersProblem = (order: Order, { tenders }: OrderChanged) => {
  for (const { tenderId, amount } of tenders?.changed ?? []) {
    const before = order.placed.tenders.find((each) => each.tenderId === tenderId)
    if (before === undefined)
      return refused('money', `expected a tender of order ${order.placed.orderId}, got ${tenderId}`)
    const given = order.refunded.get(tenderId) ?? 0
    if (amount < given)
      return refused('money', `expected ${given} or more of tender ${tenderId}, which were given back, got ${amount}`)
  }
  const known = tenders?.added.find(({ tenderId }) => order.placed.tenders.some((each) => each.tenderId === tenderId))
  return (
    known &&
    refused('money', `expected a tender that order ${order.placed.orderId} does not have, got ${known.tenderId}`)
  )
}

/** The first parcels with what is left of what they held. Where parcels are now, and what is in them, logistics tells. */
const shipmentsOf = (placed: PlacedOrder, kept: readonly OrderLine[]): PlacedOrder['shipments'] => {
  const left = new Map(kept.map(({ lineId, quantity }) => [lineId, quantity]))
  return placed.shipments.map(({ lines, lineIds, ...shipment }) => {
    const units = lines?.flatMap((line) => {
      const quantity = Math.min(line.quantity, left.get(line.lineId) ?? 0)
      left.set(line.lineId, (left.get(line.lineId) ?? 0) - quantity)
      return quantity > 0 ? [{ ...line, quantity }] : []
    })
    if (units !== undefined && units.length > 0) return { ...shipment, lines: units }
    const held = lines?.map(({ lineId }) => lineId) ?? lineIds ?? goodsOf(placed)
    return { ...shipment, lineIds: held.filter((lineId) => left.has(lineId)) }
  })
}

const merged = (order: Order, change: OrderChanged): PlacedOrder => {
  const { placed } = order
  const { lines, tenders, shippingAmount, shippingTaxAmount, roundingAmount } = change
  const removed = new Set(lines?.removed)
  const changed = new Map(lines?.changed.map((line) => [line.lineId, line]))
  const kept = placed.lines.flatMap((line) =>
    removed.has(line.lineId) ? cancelledPart(order, line) : [changed.get(line.lineId) ?? line],
  )
  const amountsOf = new Map(tenders?.changed.map(({ tenderId, amount }) => [tenderId, amount]))
  return {
    ...placed,
    shippingAmount: shippingAmount ?? placed.shippingAmount,
    shippingTaxAmount: shippingTaxAmount ?? placed.shippingTaxAmount,
    ...(roundingAmount !== undefined && { roundingAmount }),
    lines: [...kept, ...(lines?.added ?? [])],
    tenders: [
      ...placed.tenders.map((each) => ({ ...each, amount: amountsOf.get(each.tenderId) ?? each.amount })),
      ...(tenders?.added ?? []),
    ],
    shipments: shipmentsOf(placed, kept),
  }
}

/** What is passed on as a whole has room in every message that is made of it. */
const bytesOf = (placed: PlacedOrder): number => utf8Bytes(JSON.stringify(placed))

/** What was given back for the units that are cancelled, of an order of which something is left. */
const worthOfCancelled = (order: Order): number =>
  refundOf(
    order.placed,
    [],
    order.placed.lines.map((line) => cancelledOf(order, line)),
  )

/** Makes a change of an order that no saga holds. What was cancelled of it stays cancelled, and what was given back for that stays given back. */
export const amend = (order: Order, change: OrderChanged): Amended => {
  const { orderId } = order.placed
  if (nothingLeft(order)) return refused('nothing-left', `nothing is left of order ${orderId}`)
  const problem = linesProblem(order, change) ?? tendersProblem(order, change)
  if (problem !== undefined) return problem
  const placed = merged(order, change)
  if (placed.lines.length === 0 || nothingLeft({ ...order, placed }))
    return refused('nothing-left', `expected something to be left of order ${orderId}: cancel it instead`)
  const limit = Math.max(most.inputBytes, bytesOf(order.placed))
  if (bytesOf(placed) > limit)
    return refused('lines', `expected order ${orderId} to stay within ${limit.toLocaleString('en')} bytes`)
  const checked = check(acceptedOrder, placed)
  if (!checked.ok) return refused('money', checked.problems)
  const [given, would] = [order, { ...order, placed }].map(worthOfCancelled)
  return given === would
    ? { placed }
    : refused('money', `expected ${given} for what was cancelled, which was given back, got ${would}`)
}
