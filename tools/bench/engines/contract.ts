import {
  type Answer,
  type AnswerName,
  answers,
  type CancelRequested,
  type CommandName,
  cancelRequested,
  isAnswerName,
  readData,
  readEnvelope,
  topics,
} from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka'
import { commandMessage } from '@countermand/workflows/src/messages/command-message.ts'
import { type EngineName, prefixOf } from './engine.ts'

/** A command as the services' contract has it, and its data: what the orchestrator's saga sends as well. */
export interface Call {
  readonly command: CommandName
  readonly data: object
}

export const call = (command: CommandName, { orderId, requestId }: CancelRequested, own: object = {}): Call => ({
  command,
  data: { ...own, orderId, requestId, round: 1 },
})

/** The command as a message whose answer comes to the engine's own topic, with `replyTo` as it is. */
export const messageOf = (engine: EngineName, { command, data }: Call, replyTo: string): OutgoingMessage => {
  const message = commandMessage(command, data, new Date().toISOString())
  const replyTopic = `${prefixOf(engine)}${topics.sagaReplies}`
  return { ...message, headers: { ...message.headers, 'reply-topic': replyTopic, 'reply-to': replyTo } }
}

export const readRequest = (message: IncomingMessage): CancelRequested =>
  readData(cancelRequested, readEnvelope(message).data)

/** The answer, checked against its contract. `undefined`: the final one comes later. */
export const answerFrom = (type: string, data: unknown): Answer | undefined => {
  if (!isAnswerName(type)) throw new Error(`expected an answer, got type ${type}`)
  if (type === 'StepPending') return undefined
  const fields: (typeof answers)[AnswerName] = answers[type]
  // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
  return { type, ...fields.parse(data) } as Answer
}

export const readReply = (
  message: IncomingMessage,
): { readonly id: string; readonly replyTo: string; readonly answer: Answer | undefined } => {
  const { id, type, data } = readEnvelope(message)
  const replyTo = message.headers['reply-to']
  if (replyTo === undefined) throw new Error(`expected the header reply-to of ${id}, got none`)
  return { id, replyTo, answer: answerFrom(type, data) }
}
