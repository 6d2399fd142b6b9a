import { type Answer, believed, type CancelRequested, type RefusalCode } from '@countermand/contracts'
import type { Moment } from '@countermand/messaging/decision.ts'
import { type Claim, claimOf } from './claim.ts'
import { type Order, parcelsOf, statusWithoutHold } from './order.ts'
import type { Policy } from './settings.ts'

/** Verification's ways of saying no, as the public story names them. */
export const refusalCodes = {
  OrderNotFound: 'order-not-found',
  AlreadyCancelled: 'already-cancelled',
  CancellationInProgress: 'cancellation-in-progress',
  NotCancellable: 'not-cancellable',
  WindowClosed: 'window-closed',
  AccountBlocked: 'account-blocked',
  QuantityExceeded: 'quantity-exceeded',
} as const satisfies Partial<Record<Answer['type'], RefusalCode>>

export type Refusal = Answer<keyof typeof refusalCodes>

/** When the request was made, in ms, as far as the sender's clock is believed. */
const askedAt = (request: CancelRequested, at: Moment): number => Date.parse(believed(request.requestedAt, at.now))

/** The first of these lines whose parcels have all come back: that is a return, not a cancellation. */
const returnedLine = (order: Order, lines: readonly { readonly lineId: string }[]): string | undefined =>
  lines.find((line) => {
    const parcels = parcelsOf(order, [line])
    return parcels.length > 0 && parcels.every((parcel) => parcel.status === 'returned')
  })?.lineId

const isBlocked = (order: Order, request: CancelRequested, policy: Policy): boolean =>
  request.initiator.kind === 'customer' && policy.BLOCKED_CUSTOMERS.includes(order.placed.customerId)

/** Whether the request may take what it asks for out of the order: what it takes, or the first reason why not. */
export const verify = (order: Order, request: CancelRequested, policy: Policy, at: Moment): Claim | Refusal => {
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
  if (askedAt(request, at) > closedAt) {
    const message = `order ${orderId} could be cancelled until ${new Date(closedAt).toISOString()}, asked at ${request.requestedAt}`
    return { type: 'WindowClosed', message }
  }
  if (isBlocked(order, request, policy))
    return { type: 'AccountBlocked', message: `the account of customer ${customerId} is blocked` }
  return 'exceeded' in claim ? { type: 'QuantityExceeded', message: claim.exceeded } : claim
}
