import { type RefundChanged, readEnvelope, refundChanged, reversalId } from '@countermand/contracts'
import { type IncomingMessage, readEvent } from '@countermand/kafka'
import { caseOf, type Reversal, reversalMemo, reversedSignal, reversedWorkflowType } from '../protocol/reversal.ts'
import { money } from '../protocol/words.ts'
import { type Case, type CasesOptions, createCases } from './cases.ts'
import type { NewsOfCase } from './news.ts'

export const refundsGroup = 'countermand-refunds'

const metric = {
  name: 'countermand_refund_events_total',
  help: 'Events of refunds, by what they came to',
}

const titles = { reversed: 'Reversed refund', failed: 'Failed refund', twice: 'Refund paid twice' } as const

/** What an event is a case of; `undefined`: of none. What a person has given back by hand is owed no more. */
const caseIn = (type: string, { afterClosing }: RefundChanged): Pick<Reversal, 'what'> | undefined => {
  if (type === 'refund.reversed.v1' && afterClosing === undefined) return {}
  if (type === 'refund.reversed.v1' && afterClosing === 'owed') return { what: 'reversed' }
  if (type === 'refund.failed.v1' && afterClosing === 'owed') return { what: 'failed' }
  return afterClosing === 'twice' ? { what: 'twice' } : undefined
}

const read = (message: IncomingMessage): Case<Reversal> | undefined => {
  const event = readEvent(readEnvelope(message), message)
  const changed = refundChanged.parse(event.data)
  const found = caseIn(event.type, changed)
  if (found === undefined) return undefined
  const { orderId, requestId, tenderId, refundId, channel, amount, currency, failure } = changed
  const reason = failure === undefined ? {} : { failure }
  const input: Reversal = { orderId, requestId, tenderId, refundId, channel, amount, currency, ...reason, ...found }
  return {
    workflowType: reversedWorkflowType,
    workflowId: reversalId(input),
    formerId: `refund-${requestId}-${tenderId}`,
    orderId,
    requestId,
    stage: 'refunding',
    summary: `${titles[input.what ?? 'reversed']} of ${orderId}: ${money(amount, currency)} (${channel})`,
    input,
    memo: { name: reversalMemo, value: input.what === undefined ? refundId : caseOf(input) },
    signal: reversedSignal,
  }
}

/** What a person and its channel had both given, and its channel has not any more. */
const isOnceAgain = (type: string, { afterClosing }: RefundChanged): boolean =>
  type === 'refund.reversed.v1' && afterClosing === 'settled'

const newsIn = (message: IncomingMessage): NewsOfCase | undefined => {
  const event = readEvent(readEnvelope(message), message)
  const changed = refundChanged.parse(event.data)
  const { orderId, requestId, tenderId, amount, currency, channel } = changed
  const about = isOnceAgain(event.type, changed)
    ? { requestId, step: 'refund', direction: 'do' as const, over: true as const }
    : changed.newsFor
  if (about === undefined) return undefined
  const is =
    about === changed.newsFor ? `known to have ${changed.state} by now` : 'reversed by now: by hand it was given once'
  const says = `the refund of tender ${tenderId}, ${money(amount, currency)} (${channel}), is ${is}`
  return {
    news: { ...about, orderId, event: event.type, says },
    caseId: reversalId({ requestId, tenderId }),
    formerCaseId: `refund-${requestId}-${tenderId}`,
  }
}

/**
 * Starts a saga of its own for each refund that is reversed, or that a person had closed and that came to another end. One that settles though
 * a saga was told that it is overdue lets that go on, and so does one that is reversed though it counted as paid twice.
 */
export const createReversals = (options: CasesOptions) => createCases(options, metric, read, newsIn)
