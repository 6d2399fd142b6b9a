import { log, patched } from '@temporalio/workflow'
import type { Decided, Requested, Withdrawn } from './inputs.ts'
import type { Saga } from './saga.ts'

/** Signals may come from anybody, in any shape, from the Temporal UI too: what cannot be read, or is about another saga, is left alone. */

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

/** Another request under this run's id is readable: it is put aside as a dead letter. */
const isRequested = (_: Saga, value: unknown): value is Requested =>
  isObject(value) &&
  areTexts(value, ['digest']) &&
  isObject(value.request) &&
  areTexts(value.request, ['orderId', 'requestId', 'requestedAt', 'refundTo']) &&
  isObject(value.request.initiator) &&
  isObject(value.request.reason)

const readers = { decided: isDecided, withdrawn: isWithdrawn, requested: isRequested } as const

/** Whether a signal can be acted on; if not, the worker's log says so. */
export const isReadable = (saga: Saga, signal: keyof typeof readers, value: unknown): boolean => {
  if (readers[signal](saga, value) || !patched('unreadable-signals-are-left-alone')) return true
  log.warn('a signal cannot be read, or is about another saga: it changes nothing', { signal })
  return false
}
