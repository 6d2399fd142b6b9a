import { defineSearchAttributeKey } from '@temporalio/common'

/** What sagas can be searched by. */
export const attributes = {
  orderId: defineSearchAttributeKey('OrderId', 'KEYWORD'),
  merchantId: defineSearchAttributeKey('MerchantId', 'KEYWORD'),
  stage: defineSearchAttributeKey('SagaStage', 'KEYWORD'),
  outcome: defineSearchAttributeKey('SagaOutcome', 'KEYWORD'),
  reasonCode: defineSearchAttributeKey('ReasonCode', 'KEYWORD'),
  attentionReason: defineSearchAttributeKey('AttentionReason', 'KEYWORD'),
  needsAttention: defineSearchAttributeKey('NeedsAttention', 'BOOL'),
} as const
