import { deadLetterReason, deadLetterTopic } from '@countermand/contracts'
import { type LetterBox, stateOf } from './box.ts'
import { type Letter, sourceTopics } from './letter.ts'

/** Which letters are meant. */
export interface Choice {
  readonly topic?: string
  readonly reason?: string
  readonly since?: Date
  /** Only those that nobody has dealt with. */
  readonly open?: boolean
}

/** A topic as people name it: its dead letters' name will do. Throws when it is none. */
export const topicNamed = (name: string): string => {
  const topic = sourceTopics.find((each) => name === each || name === deadLetterTopic(each))
  if (topic === undefined) throw new Error(`expected a topic of ${sourceTopics.join(', ')}, got ${name}`)
  return topic
}

const checkReason = (box: LetterBox, reason: string): void => {
  const seen = [...box.letters.values()].flatMap(({ failures }) => failures.map((each) => each.reason))
  const known = new Set<string>([...deadLetterReason.options, ...seen])
  if (!known.has(reason)) throw new Error(`expected a reason of ${[...known].join(', ')}, got ${reason}`)
}

/** The letters that are meant, oldest first. Throws when there is no such reason. */
export const chosen = (box: LetterBox, { topic, reason, since, open }: Choice): Letter[] => {
  if (reason !== undefined) checkReason(box, reason)
  return [...box.letters.values()].filter(
    (letter) =>
      (topic === undefined || letter.topic === topic) &&
      (reason === undefined || letter.failures.some((each) => each.reason === reason)) &&
      (since === undefined || letter.failures[0].failedAt >= since.toISOString()) &&
      (!open || stateOf(box, letter.id).state === 'open'),
  )
}

/** The letter with this id. Throws when there is none. */
export const letterNamed = (box: LetterBox, id: string): Letter => {
  const letter = box.letters.get(id)
  if (letter === undefined)
    throw new Error(`expected the id of a dead letter, got ${id}, which is none (any more); see saga dlq list`)
  return letter
}
