import type { Left } from '@countermand/kafka/last-resort.ts'
import type { LetterWork } from './work.ts'

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
