import { type FoundSaga, findSaga } from '@countermand/workflows/operations/find/find.ts'
import { onSystem, type System } from '@countermand/workflows/operations/reach/system.ts'
import { effectInWords } from '@countermand/workflows/operations/repair/words.ts'
import { doneOf } from '@countermand/workflows/operations/story/done.ts'
import { standingInWords } from '@countermand/workflows/operations/tell/possible.ts'
import { type Told, tell as tellSaga, whereItCan } from '@countermand/workflows/operations/tell/tell.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { type ExitCode, foundSomething } from '../exit.ts'
import type { TellOptions } from './options.ts'

const signed = ({ what, input }: Told, { workflowId }: FoundSaga): string => {
  const { by, onBehalfOf, ...rest } = input
  const words = Object.values<unknown>(rest).filter((each) => typeof each === 'string' && each !== what)
  const forWhom = onBehalfOf === undefined ? '' : ` for ${onBehalfOf}`
  return `${what} to ${workflowId}, by ${by}${forWhom}${words.length === 0 ? '' : `: ${words.join(', ')}`}`
}

const preview = (
  told: Told,
  found: FoundSaga,
  { done, state }: { readonly done: readonly string[]; readonly state: string },
): string =>
  [`would send ${signed(told, found)}`, `it is ${state}`, 'done already:', ...done.map((each) => `  ${each}`)].join(
    '\n',
  )

const tellOne = async (system: System, found: FoundSaga, told: Told, options: TellOptions): Promise<ExitCode> => {
  const { dryRun = false, json = false, wait: waitMs } = options
  const standing = await whereItCan(system, found, told)
  const document = { ...found, ...told.input, dryRun, standing }
  if (dryRun) {
    const done = await doneOf(system.databases, found)
    if (json) printJson({ ...document, done })
    else print(preview(told, found, { done, state: standingInWords(standing) }))
    return 0
  }
  const { kept, ...effect } = await tellSaga(system, found, { told, standing, waitMs })
  if (json) printJson({ ...document, accepted: true, kept, effect })
  else
    print(
      [
        `sent ${signed(told, found)}`,
        ...(kept ? ['it is kept until the saga comes to it'] : []),
        effectInWords(effect),
      ].join('\n'),
    )
  return effect.changed ? 0 : foundSomething
}

/** Finds the saga, looks whether it can be told this, tells it, and says what came of it. */
export const tell = async (id: string, told: Told, options: TellOptions): Promise<ExitCode> =>
  onSystem(await readAddresses(process.env), async (system) =>
    tellOne(system, await findSaga(system.databases, system.temporal, id), told, options),
  )
