import {
  type Answer,
  type AnswerName,
  answers,
  commands,
  commonAnswers,
  isAnswerName,
  isCommandName,
  readData,
  readEnvelope,
  saidThroughout,
  UnreadableMessage,
} from '@countermand/contracts'
import type { IncomingMessage } from '@countermand/kafka'
import type { z } from 'zod'
import { decodeReplyTo, type FastReplyTo, type ReplyTo } from './reply-to.ts'

const mayAnswer = (command: string, answer: AnswerName): boolean => {
  if (!isCommandName(command)) return false
  const own: readonly AnswerName[] = commands[command].answers
  const common: readonly AnswerName[] = commonAnswers
  return own.includes(answer) || common.includes(answer)
}

const answerOf = (type: AnswerName, data: unknown): Answer => {
  const fields: z.ZodObject = answers[type]
  // The contract of this very type has checked the fields; the compiler cannot pair a type with its schema.
  return saidThroughout({ type, ...readData(fields, data) }) as Answer
}

/** An answer, and where it goes. Throws `UnreadableMessage` when it is none, or none to that command. */
export const readAnswer = (
  message: IncomingMessage,
): { readonly replyTo: ReplyTo | FastReplyTo; readonly answer: Answer } => {
  const { type, data } = readEnvelope(message)
  const header = message.headers['reply-to']
  const replyTo = header === undefined ? undefined : decodeReplyTo(header)
  if (replyTo === undefined)
    throw new UnreadableMessage(
      'missing-headers',
      `expected the header reply-to as it was sent, got ${header ?? 'none'}`,
    )
  if (!isAnswerName(type) || !mayAnswer(replyTo.command, type))
    throw new UnreadableMessage('unknown-type', `expected an answer to ${replyTo.command}, got type ${type}`)
  return { replyTo, answer: answerOf(type, data) }
}
