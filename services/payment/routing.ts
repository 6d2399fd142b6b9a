import type { ChannelName, RefundDestination } from '@countermand/contracts'
import type { Route } from './channels/index.ts'

/** What decisions know of the channels that orders are paid with. It is made from the table of channels. */
export interface Routing {
  /** All of them, in the order in which tenders are asked to give back. */
  readonly trial: readonly ChannelName[]
  /** Where a tender's money goes when nobody decided otherwise; `original`: as the request says. */
  home(channel: ChannelName): RefundDestination
  /** What gives a tender's money back through its own channel; absent where it was never ours. */
  own(channel: ChannelName): Route | undefined
}

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
