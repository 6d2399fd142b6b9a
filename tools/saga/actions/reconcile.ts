import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { reconcile } from '@countermand/workflows/operations/reconcile/reconcile.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import { type ExitCode, foundSomething } from '../exit.ts'
import { startProgress } from '../progress.ts'
import { describeReconciled } from '../reconcile/describe.ts'

export interface Options {
  readonly account?: string
  readonly from: string
  readonly to: string
  readonly dryRun?: true
  readonly by: string
  readonly wait: number
  readonly json?: true
}

/** Asks payment to compare, and says what it found. */
export const run = async ({ json, wait, ...ask }: Options): Promise<ExitCode> => {
  const where = await readAddresses(process.env)
  const databases = openDatabases(where.databaseUrls)
  try {
    const { reconciliationId, results } = await reconcile(ask, { where, databases, wait, watch: startProgress })
    const { from, to } = ask
    if (json) printJson({ reconciliationId, from, to, dryRun: ask.dryRun === true, accounts: results })
    else print(describeReconciled(results, ask))
    return results.every(({ differences }) => differences.length === 0) ? 0 : foundSomething
  } finally {
    await databases.close()
  }
}
