import { onSystem } from '@countermand/workflows/operations/reach/system.ts'
import { wholeStory } from '@countermand/workflows/operations/story/with-runs.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { readDeadLettersAloud } from '../dlq/read-aloud.ts'
import type { ExitCode } from '../exit.ts'
import { describeStory } from '../show/describe.ts'

/** Tells all that is known of an order or a request. */
export const run = async (id: string, { json }: { readonly json?: true }): Promise<ExitCode> => {
  const story = await onSystem(await readAddresses(process.env), (system) =>
    wholeStory(id, system, () => readDeadLettersAloud(system.where)),
  )
  if (story === undefined)
    throw new Error(`expected an order or request, got ${id}, which neither a service nor Temporal has heard of`)
  if (json) printJson(story)
  else print(describeStory(story))
  return 0
}
