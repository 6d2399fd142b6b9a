import { z } from 'zod'
import { amount, currency, id, takenId, timestamp } from './primitives.ts'
import { happenedAt } from './timestamp.ts'

/** What is spent of a credit, in minor units. */
const spentAmount = z
  .int('expected an amount in minor units, a whole number')
  .positive('expected an amount of 1 or more')

/** `store-credit.changed.v1`: what there is to spend of store credit, or of a gift card, by what refunds gave it and others spent. */
export const storeCreditChanged = z.object({
  /** By which it is spent. */
  accountId: takenId,
  /** Whose it is; absent: a guest's. */
  customerId: takenId.optional(),
  /** Of the credit of a gift card: what the shop calls the card. */
  giftCardId: takenId.optional(),
  /** After the change. */
  balance: amount,
  currency,
  /** The posting of the ledger that changed it: each once, in the order of the topic. */
  entryId: takenId,
  /** Of what was spent: its name. */
  spendId: takenId.optional(),
  at: timestamp,
})
export type StoreCreditChanged = z.infer<typeof storeCreditChanged>

/** `store-credit.spent.v1`, from checkout. The same `spendId` of an account is the same spending. */
export const storeCreditSpent = z.object({
  accountId: id,
  spendId: id,
  amount: spentAmount,
  currency,
  /** The order that is paid with it, for who looks into it. */
  spentOn: id.optional(),
  at: happenedAt,
})
export type StoreCreditSpent = z.infer<typeof storeCreditSpent>

/**
 * Why nothing was spent: there is no such account in this currency, it has less, or the same `spendId` was spent before with another
 * amount.
 */
export const spendRefusal = z.enum(['unknown-account', 'too-little', 'spend-id-reused'])
export type SpendRefusal = z.infer<typeof spendRefusal>

/** `store-credit.spend-refused.v1`: a spending that was not made, and what there is. */
export const storeCreditSpendRefused = z.object({
  accountId: takenId,
  spendId: takenId,
  amount,
  currency,
  code: spendRefusal,
  balance: amount,
  at: timestamp,
})
export type StoreCreditSpendRefused = z.infer<typeof storeCreditSpendRefused>

/** `gift-card.changed.v1`, from who issues gift cards: whether money can be put on the card. Of two words about a card the later counts. */
export const giftCardChanged = z.object({
  /** As tenders name it in `paymentRef`. */
  giftCardId: id,
  status: z.enum(['active', 'expired', 'deactivated']),
  at: happenedAt,
})
export type GiftCardChanged = z.infer<typeof giftCardChanged>
