import { metricMeter } from '@temporalio/workflow'
import type { Saga } from './saga.ts'

/**
 * What a run tells in metrics. Nothing of it is a command, and replays tell nothing; a workflow task that runs again tells
 * it again. How the names are bucketed: `temporal-metrics.ts`.
 */

const secondsSince = (since: number): number => (Date.now() - since) / 1000

const seconds = (name: string, description: string, since: number, tags: Record<string, string>): void =>
  metricMeter.createHistogram(name, 'float', undefined, description).record(secondsSince(since), tags)

const count = (name: string, description: string, tags: Record<string, string> = {}): void =>
  metricMeter.createCounter(name, undefined, description).add(1, tags)

/** How long a command took until its final answer. `since`: ms since the epoch. */
export const meterStep = (command: string, since: number): void =>
  seconds('countermand_step_seconds', 'From a command to its final answer, hours of waiting included', since, {
    command,
  })

/** The saga leaves its stage. */
export const meterStage = ({ stage, stageSince }: Saga): void =>
  seconds('countermand_stage_seconds', 'Time that sagas have spent in a stage', stageSince, { stage })

export const meterStart = (): void => count('countermand_sagas_started', 'Runs of sagas that have begun')

/** A request that never came has no outcome. */
export const meterEnd = (saga: Saga): void => {
  const outcome = saga.ended?.outcome ?? 'none'
  meterStage(saga)
  count('countermand_sagas_ended', 'Sagas that have ended, by outcome', { outcome })
  seconds('countermand_saga_seconds', 'From the start of a run to its end, by outcome', saga.startedAt, { outcome })
}

/** A sweep is over. */
export const meterSweep = (): void => count('countermand_sweeps', 'Sweeps for lost sagas that have ended')
