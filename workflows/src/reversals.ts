import { readEnvelope, refundChanged } from '@countermand/contracts'
import { type IncomingMessage, readEvent } from '@countermand/messaging'
import { type Case, type CasesOptions, createCases } from './cases.ts'
import { type Reversal, reversalId, reversalMemo, reversedSignal, reversedWorkflowType } from './reversal.ts'
import { money } from './words.ts'

export const refundsGroup = 'countermand-refunds'

const metric = {
  name: 'countermand_refund_events_total',
  help: 'Events of refunds, by what they came to',
}

const read = (message: IncomingMessage): Case<Reversal> | undefined => {
  const event = readEvent(readEnvelope(message), message)
  if (event.type !== 'refund.reversed.v1') return undefined
  const { orderId, requestId, tenderId, refundId, channel, amount, currency, failure } = refundChanged.parse(event.data)
  const reason = failure === undefined ? {} : { failure }
  const input: Reversal = { orderId, requestId, tenderId, refundId, channel, amount, currency, ...reason }
  return {
    workflowType: reversedWorkflowType,
    workflowId: reversalId(input),
    orderId,
    requestId,
    stage: 'refunding',
    summary: `Reversed refund of ${orderId}: ${money(amount, currency)} (${channel})`,
    input,
    memo: { name: reversalMemo, value: refundId },
    signal: reversedSignal,
  }
}

/** Starts a saga of its own for each refund that is reversed. */
export const createReversals = (options: CasesOptions) => createCases(options, metric, read)
