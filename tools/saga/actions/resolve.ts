import type { Remedy } from '@countermand/contracts'
import { type FoundSaga, findSaga } from '@countermand/workflows/operations/find/find.ts'
import { onSystem } from '@countermand/workflows/operations/reach/system.ts'
import type { Effect } from '@countermand/workflows/operations/repair/effect.ts'
import type { PlannedResolution } from '@countermand/workflows/operations/repair/resolution.ts'
import {
  type Parts,
  planResolution,
  planResolutionOfMany,
  sendAndLook,
  type Wanted,
} from '@countermand/workflows/operations/repair/resolve.ts'
import { effectInWords, resolutionInWords } from '@countermand/workflows/operations/repair/words.ts'
import { doneOf } from '@countermand/workflows/operations/story/done.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { checkTarget, runBulk } from '../bulk/command.ts'
import type { BulkOptions } from '../bulk/options.ts'
import { type ExitCode, foundSomething } from '../exit.ts'

export interface Options extends BulkOptions {
  readonly decision: Remedy
  readonly to?: 'store-credit' | 'bank-transfer'
  readonly step?: string
  readonly settled?: readonly string[]
  readonly by: string
  readonly reason: string
  readonly wait: number
}

const wantedOf = ({ decision, to, settled, step, by, reason }: Options): Wanted => ({
  step,
  resolution: {
    ...{ decision, by, reason },
    ...(to === undefined ? {} : { to }),
    ...(settled === undefined ? {} : { settled }),
  },
})

const describe = (planned: PlannedResolution, came: Effect | readonly string[]): string => {
  const { direction, step, round, since, reason, error } = planned.parked
  return [
    `${direction} ${step}, round ${round}, has needed attention since ${since} (${reason}): ${error}`,
    `${'changed' in came ? 'sent' : 'would send'} ${resolutionInWords(planned)}`,
    ...('changed' in came
      ? [effectInWords(came)]
      : ['done already, and not done again:', ...came.map((each) => `  ${each}`)]),
  ].join('\n')
}

const resolveOne = async (system: Parts, saga: FoundSaga, options: Options): Promise<ExitCode> => {
  const { dryRun = false, json = false } = options
  const planned = await planResolution(system, saga, wantedOf(options))
  const done = await doneOf(system.databases, saga)
  const effect = dryRun ? undefined : await sendAndLook(system, saga, planned)
  const { orderId, requestId } = saga
  const told = effect === undefined ? {} : { effect }
  if (json) printJson({ requestId, orderId, ...planned, dryRun, accepted: !dryRun, done, ...told })
  else print(describe(planned, effect ?? done))
  return effect?.changed === false ? foundSomething : 0
}

/** Decides about one saga, or about all that a search finds. */
export const run = async (id: string | undefined, options: Options): Promise<ExitCode> => {
  checkTarget(id, options)
  return onSystem(await readAddresses(process.env), async (system): Promise<ExitCode> => {
    const { where } = options
    const parts = { ...system, waitMs: options.wait }
    if (where !== undefined)
      return runBulk(system, { ...options, where }, planResolutionOfMany(parts, wantedOf(options)))
    return id === undefined ? 0 : resolveOne(parts, await findSaga(system.databases, system.temporal, id), options)
  })
}
