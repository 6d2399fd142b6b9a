import type { Answer, CancelRequested } from '@countermand/contracts'
import type { Rotation } from './rotation.ts'

/** What a sweep is started with, what it asks for, and what it tells. */

export interface SweepInput {
  /** Milliseconds. A hold is looked at once it is as old as this: its saga was seen to run before it. */
  readonly minAgeMs: number
  /** Where a sweep of many holds goes on: after this request id, of the holds that began by `until` (ISO 8601). */
  readonly onward?: { readonly until: string; readonly after: string; readonly rotation?: Rotation }
}

/** What a sweep has found, as workflow ids. */
export interface Swept {
  holds: number
  readonly restarted: string[]
  /** Open, but their workflow task fails again and again: a bug, which a person has to look at. */
  readonly failing: string[]
  /** Their workflow task failed, and does not any more. Not told by old sweeps, nor while there is none. */
  recovered?: string[]
  /** After which request the next sweep goes on with its look at open runs. */
  nextAfter?: string
}

export interface SweepActivities {
  /**
   * Starts the sagas again that are not open. `listedAt` (ISO 8601): before the holds were listed; a run that closed later
   * may have released its hold meanwhile. `rotation`: which of the open runs are looked at closely; none: all of them.
   */
  restartLost(
    holds: readonly CancelRequested[],
    listedAt: string,
    rotation?: Rotation,
  ): Promise<Pick<Swept, 'restarted' | 'failing'> & { readonly rotation?: Rotation }>
}

/** The sweep's look at runs that no hold tells of: sagas that were lost before their first step, and what came after an end. */
export interface LostRunActivities {
  /** Lets the runs go on that were terminated, failed or timed out within a day. Returns their workflow ids. */
  restartLostRuns(): Promise<string[]>
}

/** A run whose code failed when it was last heard of, and the key of the record that says so. */
export type FailingRun = NonNullable<Answer<'HoldsListed'>['failing']>[number]

/** The sweep's look at runs whose code failed. */
export interface RecoveredActivities {
  /** Has it recorded of each that goes on by now. Returns their workflow ids. */
  tellRecovered(failing: readonly FailingRun[]): Promise<string[]>
}
