import {
  type AnswerName,
  answerOnWire,
  answers,
  type CommandName,
  commands,
  type EventType,
  events,
  type ServiceName,
  type Topic,
  takersOf,
  topics,
} from '@countermand/contracts'
import { z } from 'zod'
import { answerNotes } from './answer-notes.ts'
import { commandNotes } from './command-notes.ts'
import { eventNotes, type Note } from './event-notes.ts'

export type MessageKind = 'event' | 'command' | 'answer'

/** A message of the contracts, as it is documented. */
export interface MessageDocument {
  readonly kind: MessageKind
  /** The CloudEvents type. */
  readonly name: string
  readonly topics: readonly Topic[]
  readonly summary: string
  readonly schema: z.ZodType
  readonly example: object
}

const names = <Name extends string>(of: Readonly<Record<Name, unknown>>): Name[] =>
  Object.keys(of).filter((name): name is Name => Object.hasOwn(of, name))

const event = (name: EventType): MessageDocument => ({
  kind: 'event',
  name,
  topics: [events[name].topic],
  schema: events[name].data,
  ...eventNotes[name],
})

export const commandTopics: Readonly<Record<ServiceName, Topic>> = {
  order: topics.orderCommands,
  inventory: topics.inventoryCommands,
  logistics: topics.logisticsCommands,
  payment: topics.paymentCommands,
}

const command = (name: CommandName): MessageDocument => ({
  kind: 'command',
  name,
  topics: takersOf(name).map((service) => commandTopics[service]),
  schema: commands[name].data,
  ...commandNotes[name],
})

const { orderId, requestId, round } = commandNotes.StopShipment.example
const answered = { orderId, requestId, commandId: `${orderId}/${requestId}/stop-parcels/do/${round}` }

const answer = (name: AnswerName): MessageDocument => {
  const note: Note<object> = answerNotes[name]
  return {
    kind: 'answer',
    name,
    topics: [topics.sagaReplies, topics.sagaFastReplies],
    schema: z.object({ ...answerOnWire.shape, ...answers[name].shape }),
    summary: note.summary,
    example: { ...answered, ...note.example },
  }
}

/** Every event, command and answer. */
export const messages: readonly MessageDocument[] = [
  ...names(events).map(event),
  ...names(commands).map(command),
  ...names(answers).map(answer),
]
