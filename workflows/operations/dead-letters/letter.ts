import { deadLetterId } from '@countermand/contracts/message-id.ts'
import { deadLetterTopic, topics } from '@countermand/contracts/topics.ts'
import type { HeaderList, IncomingMessage, OutgoingMessage } from '@countermand/kafka'
import { headersOfMessage } from '@countermand/kafka/dead-letter.ts'
import { firstPublishedAt, publishedAt } from '@countermand/kafka/published-at.ts'

/** One reader's trouble with a message. */
export interface Failure {
  readonly service: string
  readonly reason: string
  readonly error: string
  readonly attempts: number
  /** ISO 8601. */
  readonly failedAt: string
}

/** A message that could not be used, as it was. */
export interface Letter {
  /** `<topic>:<partition>:<offset>` of the message; of its dead letter when nobody said where the message was. */
  readonly id: string
  /** Where it was read, without the prefix. */
  readonly topic: string
  /** `undefined`: nobody said. */
  readonly partition: number | undefined
  readonly key: string | null
  /** Without those that the dead letter added. */
  readonly headers: Readonly<Record<string, string>>
  /** All of them as they came; absent: `headers` says it all. */
  readonly headerList?: HeaderList
  readonly value: Buffer | null
  /** When it was published first, ISO 8601; of a letter that does not say, when it failed. */
  readonly publishedAt: string
  /** One for each reader of the topic that could not use it, the first one first. */
  readonly failures: readonly [Failure, ...Failure[]]
}

const suffix = deadLetterTopic('')

/** The topics that have dead letters, without the prefix. */
export const sourceTopics: readonly string[] = Object.values(topics).filter((topic) => topic !== topics.deadLettersLog)

const failureOf = (headers: IncomingMessage['headers']): Failure => ({
  service: headers['dlq-service'] ?? 'unknown',
  reason: headers['dlq-reason'] ?? 'unknown',
  error: headers['dlq-error'] ?? '',
  attempts: Number(headers['dlq-attempts'] ?? 1),
  failedAt: headers['dlq-failed-at'] ?? '',
})

const originOf = ({ topic, partition, offset, headers }: IncomingMessage) => {
  const source = topic.slice(0, -suffix.length)
  const from = Number(headers['dlq-original-partition'] ?? -1)
  const at = headers['dlq-original-offset'] ?? '-1'
  return from < 0 || Number(at) < 0 || Number.isNaN(from)
    ? { topic: source, partition: undefined, id: deadLetterId(topic, partition, offset) }
    : { topic: source, partition: from, id: deadLetterId(source, from, at) }
}

const publishedAtOf = ({ headers }: IncomingMessage): string => {
  const arrivedAt = headers['dlq-original-arrived-at'] ?? headers['dlq-failed-at']
  return publishedAt({ headers, ...(arrivedAt === undefined ? {} : { arrivedAt }) }) ?? ''
}

/** Reads a message of a dead-letter topic, whoever wrote it. */
export const letterOf = (message: IncomingMessage): Letter => ({
  publishedAt: publishedAtOf(message),
  ...originOf(message),
  key: message.key,
  ...headersOfMessage(message),
  value: message.value,
  failures: [failureOf(message.headers)],
})

/** Another copy of the same letter: from another reader of the topic, or from a reader that died before it had moved on. */
export const merge = (letter: Letter, copy: Letter): Letter =>
  letter.failures.some(({ service }) => service === copy.failures[0].service)
    ? letter
    : { ...letter, failures: [...letter.failures, copy.failures[0]] }

/** Requests are judged by when they were published: of one that is sent again, when that was first. */
const headersToSend = ({ topic, publishedAt, headers, headerList }: Letter) => {
  if (topic !== topics.cancelRequests || publishedAt === '') return { headers, headerList }
  const others = headerList?.filter(([name]) => name.toLowerCase() !== firstPublishedAt)
  return {
    headers: { ...headers, [firstPublishedAt]: publishedAt },
    headerList: others && [...others, [firstPublishedAt, publishedAt] as const],
  }
}

/** The message to send again: as it was. */
export const messageOf = (letter: Letter): OutgoingMessage => {
  const { topic, partition, key, value } = letter
  const { headers, headerList } = headersToSend(letter)
  return {
    topic,
    key,
    value,
    headers,
    ...(headerList === undefined ? {} : { headerList }),
    ...(partition === undefined ? {} : { partition }),
  }
}

/** The topic that an id names, so that only its dead letters need to be read. Throws when it names none. */
export const topicOfId = (id: string): string => {
  const named = id.split(':')[0] ?? ''
  const topic = named.endsWith(suffix) ? named.slice(0, -suffix.length) : named
  if (!sourceTopics.includes(topic) || !/^[^:]+:\d+:\d+$/.test(id))
    throw new Error(`expected the id of a dead letter such as orders.placed.v1:0:12, got ${id}; see saga dlq list`)
  return topic
}
