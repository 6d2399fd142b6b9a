import type { ChannelName, RefundDestination } from '@countermand/contracts'
import type { Route, Routing } from '../channels/index.ts'
import { type Payment, tenderOf } from '../state.ts'

/** Where a tender's money goes when nobody decided otherwise. Gift cards go back to the gift card, never to cash. */
export const destinationOf = (
  routing: Routing,
  channel: ChannelName,
  refundTo: 'original' | 'store-credit',
): RefundDestination => {
  const home = routing.home(channel)
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
  const own = routing.own(channel)
  if (own === undefined || destination === 'none') return undefined
  return destination === 'original' ? own : destination
}
