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

it('has no plan that does not add up, and says what is left', () => {
  expect(planShares(state(tender('t1', 'sandbox-card', 10, 4)), 7, routing)).toEqual({
    ok: false,
    error: 'expected 7 to give back of order ord-1, got 6 left over its tenders',
  })
})
