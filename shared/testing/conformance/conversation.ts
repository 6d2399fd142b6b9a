import { randomUUID } from 'node:crypto'
import {
  type Answer,
  type AnswerName,
  answerOnWire,
  answers,
  type CommandName,
  commands,
  commonAnswers,
  isAnswerName,
  type PlacedOrder,
  topics,
} from '@countermand/contracts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka'
import type { Bus } from '../bus.ts'
import { eventually } from '../eventually.ts'
import type { Asking, Ids, Role, Step } from './role.ts'
import { agreeable } from './sample-orders.ts'

/** An answer as its asker got it. */
export interface Heard {
  readonly type: string
  /** Of the event: the same answer sent twice has it twice. */
  readonly id: string
  readonly data: Record<string, unknown>
  readonly message: IncomingMessage
}

/** The suite's side of the talk with a participant. Each question gets an address of its own, by which its answers are told apart. */
export interface Conversation {
  readonly bus: Bus
  readonly role: Role
  newIds(): Ids
  /** A new order that the participant is told of. */
  order(make?: (orderId: string) => PlacedOrder): Promise<Ids>
  /** A question, not sent yet. */
  question(asking: Asking, ids: Ids, options?: { readonly round?: number; readonly replyTo?: string }): Question
  send(...questions: readonly Question[]): Promise<void>
  /** Sends one and awaits its final answer. */
  ask(asking: Asking, ids: Ids, round?: number): Promise<Heard>
  /** Has everything done that comes before this step. */
  prepare(step: Step, ids: Ids): Promise<void>
  /** All answers so far. */
  heard(question: Question): readonly Heard[]
  /** Awaits the first final answer: any but `StepPending`. */
  final(question: Question, withinMs?: number): Promise<Heard>
  finals(questions: readonly Question[], withinMs?: number): Promise<Heard[]>
  /** In words, each answer so far that is not as the contracts say. */
  violations(): readonly string[]
}

export interface Question {
  readonly command: CommandName
  readonly ids: Ids
  readonly replyTo: string
  readonly message: OutgoingMessage
}

const mayAnswer = (command: CommandName, type: AnswerName): boolean => {
  const own: readonly AnswerName[] = commands[command].answers
  const common: readonly AnswerName[] = commonAnswers
  return own.includes(type) || common.includes(type)
}

/** What is wrong with an answer, by the contracts; `undefined`: nothing. */
const problemOf = ({ type, data, message }: Heard, question: Question | undefined): string | undefined => {
  if (!isAnswerName(type)) return `${type} is no answer`
  const shape = answers[type].safeParse(data)
  if (!shape.success) return `${type}: ${shape.error.message}`
  // What cannot be read cannot be named either.
  if (question === undefined || type === 'CommandRejected') return undefined
  const { command, ids, message: asked } = question
  if (!mayAnswer(command, type)) return `${type} does not answer ${command}`
  const expected = { ...ids, commandId: asked.headers.ce_id }
  const named = answerOnWire.safeParse(data)
  if (!named.success) return `${type}: ${named.error.message}`
  const { orderId, requestId, commandId } = named.data
  if (orderId !== expected.orderId || requestId !== expected.requestId || commandId !== expected.commandId)
    return `${type} to ${expected.commandId}: got ${orderId}, ${requestId}, ${commandId}`
  if (message.key !== ids.orderId) return `${type}: expected key ${ids.orderId}, got ${message.key}`
  const missing = ['ce_specversion', 'ce_id', 'ce_source'].filter((name) => !message.headers[name])
  return missing.length > 0 ? `${type}: expected header ${missing.join(', ')}` : undefined
}

const isReply = ({ topic }: IncomingMessage): boolean =>
  topic === topics.sagaReplies || topic === topics.sagaFastReplies

export const isPending = ({ type }: { readonly type: string }): boolean =>
  type === ('StepPending' satisfies Answer['type'])

export const startConversation = (bus: Bus, role: Role): Conversation => {
  const questions = new Map<string, Question>()
  const byAddress = new Map<string, Heard[]>()
  const problems: string[] = []
  let read = 0

  const take = (message: IncomingMessage) => {
    const replyTo = message.headers['reply-to'] ?? ''
    const data: Record<string, unknown> = JSON.parse(message.value?.toString() ?? '{}')
    const heard = { type: message.headers.ce_type ?? '', id: message.headers.ce_id ?? '', data, message }
    byAddress.set(replyTo, [...(byAddress.get(replyTo) ?? []), heard])
    const problem = problemOf(heard, questions.get(replyTo))
    if (problem !== undefined) problems.push(problem)
  }
  const listen = () => {
    for (; read < bus.seen.length; read++) {
      const message = bus.seen[read]
      if (message !== undefined && isReply(message)) take(message)
    }
  }
  const heard = (question: Question) => {
    listen()
    return byAddress.get(question.replyTo) ?? []
  }
  const newIds = () => ({ orderId: `ord-${randomUUID()}`, requestId: randomUUID() })
  const question: Conversation['question'] = (asking, ids, options = {}) => {
    const replyTo = options.replyTo ?? randomUUID()
    const message = asking.message(bus, ids, options.round ?? 1, replyTo)
    const made = { command: asking.command, ids, replyTo, message }
    questions.set(replyTo, made)
    return made
  }
  const send = (...all: readonly Question[]) => bus.send(all.map(({ message }) => message))
  const final = (asked: Question, withinMs?: number) =>
    eventually(
      `a final answer to ${asked.message.headers.ce_id}`,
      () => heard(asked).find((each) => !isPending(each)),
      withinMs,
    )
  const ask: Conversation['ask'] = async (asking, ids, round = 1) => {
    const asked = question(asking, ids, { round })
    await send(asked)
    return final(asked)
  }
  return {
    bus,
    role,
    newIds,
    order: async (make = agreeable) => {
      const ids = newIds()
      await bus.send([role.arrival(bus, make(ids.orderId))])
      return ids
    },
    question,
    send,
    ask,
    prepare: async (step, ids) => {
      if (step.after === undefined) return
      const before = await ask(step.after, ids)
      if (before.type !== step.after.yes)
        throw new Error(`expected ${step.after.yes} before ${step.command}, got ${before.type}`)
    },
    heard,
    final,
    finals: (all, withinMs) => Promise.all(all.map((each) => final(each, withinMs))),
    violations: () => {
      listen()
      return problems
    },
  }
}
