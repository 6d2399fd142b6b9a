import type { Run } from '../measure.ts'
import type { Figure } from '../statistics.ts'

/** What one figure came to. */
export interface Finding {
  readonly runs: readonly Run[]
  readonly ratios: Readonly<Record<string, Figure>>
  /** What people should know of it, one sentence each. */
  readonly notes: readonly string[]
}
