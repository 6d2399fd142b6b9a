import type { AnswerName } from './answers.ts'
import type { RefusalCode } from './vocabulary.ts'

/** Verification's ways of saying no, as the public story names them. Without a schema: workflow code loads it. */
export const refusalCodes = {
  OrderNotFound: 'order-not-found',
  AlreadyCancelled: 'already-cancelled',
  CancellationInProgress: 'cancellation-in-progress',
  WindowClosed: 'window-closed',
  AccountBlocked: 'account-blocked',
  QuantityExceeded: 'quantity-exceeded',
  NotCancellable: 'not-cancellable',
} as const satisfies Partial<Record<AnswerName, RefusalCode>>
