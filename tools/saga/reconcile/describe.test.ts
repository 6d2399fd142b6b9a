import { expect, it } from 'vitest'
import { describeReconciled } from './describe.ts'

const span = { from: '2026-11-19T00:00:00.000Z', to: '2026-11-20T00:00:00.000Z' }
const same = { account: 'stripe-eu', listed: 3, matched: 2, inFlight: 1, others: 0, fees: [], differences: [] }
const found = {
  ...{ differenceId: 'dif_1', account: 'stripe-eu', kind: 'amount', orderId: "ord'1", refundId: 'ref_1' },
  ...{ providerRef: 're_1', ours: { amount: 100, currency: 'EUR', state: 'succeeded' } },
  ...{ theirs: { amount: 130, currency: 'EUR', state: 'succeeded' }, at: '2026-11-19T10:00:00.000Z' },
}

it('says of each account what is the same, and of each difference what both sides say and what leads on', () => {
  expect(describeReconciled([same], span)).toBe(
    '✓ stripe-eu: 3 refunds listed, 2 the same, 1 in flight, 0 of payments that are not ours\n2026-11-19 00:00:00 to 2026-11-20 00:00:00 UTC: 0 differences',
  )
  const late = describeReconciled([{ ...same, until: '2026-11-19T21:00:00.000Z' }], span)
  expect(late).toContain('\n  its list reaches to 2026-11-19 21:00:00; what came later is not judged\n')
  const differing = { ...same, fees: [{ amount: 40, currency: 'EUR' }], differences: [found] }
  const lines = describeReconciled([differing], span).replaceAll(/ {2,}/g, ' | ').split('\n')
  expect(lines).toEqual([
    '✗ stripe-eu: 3 refunds listed, 2 the same, 1 in flight, 0 of payments that are not ours, fees 0.40 EUR',
    "dif_1 | of another amount | ours 1.00 EUR succeeded, theirs 1.30 EUR succeeded | re_1, 2026-11-19 10:00:00 | saga show 'ord'\\''1'",
    '2026-11-19 00:00:00 to 2026-11-20 00:00:00 UTC: 1 differences; docs/reconciliation.md says what to do',
  ])
  expect(describeReconciled([differing], { ...span, dryRun: true })).toContain('a dry run: nothing was kept')
})
