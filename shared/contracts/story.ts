import { z } from 'zod'
import { initiator, reason, requestedLine } from './cancel-requests.ts'
import { amount, currency, id, timestamp } from './primitives.ts'
import { tenderRefund } from './refund-events.ts'
import {
  attentionReason,
  inputRejection,
  refusalCode,
  remedy,
  sagaOutcome,
  sagaStage,
  shipmentStatus,
} from './vocabulary.ts'

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
  lines: z.array(requestedLine.extend({ sku: id })).optional(),
  workflowId: z.string(),
  at: timestamp,
})

export const cancellationStarted = cancellationStory
export const cancellationAwaitingMerchant = cancellationStory.extend({
  decideBy: timestamp,
  onSilence: z.enum(['approve', 'reject']),
  shipments: z.array(z.object({ shipmentId: id, status: shipmentStatus })),
})
export const cancellationNeedsAttention = cancellationStory.extend({
  stage: sagaStage,
  attention: z.object({ reason: attentionReason, error: z.string(), since: timestamp, remedies: z.array(remedy) }),
})
export const cancellationInputRejected = z.object({
  requestId: id,
  orderId: id,
  /** What came: `decide`, `withdraw`, `resolve`, … */
  input: z.string(),
  code: inputRejection,
  at: timestamp,
})
const ended = cancellationStory.extend({ outcome: sagaOutcome, stage: sagaStage })
export const cancellationCompleted = ended.extend({
  outcome: z.enum(['cancelled', 'lines-cancelled']),
  refunds: z.array(tenderRefund),
})
export const cancellationRefused = ended.extend({
  outcome: z.literal('refused'),
  code: refusalCode,
  message: z.string().optional(),
  /** Who said no, when it was not verification: the merchant, or policy in their place. */
  by: z.string().optional(),
})
export const cancellationWithdrawn = ended.extend({ outcome: z.literal('withdrawn'), by: z.string().optional() })
export const cancellationCompensated = ended.extend({
  outcome: z.literal('compensated'),
  code: refusalCode.optional(),
  message: z.string().optional(),
  by: z.string().optional(),
})
export type CancellationStory = z.infer<typeof cancellationStory>
