import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { openTemporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { readStatus } from '@countermand/workflows/operations/status/read.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { readDeadLettersAloud } from '../dlq/read-aloud.ts'
import type { ExitCode } from '../exit.ts'
import { foundSomething } from '../exit.ts'
import { startProgress } from '../progress.ts'
import { describeStatus } from '../status/describe.ts'

/** Reads everything, whatever does not answer. */
export const run = async ({ json }: { readonly json?: true }): Promise<ExitCode> => {
  const where = await readAddresses(process.env)
  const databases = openDatabases(where.databaseUrls)
  const opened = openTemporal(where)
  // Whoever needs it says that it does not answer.
  opened.catch(() => undefined)
  try {
    const found = await readStatus({
      ...{ where, databases, watch: startProgress },
      temporal: () => opened,
      deadLetters: () => readDeadLettersAloud(where),
    })
    if (json) printJson(found)
    else print(describeStatus(found))
    return found.unread.length === 0 ? 0 : foundSomething
  } finally {
    await databases.close()
    await opened.then((temporal) => temporal.close()).catch(() => undefined)
  }
}
