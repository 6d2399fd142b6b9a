import type { DeadLetterReason } from '@countermand/contracts/envelope.ts'
import { clip } from '@countermand/contracts/text.ts'
import { deadLetterTopic, topicPlan, topics } from '@countermand/contracts/topics.ts'
import type { HeaderList, IncomingMessage, OutgoingMessage } from './message.ts'

const errorBytes = 2_048

const ownNames = [
  'dlq-reason',
  'dlq-error',
  'dlq-original-topic',
  'dlq-original-partition',
  'dlq-original-offset',
  'dlq-original-arrived-at',
  'dlq-attempts',
  'dlq-failed-at',
  'dlq-service',
] as const

const isOwn = (name: string): boolean => ownNames.some((own) => own === name.toLowerCase())

/** The headers of a dead letter that say what was wrong. */
export const ownHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => isOwn(name)))

/** The headers of a dead letter that its message had. */
export const headersOfMessage = ({
  headers,
  headerList,
}: Pick<IncomingMessage, 'headers' | 'headerList'>): Pick<IncomingMessage, 'headers' | 'headerList'> => {
  const list: HeaderList | undefined = headerList?.filter(([name]) => !isOwn(name))
  return {
    headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !isOwn(name))),
    ...(list === undefined ? {} : { headerList: list }),
  }
}

interface Trouble {
  readonly reason: DeadLetterReason
  readonly error: string
  readonly service: string
  readonly attempts: number
  /** ISO 8601. */
  readonly failedAt: string
}

const troubleHeaders = (topic: string, trouble: Trouble) => ({
  'dlq-reason': trouble.reason,
  'dlq-error': clip(trouble.error, errorBytes),
  'dlq-original-topic': topic,
  'dlq-attempts': String(trouble.attempts),
  'dlq-failed-at': trouble.failedAt,
  'dlq-service': trouble.service,
})

const withHeaders = (
  message: Pick<IncomingMessage, 'headers' | 'headerList'>,
  own: Readonly<Record<string, string>>,
) => {
  const { headers, headerList } = headersOfMessage(message)
  return {
    headers: { ...headers, ...own },
    ...(headerList === undefined ? {} : { headerList: [...headerList, ...Object.entries(own)] }),
  }
}

/** The message as it was, with what was wrong with it in `dlq-*` headers. */
export const deadLetter = (message: IncomingMessage, trouble: Trouble): OutgoingMessage => ({
  topic: deadLetterTopic(message.topic),
  key: message.key,
  // The only one; and a key of any length is not hashed (kafkajs' murmur2 takes a minute for one of megabytes).
  partition: 0,
  value: message.value,
  ...withHeaders(message, {
    ...(message.arrivedAt === undefined ? {} : { 'dlq-original-arrived-at': message.arrivedAt }),
    ...troubleHeaders(message.topic, trouble),
    'dlq-original-partition': String(message.partition),
    'dlq-original-offset': message.offset,
  }),
})

const planned: ReadonlySet<string> = new Set(topicPlan().map(({ name }) => name))

/** A message of our own that no broker takes. It never had a place: its letter has the only one. */
export const unsentLetter = (message: OutgoingMessage, trouble: Trouble): OutgoingMessage => {
  const letters = deadLetterTopic(message.topic)
  return {
    // An answer may have been for a topic of somebody else, which has no letters.
    topic: planned.has(letters) ? letters : deadLetterTopic(topics.sagaReplies),
    key: message.key,
    partition: 0,
    value: message.value,
    ...withHeaders(message, troubleHeaders(message.topic, trouble)),
  }
}
