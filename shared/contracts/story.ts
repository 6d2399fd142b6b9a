import { z } from 'zod'
import { initiator, reason } from './cancel-requests.ts'
import { amount, currency, takenId as id, textOf, timestamp, words } from './primitives.ts'
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

/** `order.cancellation.started.v1`: the order is on hold for this request. */
export const cancellationStarted = cancellationStory
/** `order.cancellation.awaiting-merchant.v1`: a merchant decides until `decideBy`; then `onSilence` does. */
export const cancellationAwaitingMerchant = cancellationStory.extend({
  decideBy: timestamp,
  onSilence: z.enum(['approve', 'reject']),
  shipments: parcels,
})
/** `order.cancellation.decided.v1`: what has become of the merchant's decision. */
export const cancellationDecided = cancellationStory.extend({
  decision: z.enum(['approve', 'reject']),
  /** Whose word it is: the merchant's id, `policy:silence` after a deadline without one, `operator` where nobody is named for whom they decided. */
  by: id,
  message: words.optional(),
})
/** `order.cancellation.needs-attention.v1`: the saga waits for a person. It is no end. `error`: what everybody may know of it. */
export const cancellationNeedsAttention = cancellationStory.extend({
  stage: sagaStage,
  attention: z.object({ reason: attentionReason, error: words, since: timestamp, remedies }),
})
/** `order.cancellation.resumed.v1`: what needed attention since then does not any more. After it comes what comes of it. */
export const cancellationResumed = cancellationStory.extend({
  attention: z.object({ reason: attentionReason, since: timestamp }),
  /** A person has decided; what a step waited for came after all; or its program runs again. */
  because: z.enum(['decided', 'answered', 'recovered']),
})
/** `order.cancellation.input-rejected.v1`: a decision or a withdrawal changed nothing, and why. */
export const cancellationInputRejected = z.object({
  requestId: id,
  orderId: id,
  input: inputName,
  code: inputRejection,
  at: timestamp,
})
const ended = cancellationStory.extend({ outcome: sagaOutcome, stage: sagaStage })
/** `order.cancellation.completed.v1`: what was asked for is cancelled, and where the money went. */
export const cancellationCompleted = ended.extend({
  outcome: z.enum(['cancelled', 'lines-cancelled']),
  refunds: tenderRefunds,
})
/** `order.cancellation.refused.v1`: the request was not taken on, or somebody said no. The order is as before. */
export const cancellationRefused = ended.extend({
  outcome: z.literal('refused'),
  code: refusalCode,
  message: words.optional(),
  /** Who said no, when it was not verification: the merchant, or policy in their place. */
  by: words.optional(),
})
/** `order.cancellation.withdrawn.v1`: whoever asked took it back in time. The order is as before. */
export const cancellationWithdrawn = ended.extend({ outcome: z.literal('withdrawn'), by: words.optional() })
/** `order.cancellation.compensated.v1`: a step was refused, and all that was done is taken back. */
export const cancellationCompensated = ended.extend({
  outcome: z.literal('compensated'),
  code: refusalCode.optional(),
  message: words.optional(),
  by: words.optional(),
})
export type CancellationStory = z.infer<typeof cancellationStory>
