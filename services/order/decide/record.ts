import {
  type AnswerTo,
  type CancellationRecord,
  type CommandData,
  type EventData,
  newsPrefix,
  publicWords,
  standingAlarms,
} from '@countermand/contracts'
import type { Decision, Moment, Publication } from '@countermand/service/decision.ts'
import { isReused, type OrderState, requestOf, reuseMessage, withRequest } from '../state.ts'
import { type CancellationRequest, decidedAbout } from './request.ts'
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

/** What the public hears of a record; what people decide about a step that is stuck is kept, not told. */
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
      const { stage, reason, since, remedies } = record
      const attention = { reason, error: publicWords[reason], since, remedies }
      const data = { ...storyOf(state?.order, request, at.now), stage, attention }
      return [{ type: 'order.cancellation.needs-attention.v1', data, id }]
    }
    case 'input-rejected':
      return [inputRejected(command, record)]
    case 'decided': {
      const { decision, by, message } = record
      const data = {
        ...storyOf(state?.order, request, at.now),
        decision,
        by,
        ...(message !== undefined && { message }),
      }
      return [{ type: 'order.cancellation.decided.v1', data, id }]
    }
    case 'resolved':
    case 'resumed':
    case 'turning-back':
      return []
  }
}

const alarmsOf = (request: CancellationRequest) =>
  standingAlarms(request.records, 'end' in request ? request.end.at : undefined).flatMap(({ key, record }) =>
    record.what === 'needs-attention' ? [{ key, record }] : [],
  )

const because = (record: CancellationRecord): EventData<'order.cancellation.resumed.v1'>['because'] => {
  if (record.what !== 'resolved' && record.what !== 'turning-back') return 'recovered'
  return record.what === 'resolved' && record.by.startsWith(newsPrefix) ? 'answered' : 'decided'
}

/** What the public hears of the alarms that a record takes up. */
const resumedEvents = (
  state: OrderState | undefined,
  before: CancellationRequest,
  after: CancellationRequest,
  record: CancellationRecord,
  at: Moment,
): Publication[] => {
  const left = new Set(alarmsOf(after).map(({ key }) => key))
  return alarmsOf(before)
    .filter(({ key }) => !left.has(key))
    .map(({ key, record: { reason, since } }) => ({
      type: 'order.cancellation.resumed.v1',
      data: {
        ...storyOf(state?.order, after, at.now),
        attention: { reason, since },
        because: reason === 'workflow-task-failing' ? 'recovered' : because(record),
      },
      id: [after.request.requestId, key],
    }))
}

/** A run whose code fails is told of again and again, by whoever looks: while that stands, once is enough. */
const isToldAlready = (request: CancellationRequest, { record }: CommandData<'RecordCancellation'>): boolean =>
  record.what === 'needs-attention' &&
  record.reason === 'workflow-task-failing' &&
  alarmsOf(request).some((alarm) => alarm.record.reason === record.reason)

/** Input about a request that nobody knows: there is nothing to keep it with, only to say that it changed nothing. */
const recordOfNothing = (command: CommandData<'RecordCancellation'>): Decision<OrderState, RecordAnswer> => {
  if (command.record.what !== 'input-rejected')
    throw new Error(
      `expected the request of record ${command.key} (${command.record.what}), got none, and ${command.requestId} of order ${command.orderId} is not known`,
    )
  return { answer: recorded, publish: [inputRejected(command, command.record)] }
}

/** A run may not know what was decided in one before it: it is told, and of each key the first decision counts. */
const recordedOf = (request: CancellationRequest): RecordAnswer => ({ ...recorded, ...decidedAbout(request) })

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
  if (known.records.some((each) => each.key === key) || wasAccepted(known, command.record))
    return { answer: recordedOf(known) }
  if (isToldAlready(known, command)) return { answer: recordedOf(known) }
  if (command.record.what === 'turning-back' && isTooLateToTurn(known)) return { answer: { type: 'TurnTooLate' } }
  const next = { ...known, records: [...known.records, { key, record: command.record, at: at.now }] }
  return {
    state: withRequest(state, next),
    answer: recordedOf(next),
    publish: [...resumedEvents(state, known, next, command.record, at), ...eventsOf(state, known, command, at)],
  }
}

/** The answer to a duplicate: what was decided since is told with it. */
export const recordAgain = (
  state: OrderState | undefined,
  { requestId }: CommandData<'RecordCancellation'>,
  stored: RecordAnswer | undefined,
): RecordAnswer => {
  const known = state?.requests.get(requestId)
  if (stored?.type === 'CancellationRecorded' && known !== undefined) return recordedOf(known)
  return stored ?? { type: 'StepPending' }
}
