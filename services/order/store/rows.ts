import type { CancelRequested, PlacedOrder } from '@countermand/contracts'
import type { Change } from '@countermand/messaging/service.ts'
import { type Order, type Parcel, statusOf, statusWithoutHold } from '../decide/order.ts'
import type { Begun, CancellationRequest, End, KeptRecord } from '../decide/request.ts'
import type { OrderState } from '../state.ts'

/** Between the state and its rows. What the tables derive themselves (amount, outcome, …) is neither written nor read. */

export interface LoadedOrder {
  readonly placed: PlacedOrder
  readonly parcels: readonly Parcel[]
  readonly held_by: string | null
  readonly cancelled: Readonly<Record<string, number>> | null
}

export interface LoadedRequest {
  readonly request_id: string
  readonly order_id: string
  readonly status: CancellationRequest['status']
  readonly request: CancelRequested
  readonly begun: Begun | null
  readonly ending: End | null
  readonly records: readonly KeptRecord[] | null
}

export const orderOf = (row: LoadedOrder): Order => ({
  placed: row.placed,
  cancelled: new Map(Object.entries(row.cancelled ?? {})),
  parcels: row.parcels,
  ...(row.held_by !== null && { heldBy: row.held_by }),
})

/** Throws when the row lacks what its status needs: the table's constraints were got round. */
export const requestOf = (row: LoadedRequest): CancellationRequest => {
  const { status, request, begun, ending: end } = row
  const records = (row.records ?? []).map((each) => ({ ...each, at: new Date(each.at).toISOString() }))
  const kept = { request, records }
  switch (status) {
    case 'asked':
      return { ...kept, status }
    case 'holding':
      if (begun !== null) return { ...kept, status, begun }
      break
    case 'refused':
      if (end !== null) return { ...kept, status, end }
      break
    case 'abandoned':
      if (end !== null) return { ...kept, status, end, ...(begun !== null && { begun }) }
      break
    case 'confirmed':
      if (end !== null && begun !== null) return { ...kept, status, end, begun }
  }
  throw new Error(`expected what a ${status} request has, got begun ${begun}, end ${end}: request ${row.request_id}`)
}

export const orderRow = (orderId: string, order: Order) => ({
  order_id: orderId,
  status: statusOf(order),
  status_before: order.heldBy === undefined ? null : statusWithoutHold(order),
  held_by: order.heldBy,
  customer_id: order.placed.customerId,
  merchant_id: order.placed.merchantId,
  market: order.placed.market,
  currency: order.placed.currency,
  placed_at: order.placed.placedAt,
  placed: order.placed,
  parcels: order.parcels,
})

/** The lines whose count of cancelled units is not what it was; all of an order that is new. */
export const lineRows = ({ orderId, before, after: { order } }: Change<OrderState>) =>
  (order?.placed.lines ?? []).flatMap(({ lineId, sku, quantity }) => {
    const cancelled = order?.cancelled.get(lineId) ?? 0
    const known = before?.order && (before.order.cancelled.get(lineId) ?? 0)
    return known === cancelled ? [] : [{ order_id: orderId, line_id: lineId, sku, quantity, cancelled }]
  })

export const requestRow = (request: CancellationRequest) => {
  const begun = 'begun' in request ? request.begun : undefined
  const end = 'end' in request ? request.end : undefined
  return {
    request_id: request.request.requestId,
    order_id: request.request.orderId,
    status: request.status,
    request: request.request,
    begun,
    ending: end,
    started_at: begun?.at,
    ended_at: end?.at,
  }
}

/** The records that were added: they are never changed. */
export const recordRows = (before: CancellationRequest | undefined, after: CancellationRequest) =>
  after.records
    .map((each, position) => ({ ...each, request_id: after.request.requestId, position }))
    .slice(before?.records.length ?? 0)
