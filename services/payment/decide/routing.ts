import type { ChannelName, RefundDestination } from '@countermand/contracts'
import type { Route, Routing } from '../channels/index.ts'

/** Where a tender's money goes when nobody decided otherwise. Gift cards go back to the gift card, never to cash. */
export const destinationOf = (
  routing: Routing,
  channel: ChannelName,
  refundTo: 'original' | 'store-credit',
): RefundDestination => {
  const home = routing.home(channel)
  return home === 'original' ? refundTo : home
}

/** Who is called for a refund; nobody for what was never ours. */
export const routeOf = (routing: Routing, channel: ChannelName, destination: RefundDestination): Route | undefined => {
  const own = routing.own(channel)
  if (own === undefined || destination === 'none') return undefined
  return destination === 'original' ? own : destination
}
