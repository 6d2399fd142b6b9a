import type { CancelRequested } from '@countermand/contracts'
import { sameContent } from './content.ts'
import type { Order } from './order.ts'
import type { CancellationRequest } from './request.ts'

/** What one decision sees: the order, if it was heard of, and the requests that the batch speaks of. */
export interface OrderState {
  readonly order?: Order
  readonly requests: ReadonlyMap<string, CancellationRequest>
  /** Which order each of the batch's request ids was first seen with, as loaded. */
  readonly owners: ReadonlyMap<string, string>
}

export const nothingKnown: OrderState = { requests: new Map(), owners: new Map() }

/** What makes two requests with one id the same; `retryOf` only says where it came from, and lines have no order. */
const contentOf = ({ retryOf: _, lines, ...rest }: CancelRequested) => ({
  ...rest,
  lines: lines?.toSorted((a, b) => (a.lineId < b.lineId ? -1 : 1)),
})

/** Whether the request's id was first seen with another order or other content. */
export const isReused = (state: OrderState | undefined, request: CancelRequested): boolean => {
  const owner = state?.owners.get(request.requestId)
  if (owner !== undefined && owner !== request.orderId) return true
  const first = state?.requests.get(request.requestId)
  return first !== undefined && !sameContent(contentOf(first.request), contentOf(request))
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
