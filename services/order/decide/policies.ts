import type { PlacedOrder } from '@countermand/contracts'
import type { Policy, PolicyOverrides } from '../settings.ts'

export interface Policies {
  readonly defaults: Policy
  readonly overrides: PolicyOverrides
}

/** What holds for an order: what its merchant says, else its market, else the defaults, setting by setting. */
export const policyFor = ({ defaults, overrides }: Policies, order: PlacedOrder): Policy => ({
  ...defaults,
  ...overrides.markets.get(order.market),
  ...overrides.merchants.get(order.merchantId),
})
