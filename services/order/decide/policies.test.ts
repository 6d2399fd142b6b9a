import { policyFor } from '@countermand/contracts/policy-for.ts'
import { describe, expect, it } from 'vitest'
import { samplePlaced, samplePolicies } from '../test/given.ts'

describe('the policy of an order', () => {
  it('is what the merchant says, else the market, else the default', () => {
    const { defaults } = samplePolicies({ CANCEL_WINDOW: 1, MERCHANT_DEADLINE: 1, MERCHANT_SILENCE: 'approve' })
    const policies = {
      defaults,
      overrides: {
        markets: new Map([['DE', { CANCEL_WINDOW: 2, MERCHANT_DEADLINE: 2 }]]),
        merchants: new Map([['mer-3', { MERCHANT_DEADLINE: 3 }]]),
      },
    }
    const policy = policyFor(policies, samplePlaced())
    expect(policy).toMatchObject({ CANCEL_WINDOW: 2, MERCHANT_DEADLINE: 3, MERCHANT_SILENCE: 'approve' })
    expect(policyFor(policies, samplePlaced({ market: 'FR', merchantId: 'mer-4' }))).toEqual(defaults)
  })
})
