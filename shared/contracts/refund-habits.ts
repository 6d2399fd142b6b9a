import type { ChannelName, RefundDestination } from './vocabulary.ts'

/** What is known of every channel before anything is asked of it: so much can be said to a customer who only thinks of cancelling. */
export interface RefundHabit {
  /** Where money goes that was paid by it, when nobody decided otherwise; `original`: as the request says. */
  readonly home: RefundDestination
  /** After so many days it is usually there. */
  readonly days: number
}

/** In the order in which tenders are asked to give back: the likeliest refusal first. The payment service’s own table is held to it by a test. */
export const refundHabits: Readonly<Record<ChannelName, RefundHabit>> = {
  'sandbox-card': { home: 'original', days: 10 },
  'sandbox-wallet': { home: 'original', days: 0 },
  stripe: { home: 'original', days: 14 },
  paypal: { home: 'original', days: 14 },
  alipay: { home: 'original', days: 5 },
  'wechat-pay': { home: 'original', days: 5 },
  'gift-card': { home: 'gift-card', days: 0 },
  'store-credit': { home: 'store-credit', days: 0 },
  'cash-on-delivery': { home: 'none', days: 0 },
}

/** Names of channels in that order. */
export const refundOrder: readonly string[] = Object.keys(refundHabits)
