import type { Metrics } from '@countermand/telemetry'
import type { LetterWork } from './work.ts'

/** What is done with a dead letter that cannot be written for a reason nobody thought of: its partition must go on. */

/** How much of a message its dead letter still says. */
export type Left = 'no-headers' | 'no-content' | 'nothing'

/** The letter with less and less of what may be at fault. */
export const lesserLetters = (letter: LetterWork): readonly (readonly [Left, LetterWork])[] => {
  const { topic, partition, offset, key, value } = letter.raw
  const place = { topic, partition, offset, headers: {} }
  const { asker: _told, ...silent } = letter
  const error = 'expected a dead letter that can be written, got none: see the log, and the message where it was'
  return [
    ['no-headers', { ...letter, raw: { ...place, key, value } }],
    ['no-content', { ...silent, asker: undefined, error, raw: { ...place, key: null, value: null } }],
  ]
}

/** PostgreSQL's classes of errors that tell of what was to be written, not of the database: data, constraints, limits. */
const classesOfData = /^(22|23|54)/

/** Whether an error may go away with the message. Of a table that is missing or a right that was taken away, all messages are innocent. */
export const isOfMessage = (error: Error): boolean =>
  !('code' in error) ||
  typeof error.code !== 'string' ||
  !/^[0-9A-Z]{5}$/.test(error.code) ||
  classesOfData.test(error.code)

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
