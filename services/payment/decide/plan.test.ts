import fc from 'fast-check'
import { expect, it } from 'vitest'
import { routing } from '../channels/index.ts'
import { type Payment, type Tender, unheard } from '../state.ts'
import { planShares } from './plan.ts'

const tender = (tenderId: string, channel: Tender['channel'], captured: number, refunded = 0): Tender => ({
  tenderId,
  channel,
  paymentRef: tenderId,
  captured,
  refunded,
  ...{ authorized: false, paidAt: undefined, paidTotal: undefined, account: undefined, claims: [], released: [] },
})
const state = (...tenders: Tender[]): Payment => ({ ...unheard('ord-1'), currency: 'EUR', tenders })

it('takes the likeliest refusal first, and of each only what it has left', () => {
  const payment = state(
    tender('cash', 'cash-on-delivery', 10),
    tender('credit', 'store-credit', 10),
    tender('gift', 'gift-card', 10),
    tender('wallet', 'sandbox-wallet', 10, 10),
    tender('card-1', 'sandbox-card', 10, 4),
    tender('card-2', 'sandbox-card', 10),
  )
  expect(planShares(payment, 30, routing)).toEqual({
    ok: true,
    shares: [
      { tenderId: 'card-1', amount: 6 },
      { tenderId: 'card-2', amount: 10 },
      { tenderId: 'gift', amount: 10 },
      { tenderId: 'credit', amount: 4 },
    ],
  })
})

it('gives back an order part by part, of each tender no more than was paid with it, until nothing is left', () => {
  const amount = fc.integer({ min: 1, max: 100_000 })
  fc.assert(
    fc.property(fc.array(amount, { minLength: 1, maxLength: 4 }), fc.array(amount, { maxLength: 8 }), (paid, parts) => {
      const channels = ['sandbox-card', 'gift-card', 'store-credit', 'sandbox-wallet'] as const
      let payment = state(...paid.map((captured, n) => tender(`t${n}`, channels[n] ?? 'sandbox-card', captured)))
      const left = () => payment.tenders.reduce((sum, { captured, refunded }) => sum + captured - refunded, 0)
      const giveBack = (part: number) => {
        const plan = planShares(payment, part, routing)
        if (!plan.ok) throw new Error(plan.error)
        expect(plan.shares.reduce((sum, share) => sum + share.amount, 0)).toBe(part)
        const shareOf = (tenderId: string) => plan.shares.find((each) => each.tenderId === tenderId)?.amount ?? 0
        payment = {
          ...payment,
          tenders: payment.tenders.map((each) => ({ ...each, refunded: each.refunded + shareOf(each.tenderId) })),
        }
        for (const { captured, refunded } of payment.tenders) expect(refunded).toBeLessThanOrEqual(captured)
      }
      for (const part of parts) giveBack(Math.min(part, left()))
      giveBack(left())
      expect(left()).toBe(0)
      expect(planShares(payment, 1, routing).ok).toBe(false)
    }),
  )
})

it('has no plan that does not add up, and says what is left', () => {
  expect(planShares(state(tender('t1', 'sandbox-card', 10, 4)), 7, routing)).toEqual({
    ok: false,
    error: 'expected 7 to give back of order ord-1, got 6 left over its tenders',
  })
})
