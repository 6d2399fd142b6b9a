import { z } from 'zod'
import { initiator, reason } from './cancel-requests.ts'
import { amount, currency, id, textOf, timestamp, words } from './primitives.ts'
import { cancelledLines, inputName, parcels, remedies } from './records.ts'
import { tenderRefunds } from './refund-events.ts'
import { attentionReason, inputRejection, refusalCode, sagaOutcome, sagaStage } from './vocabulary.ts'

/** What every event of the public story says; order facts are absent when the order is unknown. */
export const cancellationStory = z.object({
  requestId: id,
  orderId: id,
  merchantId: id.optional(),
  customerId: id.optional(),
  initiator,
  reason,
  /** Minor units of what is cancelled. */
  amount: amount.optional(),
  currency: currency.optional(),
  lines: cancelledLines.optional(),
  workflowId: textOf(1_000, 'a workflow id'),
  at: timestamp,
})

export const cancellationStarted = cancellationStory
export const cancellationAwaitingMerchant = cancellationStory.extend({
  decideBy: timestamp,
  onSilence: z.enum(['approve', 'reject']),
  shipments: parcels,
})
export const cancellationNeedsAttention = cancellationStory.extend({
  stage: sagaStage,
  attention: z.object({ reason: attentionReason, error: words, since: timestamp, remedies }),
})
export const cancellationInputRejected = z.object({
  requestId: id,
  orderId: id,
  input: inputName,
  code: inputRejection,
  at: timestamp,
})
const ended = cancellationStory.extend({ outcome: sagaOutcome, stage: sagaStage })
export const cancellationCompleted = ended.extend({
  outcome: z.enum(['cancelled', 'lines-cancelled']),
  refunds: tenderRefunds,
})
export const cancellationRefused = ended.extend({
  outcome: z.literal('refused'),
  code: refusalCode,
  message: words.optional(),
  /** Who said no, when it was not verification: the merchant, or policy in their place. */
  by: words.optional(),
})
export const cancellationWithdrawn = ended.extend({ outcome: z.literal('withdrawn'), by: words.optional() })
export const cancellationCompensated = ended.extend({
  outcome: z.literal('compensated'),
  code: refusalCode.optional(),
  message: words.optional(),
  by: words.optional(),
})
export type CancellationStory = z.infer<typeof cancellationStory>
