import {
  commandTopic,
  isStructured,
  readEnvelope,
  serviceName,
  topics,
  UnreadableMessage,
} from '@countermand/contracts'
import { jsonIn } from '@countermand/contracts/json.ts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka'
import { type ReadCommand, readEvent, readMessage } from '@countermand/kafka/reading.ts'
import { readAnswer } from '../../src/messages/read-answer.ts'
import { type Letter, messageOf } from './letter.ts'

const answerTopics: readonly string[] = [topics.sagaReplies, topics.sagaFastReplies]

const incoming = ({ topic, key, value, headers, partition = 0 }: OutgoingMessage): IncomingMessage => ({
  topic,
  partition,
  offset: '0',
  key: key?.toString() ?? null,
  value: value === null ? null : Buffer.from(value),
  headers,
})

/** Reads a message with the code of those who read its topic; a command as it is read. Throws `UnreadableMessage`. */
const readAsItsReader = (message: IncomingMessage): ReadCommand | undefined => {
  const service = serviceName.options.find((name) => message.topic === commandTopic(name))
  if (answerTopics.includes(message.topic)) readAnswer(message)
  else if (service === undefined) readEvent(readEnvelope(message), message)
  else {
    const read = readMessage(service, message)
    if (read.kind === 'command') return read
  }
  return undefined
}

/** Why the readers of its topic cannot read a message, in words; `undefined`: they can. */
export const problemOf = (message: OutgoingMessage): string | undefined => {
  try {
    readAsItsReader(incoming(message))
    return undefined
  } catch (error) {
    if (error instanceof UnreadableMessage) return `${error.reason}: ${error.message}`
    throw error
  }
}

/** The command that a message is; `undefined`: it is none, or nobody can read it. */
export const commandIn = (message: OutgoingMessage): ReadCommand | undefined => {
  try {
    return readAsItsReader(incoming(message))
  } catch (error) {
    if (error instanceof UnreadableMessage) return undefined
    throw error
  }
}

/** Where the event's id is a header. */
const headersWithId = (
  { headers, headerList }: Letter,
  id: string,
): Pick<OutgoingMessage, 'headers' | 'headerList'> => {
  const others = headerList?.filter(([name]) => name.toLowerCase() !== 'ce_id')
  const list = others === undefined ? {} : { headerList: [...others, ['ce_id', id] as const] }
  return { headers: { ...headers, ce_id: id }, ...list }
}

/** In structured mode the attributes are in the value. */
const withId = (
  letter: Letter,
  value: Buffer,
  id: string,
): Pick<OutgoingMessage, 'headers' | 'headerList' | 'value'> => {
  const body = jsonIn(value.toString())
  if (!isStructured(letter.headers, () => body)) return { ...headersWithId(letter, id), value }
  return {
    headers: letter.headers,
    value: body === undefined ? value : JSON.stringify(Object.assign({}, body, { id })),
  }
}

/**
 * The message of a letter with another value: key and headers are kept, its event id is new, for it says something else than the event
 * that had the old one. A command's id says which command it is, and follows from the value. Throws when nobody could read it.
 */
export const edit = (
  letter: Letter,
  value: Buffer,
): { readonly message: OutgoingMessage; readonly eventId: string } => {
  const fresh = `dead-letter/${letter.id}`
  const edited = { ...messageOf(letter), ...withId(letter, value, fresh) }
  const problem = problemOf(edited)
  if (problem !== undefined)
    throw new Error(`expected a value that ${letter.topic} can take for ${letter.id}, got ${problem}`)
  const eventId = readAsItsReader(incoming(edited))?.messageId ?? fresh
  return { message: { ...edited, ...withId(letter, value, eventId) }, eventId }
}
