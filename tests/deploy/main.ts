/**
 * `node tests/deploy/main.ts`: the demo's scenarios and checks against a system that runs already, in containers say. It is found as
 * `npm run saga` finds it: environment, `npm start`, default ports. Nothing is started and nothing is ended.
 */

import { runScenarios } from '@countermand/tools/demo/run.ts'
import { readAddresses } from '@countermand/tools/saga/addresses.ts'
import { describeVerification } from '@countermand/tools/saga/verify/describe.ts'
import { scenarios } from '@countermand/tools/shop/scenarios.ts'
import { Ended, endOnSignal } from '@countermand/tools/system/end.ts'

const say = (line: string) => process.stdout.write(`${line}\n`)

try {
  const { signal } = endOnSignal()
  const where = await readAddresses(process.env)
  const { sagas, verification, broken } = await runScenarios({ scenarios, where }, say, signal)
  say(`\n${describeVerification(verification)}\n`)
  for (const line of broken) say(`not as promised: ${line}`)
  const ok = broken.length === 0 && verification.violations.length === 0
  say(ok ? `All ${sagas.length} sagas as promised.` : 'Not as promised.')
  process.exit(ok ? 0 : 1)
} catch (error) {
  say(error instanceof Error ? error.message : String(error))
  process.exit(error instanceof Ended ? 130 : 1)
}
