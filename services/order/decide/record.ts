import type { AnswerTo, CancellationRecord, CommandData } from '@countermand/contracts'
import type { Decision, Moment, Publication } from '@countermand/messaging/decision.ts'
import { isReused, type OrderState, requestOf, reuseMessage, withRequest } from '../state.ts'
import type { CancellationRequest } from './request.ts'
import { storyOf } from './story.ts'

type RecordAnswer = AnswerTo<'RecordCancellation'>

const recorded = { type: 'CancellationRecorded' } as const

/** A refund that a person settles by hand leaves no way back. Payment is told of it after this record: here is decided which came first. */
const isTooLateToTurn = ({ status, records }: CancellationRequest): boolean =>
  status === 'confirmed' ||
  records.some(({ record }) => record.what === 'resolved' && record.step === 'refund' && record.decision === 'skip')

/** Whether this is about an input that was accepted: it came again, and who says so does not know that any more. */
const wasAccepted = ({ records }: CancellationRequest, record: CancellationRecord): boolean =>
  record.what === 'input-rejected' &&
  record.inputId !== undefined &&
  records.some(
    ({ record: kept }) => (kept.what === 'decided' || kept.what === 'turning-back') && kept.inputId === record.inputId,
  )

const inputRejected = (
  { requestId, orderId, key }: CommandData<'RecordCancellation'>,
  { input, code, at }: Extract<CancellationRecord, { what: 'input-rejected' }>,
): Publication => ({
  type: 'order.cancellation.input-rejected.v1',
  data: { requestId, orderId, input, code, at },
  id: [requestId, key],
})

/** What the public hears of a record; decisions are kept, not told. */
const eventsOf = (
  state: OrderState | undefined,
  request: CancellationRequest,
  command: CommandData<'RecordCancellation'>,
  at: Moment,
): Publication[] => {
  const { key, record, requestId } = command
  const id = [requestId, key]
  switch (record.what) {
    case 'awaiting-merchant': {
      const { decideBy, onSilence, shipments } = record
      const data = { ...storyOf(state?.order, request, at.now), decideBy, onSilence, shipments }
      return [{ type: 'order.cancellation.awaiting-merchant.v1', data, id }]
    }
    case 'needs-attention': {
      const { stage, reason, error, since, remedies } = record
      const data = { ...storyOf(state?.order, request, at.now), stage, attention: { reason, error, since, remedies } }
      return [{ type: 'order.cancellation.needs-attention.v1', data, id }]
    }
    case 'input-rejected':
      return [inputRejected(command, record)]
    case 'decided':
    case 'resolved':
    case 'turning-back':
      return []
  }
}

/** Input about a request that nobody knows: there is nothing to keep it with, only to say that it changed nothing. */
const recordOfNothing = (command: CommandData<'RecordCancellation'>): Decision<OrderState, RecordAnswer> => {
  if (command.record.what !== 'input-rejected')
    throw new Error(
      `expected the request of record ${command.key} (${command.record.what}), got none, and ${command.requestId} of order ${command.orderId} is not known`,
    )
  return { answer: recorded, publish: [inputRejected(command, command.record)] }
}

/** Keeps what only the saga knows, and tells the public what concerns it. Needs neither the order nor a hold. */
export const record = (
  state: OrderState | undefined,
  command: CommandData<'RecordCancellation'>,
  at: Moment,
): Decision<OrderState, RecordAnswer> => {
  const { key, requestId } = command
  const request = command.request ?? state?.requests.get(requestId)?.request
  if (request === undefined) return recordOfNothing(command)
  if (isReused(state, request)) return { deadLetter: { reason: 'request-id-reused', error: reuseMessage(request) } }
  const known = requestOf(state, request)
  if (known.records.some((each) => each.key === key) || wasAccepted(known, command.record)) return { answer: recorded }
  if (command.record.what === 'turning-back' && isTooLateToTurn(known)) return { answer: { type: 'TurnTooLate' } }
  const records = [...known.records, { key, record: command.record, at: at.now }]
  return {
    state: withRequest(state, { ...known, records }),
    answer: recorded,
    publish: eventsOf(state, known, command, at),
  }
}
