import type { SagaInput, SagaResult } from './inputs.ts'
import type { LateIntercept } from './late-intercept.ts'
import type { Told } from './pause.ts'
import type { Reversal } from './reversal.ts'
import type { SweepInput, Swept } from './sweep.ts'

/** Every workflow by the name of its type: what it is started with, and what it returns. */
export interface Workflows {
  readonly cancelOrder: (input: SagaInput) => Promise<SagaResult>
  readonly settleReversedRefund: (first: Reversal) => Promise<SagaResult>
  readonly settleLateIntercept: (first: LateIntercept) => Promise<SagaResult>
  readonly sweepHolds: (input: SweepInput) => Promise<Swept>
  readonly pauseIntake: (paused: Told) => Promise<Told>
}
