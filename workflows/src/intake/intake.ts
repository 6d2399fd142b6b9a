import {
  cancelDecided,
  cancelRequested,
  cancelWithdrawn,
  digestOf,
  readEnvelope,
  UnreadableMessage,
} from '@countermand/contracts'
import { type IncomingMessage, publishedAt, readEvent } from '@countermand/kafka'
import { processed } from '@countermand/kafka/spans.ts'
import { inGroups } from '@countermand/process/in-groups.ts'
import { type Logger, logContext, type Metrics } from '@countermand/telemetry'
import { bury } from '../messages/bury.ts'
import { commandMessage } from '../messages/command-message.ts'
import type { Publish } from '../messages/publish.ts'
import type { Sagas } from '../runs/connect-sagas.ts'
import { createRefusals } from '../temporal/refusals.ts'
import { inputIdOf } from './input-id.ts'

interface IntakeOptions {
  readonly sagas: Sagas
  readonly publish: Publish
  readonly now: () => string
  readonly log: Logger
  readonly metrics: Metrics
}

/** How many orders' events are on their way to Temporal at once. */
const ordersAtOnce = 32

/**
 * Turns cancel events into sagas. A batch is done when Temporal has acknowledged all of it, or the broker its dead letters;
 * a Temporal that is away makes it throw, and the same batch comes again.
 */
export const createIntake = (options: IntakeOptions) => {
  const counted = options.metrics.counter<'type' | 'result'>({
    name: 'countermand_cancel_events_total',
    help: 'Cancel events by type and by what they came to',
    labelNames: ['type', 'result'],
  })

  const refusals = createRefusals()

  const handle = async (message: IncomingMessage): Promise<void> => {
    const result = await take(message, options).catch((error: unknown) => refusals.asDeadLetter(message, error))
    if (result instanceof UnreadableMessage) await bury(message, result, options)
    else {
      refusals.taken(message)
      counted.inc(result)
    }
  }

  return async (messages: readonly IncomingMessage[]): Promise<void> =>
    inGroups(Map.groupBy(messages, ({ key }) => key).values(), ordersAtOnce, (message) => processed(message, handle))
}

/** An event that was held in Kafka meanwhile came when it came there; nothing comes later than it is read. */
const arrivalOf = ({ arrivedAt }: IncomingMessage, now: string): string =>
  arrivedAt !== undefined && Date.parse(arrivedAt) < Date.parse(now) ? arrivedAt : now

const take = async (message: IncomingMessage, options: IntakeOptions) => {
  const envelope = readEnvelope(message)
  const event = readEvent(envelope, message)
  const inputId = inputIdOf(event)
  const arrivedAt = arrivalOf(message, options.now())
  const at = envelope.time ?? arrivedAt
  switch (event.type) {
    case 'order.cancel.requested.v1':
      return { type: event.type, result: await start(message, event.data, options) }
    case 'order.cancel.decided.v1': {
      const { orderId, requestId, decision, by, message: text } = cancelDecided.parse(event.data)
      const told = { orderId, requestId, inputId }
      const input = { ...told, decision, by, at, arrivedAt, ...(text === undefined ? {} : { message: text }) }
      const result = await options.sagas.tell({ orderId, requestId }, 'decided', input)
      if (result === 'closed') await tooLate({ orderId, requestId }, 'decide', inputId, options)
      return { type: event.type, result }
    }
    case 'order.cancel.withdrawn.v1': {
      const { orderId, requestId, by } = cancelWithdrawn.parse(event.data)
      const result = await options.sagas.tell({ orderId, requestId }, 'withdrawn', { orderId, requestId, inputId, by })
      if (result === 'closed') await tooLate({ orderId, requestId }, 'withdraw', inputId, options)
      return { type: event.type, result }
    }
    default:
      throw new UnreadableMessage('unknown-type', `expected an event about a cancellation, got ${event.type}`)
  }
}

const start = async (message: IncomingMessage, data: object, { sagas, log, now }: IntakeOptions) => {
  const request = cancelRequested.parse(data)
  const { partition, offset } = message
  const origin = { partition, offset }
  const published = publishedAt(message) ?? now()
  const result = await sagas.start({ request, digest: digestOf(request), origin, publishedAt: published })
  if (result === 'reused')
    throw new UnreadableMessage(
      'request-id-reused',
      `expected a new request id, got ${request.requestId}, which was first seen with other content`,
    )
  log.info({ ...logContext(request), result }, 'cancellation requested')
  return result
}

/** The saga is over, so nobody but the order service can say it in public. Its answer interests nobody. */
const tooLate = async (
  saga: { readonly orderId: string; readonly requestId: string },
  input: 'decide' | 'withdraw',
  inputId: string,
  { publish, now }: IntakeOptions,
): Promise<void> => {
  const at = now()
  const record = { what: 'input-rejected', input, code: 'too-late', at, inputId }
  await publish([commandMessage('RecordCancellation', { ...saga, round: 1, key: `input.${inputId}`, record }, at)])
}
