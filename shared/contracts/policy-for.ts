import type { PlacedOrder } from './order-events.ts'

/** What shops decide: for all, and what a market or a merchant says otherwise, setting by setting. */
export interface PoliciesOf<Policy> {
  readonly defaults: Policy
  readonly overrides: {
    readonly markets: ReadonlyMap<string, Partial<Policy>>
    readonly merchants: ReadonlyMap<string, Partial<Policy>>
  }
}

/** What holds for an order: what its merchant says, else its market, else the defaults. */
export const policyFor = <Policy>(
  { defaults, overrides }: PoliciesOf<Policy>,
  order: Pick<PlacedOrder, 'market' | 'merchantId'>,
): Policy => ({
  ...defaults,
  ...overrides.markets.get(order.market),
  ...overrides.merchants.get(order.merchantId),
})
