import {
  type DeadLetterDiscarded,
  type DeadLetterRedriven,
  deadLetterDiscarded,
  deadLetterRedriven,
} from '@countermand/contracts/dead-letters.ts'
import { eventHeaders, readData, readEnvelope, UnreadableMessage } from '@countermand/contracts/envelope.ts'
import type { EventType } from '@countermand/contracts/event-types.ts'
import { deadLetterId } from '@countermand/contracts/message-id.ts'
import { operatorsSource } from '@countermand/contracts/sources.ts'
import { topics } from '@countermand/contracts/topics.ts'
import type { IncomingMessage, OutgoingMessage } from '@countermand/kafka'

/** What an operator did with a letter. */
export type Handling =
  | ({ readonly what: 'redriven'; readonly recordId: string } & DeadLetterRedriven)
  | ({ readonly what: 'discarded'; readonly recordId: string } & DeadLetterDiscarded)

/** `dead-letters.log.v1`, read. */
export interface LetterLog {
  /** What was done with a letter, oldest first. */
  of(letterId: string): readonly Handling[]
  /** The redrive that sent the message which became this letter; `undefined`: it came from its publisher. */
  sent(letterId: string): Extract<Handling, { what: 'redriven' }> | undefined
  add(handling: Handling | undefined): void
}

export const createLog = (): LetterLog => {
  const byLetter = new Map<string, Handling[]>()
  const bySent = new Map<string, Extract<Handling, { what: 'redriven' }>>()
  return {
    of: (letterId) => byLetter.get(letterId) ?? [],
    sent: (letterId) => bySent.get(letterId),
    add: (handling) => {
      if (handling === undefined) return
      byLetter.set(handling.letterId, [...(byLetter.get(handling.letterId) ?? []), handling])
      if (handling.what === 'redriven')
        bySent.set(deadLetterId(handling.to.topic, handling.to.partition, handling.to.offset), handling)
    },
  }
}

const types = { redriven: 'dead-letter.redriven.v1', discarded: 'dead-letter.discarded.v1' } as const satisfies Record<
  Handling['what'],
  EventType
>

/** Reads a record of the log; `undefined`: it is none. */
export const handlingOf = (message: IncomingMessage): Handling | undefined => {
  try {
    const { id, type, data } = readEnvelope(message)
    if (type === types.redriven) return { what: 'redriven', recordId: id, ...readData(deadLetterRedriven, data) }
    if (type === types.discarded) return { what: 'discarded', recordId: id, ...readData(deadLetterDiscarded, data) }
  } catch (error) {
    // Somebody else's: one stray message must not stop everybody's work for ever, and ours can be read.
    if (!(error instanceof UnreadableMessage)) throw error
  }
  return undefined
}

/** The record to write, in one transaction with what it tells of. */
export const recordOf = ({ what, recordId, ...data }: Handling): OutgoingMessage => ({
  topic: topics.deadLettersLog,
  key: data.letterId,
  headers: eventHeaders({
    id: recordId,
    source: operatorsSource,
    type: types[what],
    time: data.at,
    subject: data.letterId,
  }),
  value: JSON.stringify(data),
})
