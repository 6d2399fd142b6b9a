import type { AttentionReason } from '@countermand/contracts'

/** Money that nobody can account for first, then customers who wait for theirs, then what stands still. */
export const urgency = [
  ...(['refund-in-doubt', 'refund-reversed', 'refund-refused-after-pivot'] as const),
  ...(['workflow-task-failing', 'undo-failed', 'step-failed', 'refund-overdue', 'refunded-twice'] as const),
] as const

// A reason that is new has a place, or this does not compile.
urgency satisfies readonly AttentionReason[]
export type Urgent = (typeof urgency)[number]
true satisfies AttentionReason extends Urgent ? true : false
