import { type CancelRequested, digestOf } from '@countermand/contracts'
import type { Order } from './decide/order.ts'
import type { CancellationRequest } from './decide/request.ts'

/** What one decision sees: the order, if it was heard of, and the requests that the batch speaks of. */
export interface OrderState {
  readonly order?: Order
  readonly requests: ReadonlyMap<string, CancellationRequest>
  /** Which order each of the batch's request ids was first seen with, as loaded. */
  readonly owners: ReadonlyMap<string, string>
}

export const nothingKnown: OrderState = { requests: new Map(), owners: new Map() }

/** Whether the request's id was first seen with another order or other content. */
export const isReused = (state: OrderState | undefined, request: CancelRequested): boolean => {
  const owner = state?.owners.get(request.requestId)
  if (owner !== undefined && owner !== request.orderId) return true
  const first = state?.requests.get(request.requestId)
  return first !== undefined && digestOf(first.request) !== digestOf(request)
}

export const reuseMessage = (request: CancelRequested): string =>
  `expected a new request id, got ${request.requestId}, which was first seen with another order or other content`

/** The request as it is known, or as one that was only just heard of. */
export const requestOf = (state: OrderState | undefined, request: CancelRequested): CancellationRequest =>
  state?.requests.get(request.requestId) ?? { request, records: [], status: 'asked' }

/** The state with this request in it. */
export const withRequest = (state: OrderState | undefined, request: CancellationRequest): OrderState => {
  const known = state ?? nothingKnown
  return { ...known, requests: new Map(known.requests).set(request.request.requestId, request) }
}
