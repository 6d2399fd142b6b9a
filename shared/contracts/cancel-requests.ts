import { z } from 'zod'
import { most } from './limits.ts'
import { id, note, quantity, takenId, timestamp } from './primitives.ts'
import { initiatorKind, reasonCode, requestVia } from './vocabulary.ts'

/** Who asks for a cancellation. `id` is theirs in the shop’s own terms. */
export const initiator = z.object({ kind: initiatorKind, id: takenId.optional() })
export type Initiator = z.infer<typeof initiator>

/** Why it is asked for: a code to count by, and what they said in their own words, up to 2,000 characters. */
export const reason = z.object({ code: reasonCode, note: note.optional() })
export type Reason = z.infer<typeof reason>

/** A line of the order, and how many units of it are to be cancelled. */
export const requestedLine = z.object({ lineId: takenId, quantity })

/** The lines of a partial cancellation, each once. */
const linesWith = (line: typeof requestedLine, mostLines: number) =>
  z
    .array(line)
    .min(1, 'expected at least one line, or no `lines` for the whole order')
    .max(mostLines)
    .refine((lines) => new Set(lines.map(({ lineId }) => lineId)).size === lines.length, 'expected each lineId once')

/** A request that was taken, whenever that was: as the saga carries it. */
export const takenRequest = z.object({
  requestId: takenId,
  orderId: takenId,
  requestedAt: timestamp,
  initiator,
  reason,
  /** Absent: the whole order, what is left of it. */
  lines: linesWith(requestedLine, most.takenLines).optional(),
  refundTo: z.enum(['original', 'store-credit']).default('original'),
  /** The earlier request that this one tries again. */
  retryOf: takenId.optional(),
  /** How they reached the shop; absent: nobody says. */
  via: requestVia.optional(),
})

/** `order.cancel.requested.v1`: a request as it is taken today. */
export const cancelRequested = takenRequest.extend({
  requestId: id,
  orderId: id,
  initiator: initiator.extend({ id: id.optional() }),
  lines: linesWith(requestedLine.extend({ lineId: id }), most.lines).optional(),
  retryOf: id.optional(),
})
export type CancelRequested = z.infer<typeof cancelRequested>

/** `order.cancel.decided.v1`: the merchant's answer. */
export const cancelDecided = z.object({
  requestId: id,
  orderId: id,
  decision: z.enum(['approve', 'reject']),
  by: id,
  message: note.optional(),
})
export type CancelDecided = z.infer<typeof cancelDecided>

/** `order.cancel.withdrawn.v1`: the customer thought again. */
export const cancelWithdrawn = z.object({ requestId: id, orderId: id, by: id })
export type CancelWithdrawn = z.infer<typeof cancelWithdrawn>
