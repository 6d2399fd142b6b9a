import { type CancelRequested, eventHeaders, eventId, orchestratorSource, topics } from '@countermand/contracts'
import { deadLetter } from '@countermand/kafka/dead-letter.ts'
import type { OutgoingMessage } from '@countermand/kafka/message.ts'
import type { Origin } from '../protocol/inputs.ts'

/** The dead letter of a request whose id was used before; its event id is derived, so that a second one is a duplicate. */
export const deadRequest = (request: CancelRequested, origin: Origin | undefined, now: string): OutgoingMessage => {
  const type = 'order.cancel.requested.v1'
  return deadLetter(
    {
      topic: topics.cancelRequests,
      partition: origin?.partition ?? -1,
      offset: origin?.offset ?? '-1',
      key: request.orderId,
      value: Buffer.from(JSON.stringify(request)),
      headers: eventHeaders({
        id: eventId(request.orderId, type, request.requestId),
        source: orchestratorSource,
        type,
        time: now,
        subject: request.requestId,
      }),
    },
    {
      reason: 'request-id-reused',
      error: `expected a new request id, got ${request.requestId}, which was seen before with another order or other content`,
      service: 'orchestrator',
      attempts: 1,
      failedAt: now,
    },
  )
}
