import type { Logger, Metrics } from '@countermand/telemetry'
import { ownHeaders } from './dead-letter.ts'
import type { OutgoingMessage } from './message.ts'

/** What is done with a dead letter that cannot be written for a reason nobody thought of: its partition must go on. */

/** How much of a message its dead letter still says. */
export type Left = 'no-headers' | 'no-content' | 'nothing'

/** Counts letters that say less than their messages did. */
export const countReduced = (metrics: Metrics): ((left: Left) => void) => {
  const counter = metrics.counter<'left'>({
    name: 'countermand_reduced_letters_total',
    help: 'Dead letters that could not be written whole, by what is left of their message',
    labelNames: ['left'],
  })
  for (const left of ['no-headers', 'no-content', 'nothing'] as const) counter.inc({ left }, 0)
  return (left) => counter.inc({ left })
}

type Publish = (messages: readonly OutgoingMessage[]) => Promise<void>

const ofLetter = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD'])

/** Whether the broker refuses this very message. Of a topic that may not be written, all are innocent. */
const isOfLetter = (error: unknown): boolean =>
  error instanceof Error && (('type' in error && ofLetter.has(String(error.type))) || isOfLetter(error.cause))

/** A publisher of dead letters that no letter holds up which no broker takes: it goes with less, and at last is only counted. */
export const publishingLetters =
  (publish: Publish, onReduced: (left: Left) => void, log: Logger): Publish =>
  async (messages) => {
    try {
      await publish(messages)
    } catch (reason) {
      const [letter] = messages
      if (!isOfLetter(reason) || letter === undefined || messages.length > 1 || !letter.topic.endsWith('.dlq'))
        throw reason
      const left = await publishLesser(letter, publish)
      const { 'dlq-original-topic': topic, 'dlq-original-offset': offset } = letter.headers
      log[left === 'nothing' ? 'fatal' : 'error'](
        { err: reason, topic, offset, left },
        'no broker takes a dead letter whole',
      )
      onReduced(left)
    }
  }

const publishLesser = async (letter: OutgoingMessage, publish: Publish): Promise<Left> => {
  const { topic, partition = 0, key, value } = letter
  const bare = { topic, partition, headers: ownHeaders(letter.headers) }
  for (const [left, lesser] of [
    ['no-headers', { ...bare, key, value }],
    ['no-content', { ...bare, key: null, value: null }],
  ] as const) {
    try {
      await publish([lesser])
      return left
    } catch (error) {
      if (!isOfLetter(error)) throw error
    }
  }
  return 'nothing'
}
