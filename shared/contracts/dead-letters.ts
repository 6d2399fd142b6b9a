import { z } from 'zod'
import { most } from './limits.ts'
import { id, note, textOf, textOfBytes, timestamp } from './primitives.ts'

/** What an operator did with a dead letter. Kept for ever: it is also what says that a letter was dealt with. */
const handled = z.object({
  /** `<topic>:<partition>:<offset>` of the message that could not be used. */
  letterId: textOf(512, 'the id of a dead letter').min(1),
  by: id,
  why: note.optional(),
  at: timestamp,
})

/** `dead-letter.redriven.v1`: a letter was sent to its topic again. */
export const deadLetterRedriven = handled.extend({
  /** Where the message was sent to; should it fail again, that is the id of its next dead letter. */
  to: z.object({
    topic: textOf(249, 'a topic'),
    partition: z.int().nonnegative(),
    offset: z.string().regex(/^\d{1,19}$/),
  }),
  /** Whether its value was replaced. */
  edited: z.boolean(),
  /** Only when edited: the id that the message has now. */
  eventId: textOfBytes(most.messageIdBytes, 'an event id').optional(),
  /** How often this message was redriven by now, over all its dead letters. */
  redrives: z.int().positive(),
})
export type DeadLetterRedriven = z.infer<typeof deadLetterRedriven>

/** `dead-letter.discarded.v1`: a person says that a letter needs nothing more. */
export const deadLetterDiscarded = handled
export type DeadLetterDiscarded = z.infer<typeof deadLetterDiscarded>
