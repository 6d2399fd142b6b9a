import { type LetterBox, redrivesOf, stateOf } from './box.ts'
import type { Letter } from './letter.ts'
import type { Handling } from './log.ts'

/** A dead letter for programs. */
export interface DeadLetter {
  readonly id: string
  /** Where it was read, without the prefix. */
  readonly topic: string
  readonly partition: number | null
  readonly key: string | null
  /** What the message calls itself, as far as it does. */
  readonly type: string | null
  readonly eventId: string | null
  /** Of its first reader that could not use it. */
  readonly reason: string
  readonly error: string
  readonly service: string
  /** ISO 8601. */
  readonly failedAt: string
  readonly state: 'open' | 'redriven' | 'failed-again' | 'discarded'
  readonly redriven: boolean
  /** How often its message had been redriven before. */
  readonly redrives: number
  /** The letter that a redrive of it came from, and the one that it became. */
  readonly redrivenFrom: string | null
  readonly failedAgainAs: string | null
}

export const documentOf = (box: LetterBox, letter: Letter): DeadLetter => {
  const [{ reason, error, service, failedAt }] = letter.failures
  const found = stateOf(box, letter.id)
  return {
    id: letter.id,
    topic: letter.topic,
    partition: letter.partition ?? null,
    key: letter.key,
    type: letter.headers.ce_type ?? null,
    eventId: letter.headers.ce_id ?? null,
    reason,
    error,
    service,
    failedAt,
    state: found.state,
    redriven: found.state === 'redriven' || found.state === 'failed-again',
    redrives: redrivesOf(box.log, letter.id),
    redrivenFrom: box.log.sent(letter.id)?.letterId ?? null,
    failedAgainAs: found.state === 'failed-again' ? found.as : null,
  }
}

/** What was done about a letter, without what it shares with the others. */
const entryOf = ({ recordId, letterId, ...entry }: Handling) => entry

/** All that is known of a letter, for programs. */
export const storyOf = (box: LetterBox, letter: Letter) => ({
  ...documentOf(box, letter),
  headers: letter.headers,
  value: letter.value?.toString() ?? null,
  failures: letter.failures,
  log: box.log.of(letter.id).map(entryOf),
})
