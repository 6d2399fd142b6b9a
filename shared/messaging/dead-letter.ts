import { type DeadLetterReason, deadLetterTopic } from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from './message.ts'

const errorBytes = 2_048

const truncate = (text: string): string => {
  const bytes = Buffer.from(text)
  return bytes.length <= errorBytes ? text : `${bytes.subarray(0, errorBytes - 4).toString('utf8')}…`
}

/** The message as it was, with what was wrong with it in `dlq-*` headers. */
export const deadLetter = (
  message: IncomingMessage,
  trouble: {
    readonly reason: DeadLetterReason
    readonly error: string
    readonly service: string
    readonly attempts: number
    /** ISO 8601. */
    readonly failedAt: string
  },
): OutgoingMessage => ({
  topic: deadLetterTopic(message.topic),
  key: message.key,
  // The only one; and a key of any length is not hashed (kafkajs' murmur2 takes a minute for one of megabytes).
  partition: 0,
  value: message.value,
  headers: {
    ...message.headers,
    'dlq-reason': trouble.reason,
    'dlq-error': truncate(trouble.error),
    'dlq-original-topic': message.topic,
    'dlq-original-partition': String(message.partition),
    'dlq-original-offset': message.offset,
    'dlq-attempts': String(trouble.attempts),
    'dlq-failed-at': trouble.failedAt,
    'dlq-service': trouble.service,
  },
})
