import type { OutgoingMessage } from '@countermand/kafka'
import { type LetterBox, redrivesOf, stateOf } from './box.ts'
import type { Letter } from './letter.ts'

/** What is to be done with a letter: discarded when it has no message to send. */
export interface Task {
  readonly letter: Letter
  /** Why its command is not to be sent again, whoever forces it. */
  readonly closed?: string
  readonly redrive?: {
    readonly message: OutgoingMessage
    /** The new event id of an edited message. */
    readonly eventId?: string
    readonly redrives: number
  }
}

/** A message that fails so often is not to be sent again without thought. */
const mostRedrives = 3

/** Why a letter is not to be redriven or discarded (again), in words; `undefined`: it may be. */
export const refusal = (box: LetterBox, letter: Letter, task: { what: 'redrive' | 'discard'; force: boolean }) => {
  const found = stateOf(box, letter.id)
  switch (found.state) {
    case 'redriven':
      return `it was redriven at ${found.last.at} by ${found.last.by}, to ${placeText(found.last.to)}`
    case 'failed-again':
      return `it was redriven at ${found.last.at} by ${found.last.by} and failed again: its dead letter is ${found.as} now`
    case 'discarded':
      if (task.what === 'discard') return `it was discarded at ${found.last.at} by ${found.last.by}`
      return task.force
        ? undefined
        : `it was discarded at ${found.last.at} by ${found.last.by}; --force sends it all the same`
    case 'open': {
      const times = redrivesOf(box.log, letter.id)
      return task.what === 'redrive' && times >= mostRedrives && !task.force
        ? `its message was redriven ${times} times and failed each time; --force sends it all the same`
        : undefined
    }
  }
}

export const placeText = (place: {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}): string => `${place.topic}, partition ${place.partition}, offset ${place.offset}`
