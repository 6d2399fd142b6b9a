import type { RefundChanged } from '@countermand/contracts'
import { defineSignal } from '@temporalio/workflow'

/** What a run that settles a reversed refund is started with and told. */

export const reversedWorkflowType = 'settleReversedRefund'

/** The memo that keeps which reversal a run was started for. */
export const reversalMemo = 'refundId'

/**
 * A refund that succeeded, and was reversed later: the money is owed again. Or one that a person had closed: it `failed` though
 * nobody gave the customer its money, or the customer has it `twice`. Amounts are minor units.
 */
export type Reversal = Pick<
  RefundChanged,
  'orderId' | 'requestId' | 'tenderId' | 'refundId' | 'channel' | 'amount' | 'currency' | 'failure'
> & {
  /** Absent: reversed, and nobody had decided about the cancellation's refund. */
  readonly what?: 'reversed' | 'failed' | 'twice'
}

/** Names the case among those of its tender: what it is about, and which refund. */
export const caseOf = ({ what = 'reversed', refundId }: Pick<Reversal, 'what' | 'refundId'>): string =>
  `${what}.${refundId}`

/** Another refund of the same tender was reversed. */
export const reversedSignal = defineSignal<[Reversal]>('reversed')
