import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import { onSystem } from '@countermand/workflows/operations/reach/system.ts'
import { verify as verifyInvariants } from '@countermand/workflows/operations/verify/verify.ts'
import { print, printJson } from '../../terminal/print.ts'
import { readAddresses } from '../addresses.ts'
import type { ExitCode } from '../exit.ts'
import { foundSomething } from '../exit.ts'
import { describeVerification } from '../verify/describe.ts'

/** Checks all invariants. */
export const run = async ({ json }: { readonly json?: true }): Promise<ExitCode> => {
  const verification = await onSystem(await readAddresses(process.env), ({ databases, temporal }) =>
    verifyInvariants(databases, () => listRuns(temporal)),
  )
  const ok = verification.violations.length === 0
  if (json) printJson({ ok, ...verification })
  else print(describeVerification(verification))
  return ok ? 0 : foundSomething
}
