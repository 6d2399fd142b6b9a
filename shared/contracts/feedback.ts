import { z } from 'zod'
import { takenId as id, note, timestamp } from './primitives.ts'
import { requestVia } from './vocabulary.ts'

/** `feedback.given.v1`: what a customer thought of a cancellation, once it was over. */
export const feedbackGiven = z.object({
  /** The same one again is the same feedback. */
  feedbackId: id,
  orderId: id,
  requestId: id.optional(),
  /** 1 (very bad) to 5 (very good). */
  score: z.int('expected a whole number').min(1).max(5),
  /** In their own words. */
  text: note.optional(),
  /** That they were asked in: BCP 47. */
  language: z.string().max(35).optional(),
  /** By which they gave it. */
  channel: requestVia.optional(),
  at: timestamp,
})
export type FeedbackGiven = z.infer<typeof feedbackGiven>
