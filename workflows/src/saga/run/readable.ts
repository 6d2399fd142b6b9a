import { log, patched } from '@temporalio/workflow'
import type { Decided, Requested, SagaInput, SagaResult, Withdrawn } from '../../protocol/inputs.ts'
import type { LateIntercept } from '../../protocol/late-intercept.ts'
import type { News } from '../../protocol/news.ts'
import type { Reversal } from '../../protocol/reversal.ts'
import type { Saga } from './saga.ts'

/** Signals and starts may come from anybody, in any shape, from the Temporal UI too: what cannot be read, or is about another saga, is left alone. */

type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const areTexts = (fields: Fields, names: readonly string[]): boolean =>
  names.every((name) => typeof fields[name] === 'string' && fields[name] !== '')

/** Not told by old senders. */
const isAbout = ({ orderId, requestId }: Saga, fields: Fields): boolean =>
  (fields.orderId ?? orderId) === orderId && (fields.requestId ?? requestId) === requestId

const isTime = (value: unknown): boolean => typeof value === 'string' && !Number.isNaN(Date.parse(value))

const isDecided = (saga: Saga, value: unknown): value is Decided =>
  isObject(value) &&
  isAbout(saga, value) &&
  areTexts(value, ['inputId', 'by', 'at']) &&
  (value.decision === 'approve' || value.decision === 'reject') &&
  isTime(value.at) &&
  (value.arrivedAt === undefined || isTime(value.arrivedAt)) &&
  (value.message === undefined || typeof value.message === 'string')

const isWithdrawn = (saga: Saga, value: unknown): value is Withdrawn =>
  isObject(value) && isAbout(saga, value) && areTexts(value, ['inputId', 'by'])

const isRequest = (value: unknown): value is Requested =>
  isObject(value) &&
  areTexts(value, ['digest']) &&
  isObject(value.request) &&
  areTexts(value.request, ['orderId', 'requestId', 'requestedAt', 'refundTo']) &&
  isObject(value.request.initiator) &&
  areTexts(value.request.initiator, ['kind']) &&
  isObject(value.request.reason) &&
  areTexts(value.request.reason, ['code'])

/** Another request under this run's id is readable: it is put aside as a dead letter. */
const isRequested = (_: Saga, value: unknown): value is Requested => isRequest(value)

const lanes: readonly unknown[] = [undefined, 'slow', 'adaptive'] satisfies readonly SagaInput['lane'][]

const isSagaInput = (value: unknown): value is SagaInput =>
  isObject(value) &&
  areTexts(value, ['orderId', 'requestId']) &&
  lanes.includes(value.lane) &&
  (value.timedBy === undefined || value.timedBy === 'activity') &&
  (value.patienceMs === undefined || Number.isSafeInteger(value.patienceMs)) &&
  (value.heard === undefined || value.heard === 'together') &&
  (value.requested === undefined ||
    (isRequest(value.requested) &&
      value.requested.request.orderId === value.orderId &&
      value.requested.request.requestId === value.requestId))

const kinds: readonly unknown[] = [undefined, 'reversed', 'failed', 'twice'] satisfies readonly Reversal['what'][]

const isReversal = (value: unknown): value is Reversal =>
  isObject(value) &&
  areTexts(value, ['orderId', 'requestId', 'tenderId', 'refundId', 'channel', 'currency']) &&
  Number.isSafeInteger(value.amount) &&
  kinds.includes(value.what)

const isLateIntercept = (value: unknown): value is LateIntercept =>
  isObject(value) &&
  areTexts(value, ['orderId', 'requestId', 'shipmentId', 'carrier', 'trackingNumber', 'since']) &&
  (value.goesOut === undefined || typeof value.goesOut === 'string')

const isReversed = (saga: Saga, value: unknown): value is Reversal => isReversal(value) && isAbout(saga, value)

const hasComeBack = (saga: Saga, value: unknown): value is LateIntercept =>
  isLateIntercept(value) && isAbout(saga, value)

const isNews = (saga: Saga, value: unknown): value is News =>
  isObject(value) && isAbout(saga, value) && areTexts(value, ['step', 'direction', 'event', 'says'])

const readers = {
  decided: isDecided,
  withdrawn: isWithdrawn,
  requested: isRequested,
  reversed: isReversed,
  cameBack: hasComeBack,
  news: isNews,
} as const

/** Whether a signal can be acted on; if not, the worker's log says so. */
export const isReadable = (saga: Saga, signal: keyof typeof readers, value: unknown): boolean => {
  if (readers[signal](saga, value) || !patched('unreadable-signals-are-left-alone')) return true
  log.warn('a signal cannot be read, or is about another saga: it changes nothing', { signal })
  return false
}

const starts = { cancelOrder: isSagaInput, settleReversedRefund: isReversal, settleLateIntercept: isLateIntercept }

/** How a run ends at once that nobody could carry out: somebody has started it by hand. `undefined`: it can be carried out. */
export const unreadableStart = (type: keyof typeof starts, value: unknown): SagaResult | undefined => {
  if (starts[type](value) || !patched('unreadable-starts-end')) return undefined
  log.warn('a run was started with what it cannot read: it ends, and nothing is done', { type })
  return { stage: 'requested', rejected: 'unreadable-input' }
}
