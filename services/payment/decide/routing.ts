import type { ChannelName, RefundDestination } from '@countermand/contracts'
import type { Route, Routing } from '../channels/index.ts'
import { type AskedRequest, isCollected, type Payment, type Tender, tenderOf } from '../state.ts'

/**
 * Where a tender's money goes when nobody decided otherwise. Gift cards go back to the gift card, never to cash. Cash that was collected on
 * delivery cannot go back the way it came: it goes as store credit where the customer or the policy says so, else to a bank account.
 */
export const destinationOf = (
  routing: Routing,
  tender: Pick<Tender, 'channel' | 'paidAt'>,
  refundTo: 'original' | 'store-credit',
  fallback: AskedRequest['fallback'],
): RefundDestination => {
  const home = routing.home(tender.channel)
  if (isCollected(tender))
    return refundTo === 'store-credit' || fallback === 'store-credit' ? 'store-credit' : 'bank-transfer'
  return home === 'original' ? refundTo : home
}

/**
 * Where the money goes of a tender that is only held: all that is left of it is voided by its channel; of a part nobody is called, for the
 * shop takes less. Absent: it was taken, or nobody outside holds it.
 */
export const destinationOfHeld = (
  state: Payment,
  tenderId: string,
  amount: number,
  routing: Routing,
): RefundDestination | undefined => {
  const { authorized, channel, captured, refunded } = tenderOf(state, tenderId)
  if (!authorized || routing.home(channel) !== 'original') return undefined
  return amount === captured - refunded ? 'original' : 'none'
}

/** Who is called for a refund; nobody for what was never ours. */
export const routeOf = (routing: Routing, channel: ChannelName, destination: RefundDestination): Route | undefined => {
  if (destination === 'none') return undefined
  return destination === 'original' ? routing.own(channel) : destination
}
