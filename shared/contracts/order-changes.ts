import { z } from 'zod'
import { most } from './limits.ts'
import { acceptedOrder, orderLine, tender } from './order-events.ts'
import { amount, id, orderVersion, rounding, takenId, timestamp, words } from './primitives.ts'
import { happenedAt } from './timestamp.ts'
import { orderChangeRefusal } from './vocabulary.ts'

/** Orders that are edited after they were placed. */

const lineChanges = z.object({
  added: z.array(orderLine).max(most.lines).default([]),
  /** Whole lines, as they are from now on; the units that were cancelled count as ordered, and keep their price. */
  changed: z.array(orderLine).max(most.lines).default([]),
  /** What is left of these lines. */
  removed: z.array(id).max(most.lines).default([]),
})

const tenderChanges = z.object({
  added: z.array(tender).max(most.tenders).default([]),
  /** What a tender holds from now on: more was taken, or the shop itself has given a part of it back. */
  changed: z
    .array(z.object({ tenderId: id, amount }))
    .max(most.tenders)
    .default([]),
})

const unique = (values: readonly string[]): boolean => new Set(values).size === values.length

/** `order.changed.v1`: what is otherwise from now on. What it does not name stays as it is. */
export const orderChanged = z
  .object({
    orderId: id,
    /** Names the change: the same one again is ignored. */
    changeId: id,
    at: happenedAt,
    lines: lineChanges.optional(),
    tenders: tenderChanges.optional(),
    shippingAmount: amount.optional(),
    shippingTaxAmount: amount.optional(),
    roundingAmount: rounding.optional(),
  })
  .superRefine(({ lines, tenders }, context) => {
    const named = [...(lines?.added ?? []), ...(lines?.changed ?? [])].map(({ lineId }) => lineId)
    if (!unique([...named, ...(lines?.removed ?? [])]))
      context.addIssue({ code: 'custom', path: ['lines'], message: 'expected each line once' })
    if (!unique([...(tenders?.added ?? []), ...(tenders?.changed ?? [])].map(({ tenderId }) => tenderId)))
      context.addIssue({ code: 'custom', path: ['tenders'], message: 'expected each tender once' })
  })
export type OrderChanged = z.infer<typeof orderChanged>

/**
 * `order.amended.v1`: the whole order as it is after a change. Versions count from 1, the order as it was placed: an older one is no news.
 * A line that was removed is not there any more; of one that was cancelled in part, the cancelled units are.
 */
export const amendedOrder = acceptedOrder.safeExtend({ version: orderVersion.min(2), changeId: takenId })
export type AmendedOrder = z.infer<typeof amendedOrder>

/** `order.change.refused.v1`: a change that waited for the end of a cancellation, and does not fit any more. */
export const orderChangeRefused = z.object({
  orderId: takenId,
  changeId: takenId,
  code: orderChangeRefusal,
  message: words,
  at: timestamp,
})
