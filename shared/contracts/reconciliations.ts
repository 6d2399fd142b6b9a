import { z } from 'zod'
import { id, timestamp, words } from './primitives.ts'

/** `reconciliation.asked.v1`, from operators: payment compares its books with what its providers say of a span of time. */
export const reconciliationAsked = z.object({
  reconciliationId: id,
  /** Of `ACCOUNTS_FILE`, or a channel of the sandbox; absent: each that can say what it has moved. */
  account: id.optional(),
  from: timestamp,
  /** Not in it. */
  to: timestamp,
  /** What is found is told, and neither kept nor posted. */
  dryRun: z.boolean().optional(),
  by: words,
  at: timestamp,
})
export type ReconciliationAsked = z.infer<typeof reconciliationAsked>

/** `difference.resolved.v1`, from operators: somebody has found out why it differs. */
export const differenceResolved = z.object({ differenceId: id, by: words, reason: words, at: timestamp })
export type DifferenceResolved = z.infer<typeof differenceResolved>
