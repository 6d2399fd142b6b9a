import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { resolveDifference } from '@countermand/workflows/operations/reconcile/reconcile.ts'
import { print } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'

export interface Options {
  readonly by: string
  readonly reason: string
  readonly wait: number
}

/** Tells payment why it differs. */
export const run = async (differenceId: string, { by, reason, wait }: Options): Promise<ExitCode> => {
  const where = await readAddresses(process.env)
  const databases = openDatabases(where.databaseUrls)
  try {
    await resolveDifference({ differenceId, by, reason }, { where, databases, wait })
    print(`${differenceId} is resolved, by ${by}: ${reason}`)
    return 0
  } finally {
    await databases.close()
  }
}
