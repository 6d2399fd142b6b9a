import { type Answer, believed, type CancelRequested, type refusalCodes } from '@countermand/contracts'
import type { Moment } from '@countermand/service/decision.ts'
import type { Policy } from '@countermand/settings/policies.ts'
import { type Claim, claimOf } from './claim.ts'
import { type Order, statusWithoutHold } from './order.ts'
import { returnedLine } from './parcels.ts'

export type Refusal = Answer<keyof typeof refusalCodes>

/** A request, and when it was published (ISO 8601), where that is known. */
export interface Asked {
  readonly request: CancelRequested
  readonly publishedAt: string | undefined
}

/**
 * When the request was made, in ms, as far as its sender is believed: not after it was published, as far as clocks agree, not longer
 * before that than a request may be on its way, and not before its order was placed. So the window holds, whatever date is sent.
 */
const askedAt = ({ request, publishedAt }: Asked, placedAt: string, policy: Policy, at: Moment): number => {
  const published = publishedAt === undefined ? undefined : believed(publishedAt, at.now)
  const asked = Date.parse(believed(request.requestedAt, published ?? at.now))
  const earliest = published === undefined ? asked : Date.parse(published) - policy.REQUEST_DELAY
  return Math.max(asked, earliest, Date.parse(placedAt))
}

/** A guest has no account. */
const isBlocked = ({ placed: { customerId } }: Order, request: CancelRequested, policy: Policy): boolean =>
  request.initiator.kind === 'customer' && customerId !== undefined && policy.BLOCKED_CUSTOMERS.includes(customerId)

/** Whether the request may take what it asks for out of the order: what it takes, or the first reason why not. */
export const verify = (order: Order, asked: Asked, policy: Policy, at: Moment): Claim | Refusal => {
  const { request } = asked
  const { orderId, placedAt, customerId } = order.placed
  if (statusWithoutHold(order) === 'cancelled')
    return { type: 'AlreadyCancelled', message: `nothing is left of order ${orderId}` }
  if (order.heldBy !== undefined) {
    const message = `order ${orderId} is on hold by request ${order.heldBy}`
    return { type: 'CancellationInProgress', by: order.heldBy, message }
  }
  const claim = claimOf(order, request.lines)
  const returned = 'lines' in claim ? returnedLine(order, claim.lines) : undefined
  if (returned !== undefined)
    return { type: 'NotCancellable', message: `line ${returned} of order ${orderId} was returned` }
  const closedAt = Date.parse(placedAt) + policy.CANCEL_WINDOW
  const judgedAt = askedAt(asked, placedAt, policy, at)
  if (judgedAt > closedAt) {
    const [until, as] = [closedAt, judgedAt].map((ms) => new Date(ms).toISOString())
    const message = `order ${orderId} could be cancelled until ${until}, asked at ${request.requestedAt}, which counts as ${as}`
    return { type: 'WindowClosed', message }
  }
  if (isBlocked(order, request, policy))
    return { type: 'AccountBlocked', message: `the account of customer ${customerId} is blocked` }
  return 'exceeded' in claim ? { type: 'QuantityExceeded', message: claim.exceeded } : claim
}
