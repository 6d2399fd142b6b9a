import type { StepInNeed } from '@countermand/contracts'
import { defineSignal } from '@temporalio/workflow'

/** What a service learned after it had answered that a step is stuck: asked again, the step comes to its end. */
export interface News extends Pick<StepInNeed, 'step' | 'direction'> {
  /** Whose it is; absent where whoever tells it knows the run itself. */
  readonly orderId?: string
  readonly requestId?: string
  /** What a person was asked about has come right by itself: nothing is left to decide. */
  readonly over?: true
  /** The event that tells it, e.g. `refund.succeeded.v1`. */
  readonly event: string
  /** In words: what has come. */
  readonly says: string
}

export const newsSignal = defineSignal<[News]>('news')
