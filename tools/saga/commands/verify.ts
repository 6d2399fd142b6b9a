import { readAddresses } from '../addresses.ts'
import { openDatabases } from '../databases.ts'
import { type DefineCommand, examples, foundSomething } from '../exit.ts'
import { print, printJson } from '../print.ts'
import { listRuns, openTemporal } from '../runs.ts'
import { describeVerification } from '../verify/describe.ts'
import { verify as verifyInvariants } from '../verify/index.ts'

/** `saga verify`: checks the invariants; exit code 1 when one does not hold. */
export const verify: DefineCommand = (program, ended) => {
  program
    .command('verify')
    .description("checks the six invariants over the four databases, the sandbox's books and the open sagas")
    .option('--json', 'prints one JSON document')
    .addHelpText('after', examples('saga verify', 'saga verify --json'))
    .action(async ({ json }: { readonly json?: true }) => {
      const where = await readAddresses(process.env)
      const temporal = await openTemporal(where)
      const databases = openDatabases(where.databaseUrls)
      try {
        const verification = await verifyInvariants(databases, () => listRuns(temporal))
        const ok = verification.violations.length === 0
        if (json) printJson({ ok, ...verification })
        else print(describeVerification(verification))
        ended(ok ? 0 : foundSomething)
      } finally {
        await databases.close()
        await temporal.close()
      }
    })
}
