import { expect, it } from 'vitest'
import { postWord } from '../ledger/differences.ts'
import type { Difference } from '../reconcile/compare.ts'
import { withIds } from './reconciliations.ts'

const difference: Difference = {
  ...{ account: 'stripe-eu', kind: 'missing-here', merchantId: 'mer-1', refundId: undefined, providerRef: 're_1' },
  ...{ orderId: 'ord-1', tenderId: 't1', ours: undefined, at: '2026-11-20T09:00:00.000Z', asClaim: true },
  theirs: { amount: 100, currency: 'EUR', state: 'succeeded' },
}
const nobodys: Difference = { ...difference, orderId: undefined, tenderId: undefined, asClaim: false }
const idOf = (of: Difference) => withIds([of])[0]?.differenceId ?? ''

it('a refund that nobody could claim of a tender is another difference once somebody has: it is in suspense once', () => {
  expect(idOf(difference)).toBe(idOf({ ...difference, at: '2026-11-21T09:00:00.000Z' }))
  expect(idOf(nobodys)).not.toBe(idOf(difference))
  const posted = [
    ...postWord(idOf(nobodys), nobodys, { word: 'found', number: 1, at: nobodys.at }),
    ...postWord(idOf(nobodys), nobodys, { word: 'gone', number: 2, at: nobodys.at }),
    ...postWord(idOf(difference), difference, { word: 'found', number: 1, at: difference.at }),
  ]
  const inSuspense = posted.map(({ debit, amount }) => (debit.kind === 'suspense' ? amount : -amount))
  // What is claimed of its tender is there by its claim.
  expect(inSuspense.reduce((sum, each) => sum + each, 0)).toBe(0)
})
