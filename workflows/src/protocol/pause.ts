import { defineSignal } from '@temporalio/workflow'

/** What the run is started with that is open exactly while intake is paused, and what ends it. */

export const pauseWorkflowType = 'pauseIntake'

/** Its id: there is one intake, however many processes take part in it. */
export const pauseId = 'intake-pause'

/** Who paused or resumed, and why. */
export interface Told {
  readonly by: string
  readonly reason: string
  /** Of whoever asked for it at a screen: what comes again is known by it. */
  readonly operationId?: string | undefined
}

/** The memos that keep who paused, why, and for which operation. */
export const pausedByMemo = 'by'
export const pausedForMemo = 'reason'
export const pausedByOperationMemo = 'operationId'

export const resumeSignal = defineSignal<[Told]>('resume')

/** Kafka's name for those who take cancel events, without the prefix. */
export const intakeGroup = 'countermand-intake'

/** How long a pause may go unseen, in ms. */
export const gateLagMs = 1_000
