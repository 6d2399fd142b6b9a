import type { Resolution, StepRound } from '@countermand/contracts'
import type { Saga } from './saga.ts'

/** What people have decided about a saga, in this run and in earlier ones: the order service keeps it, and tells it with its answers. */

export const at = ({ step, direction, round }: StepRound): string => `${step}-${direction}-${round}`

/** The decisions about this round of a step, in their order. */
export const decidedAbout = (saga: Saga, round: StepRound): Resolution[] =>
  saga.resolutions.filter((each) => at(each) === at(round))

/** What names a decision among all about its saga. */
export const nameOf = (resolution: Resolution): string => `${at(resolution)} ${resolution.at}`

const areOne = (one: Resolution, other: Resolution): boolean => nameOf(one) === nameOf(other)

/** Whether there is one among them that this run has not heard of. */
export const areNews = ({ resolutions }: Saga, recorded: readonly Resolution[]): boolean =>
  recorded.some((each) => !resolutions.some((mine) => areOne(mine, each)))

/** This run's decisions after those that earlier runs recorded. */
export const takeUp = (saga: Saga, recorded: readonly Resolution[]): void => {
  const isKnown = (mine: Resolution) => recorded.some((each) => areOne(each, mine))
  saga.resolutions = [...recorded, ...saga.resolutions.filter((mine) => !isKnown(mine))]
}
