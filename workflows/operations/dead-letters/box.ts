import { deadLetterId } from '@countermand/contracts/message-id.ts'
import { deadLetterTopic, topics } from '@countermand/contracts/topics.ts'
import type { KafkaConnection } from '@countermand/kafka'
import { readToEnd } from '@countermand/kafka/snapshot.ts'
import { type Letter, letterOf, merge, sourceTopics } from './letter.ts'
import { createLog, type Handling, handlingOf, type LetterLog } from './log.ts'

/** All dead letters there are, and what was done with each. */
export interface LetterBox {
  /** By id, oldest first. */
  readonly letters: ReadonlyMap<string, Letter>
  readonly log: LetterLog
}

/** Where a letter stands. `failed-again`: its message was redriven and is another dead letter now. */
export type LetterState =
  | { readonly state: 'open' }
  | { readonly state: 'discarded'; readonly last: Handling }
  | { readonly state: 'redriven'; readonly last: Extract<Handling, { what: 'redriven' }> }
  | { readonly state: 'failed-again'; readonly last: Extract<Handling, { what: 'redriven' }>; readonly as: string }

export const stateOf = ({ letters, log }: LetterBox, id: string): LetterState => {
  const handlings = log.of(id)
  const redriven = handlings.find((each) => each.what === 'redriven')
  if (redriven !== undefined) {
    const { topic, partition, offset } = redriven.to
    const as = deadLetterId(topic, partition, offset)
    return letters.has(as) ? { state: 'failed-again', last: redriven, as } : { state: 'redriven', last: redriven }
  }
  const last = handlings.at(-1)
  return last === undefined ? { state: 'open' } : { state: 'discarded', last }
}

/** How often the message of this letter was redriven before it became this letter. */
export const redrivesOf = (log: LetterLog, id: string): number => log.sent(id)?.redrives ?? 0

export interface ReadOptions {
  readonly kafka: KafkaConnection
  /** The topics whose dead letters are wanted, without the prefix; absent: all. */
  readonly topics?: readonly string[]
  readonly onProgress?: (read: number, of: number) => void
}

/** Reads the dead letters of these topics and the log, each up to where it ends now. */
export const readBox = async ({
  kafka,
  topics: wanted = sourceTopics,
  onProgress,
}: ReadOptions): Promise<LetterBox> => {
  const letters = new Map<string, Letter>()
  const log = createLog()
  await readToEnd({
    kafka,
    topics: [...wanted.map(deadLetterTopic), topics.deadLettersLog],
    onMessages: (messages) => {
      for (const message of messages) {
        if (message.topic === topics.deadLettersLog) log.add(handlingOf(message))
        else {
          const letter = letterOf(message)
          const known = letters.get(letter.id)
          letters.set(letter.id, known === undefined ? letter : merge(known, letter))
        }
      }
    },
    ...(onProgress === undefined ? {} : { onProgress }),
  })
  const sorted = [...letters].toSorted(([, a], [, b]) => a.failures[0].failedAt.localeCompare(b.failures[0].failedAt))
  return { letters: new Map(sorted), log }
}
