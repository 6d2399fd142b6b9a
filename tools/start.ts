/** `npm start`: stack, services and orchestrator in the foreground, until Ctrl-C. */

import { databaseAccount } from './stack/settings.ts'
import { type IdentityProcess, needsIdentity, startIdentity } from './stand-ins/identity/started.ts'
import { aborted, Ended, endOnSignal } from './system/end.ts'
import { notifyPort } from './system/processes.ts'
import { homeOf } from './system/running.ts'
import { staffUrlOf, startWhole, type Whole } from './system/whole.ts'
import { program } from './terminal/program.ts'

program(
  'start',
  'Starts Kafka, Temporal and PostgreSQL, the services, the gateway, the console, the orchestrator and operations, prints where they are, and ends them on Ctrl-C.',
)
  .addHelpText(
    'after',
    '\nSettings are environment variables: docs/running.md. Exit codes: 0 ended by a signal, 1 it could not start or something crashed.',
  )
  .parse()

const log = (line: string) => process.stderr.write(`[start] ${line}\n`)

/** Of a server that was given, the password is nobody's to read over a shoulder. */
const shown = (address: string): string => {
  const url = new URL(address)
  if (url.password !== databaseAccount) url.password = ''
  return url.href
}

const describe = ({ running }: Whole, home: string, identity: IdentityProcess | undefined): string =>
  [
    '',
    `Temporal UI  ${running.temporalUiUrl}`,
    `Temporal     ${running.temporalAddress}, namespace ${running.namespace}`,
    `Kafka        ${running.kafkaBrokers}`,
    ...Object.entries(running.databaseUrls).map(([owner, url]) => `PostgreSQL   ${owner.padEnd(12)} ${shown(url)}`),
    `notify       POST http://127.0.0.1:${notifyPort(process.env)}/notify/<account>`,
    ...(running.shop === undefined
      ? []
      : [`shop         ${running.shop}/v1/openapi.json`, 'customers    npm run saga -- link <orderId>']),
    ...(running.staff === undefined
      ? []
      : [
          `staff        ${running.staff}`,
          ...(identity === undefined ? [] : [`             sign in by a button, as ${identity.who.join(', ')}`]),
        ]),
    ...Object.entries(running.http).map(([name, url]) => `health       ${name.padEnd(12)} ${url}/readyz`),
    `data, logs   ${home}`,
    '',
    'npm run saga -- status, list, show <id> and verify find it. Ctrl-C ends everything; the data stay.',
    '',
  ].join('\n')

const end = endOnSignal()
const home = homeOf(process.env)
const onCrash = (error: Error) => {
  process.exitCode = 1
  end.abort(error)
}

/** Somebody who says who members of staff are, where the settings name nobody: on this machine alone. */
const startStaff = (): Promise<IdentityProcess> | undefined =>
  needsIdentity(process.env)
    ? startIdentity({ staffUrl: staffUrlOf(process.env), home, env: process.env, onCrash, signal: end.signal })
    : undefined

let identity: IdentityProcess | undefined
try {
  identity = await startStaff()
  const env = { ...process.env, ...identity?.settings }
  const whole = await startWhole({ home, ports: 'settings', env, log, onCrash, signal: end.signal })
  process.stdout.write(describe(whole, home, identity))
  await aborted(end.signal)
  log(end.signal.reason instanceof Ended ? 'ending' : end.signal.reason.message)
  await whole.stop()
  await identity?.stop()
  log('everything has ended')
} catch (error) {
  await identity?.stop()
  if (!(error instanceof Ended)) {
    log(error instanceof Error ? error.message : String(error))
    process.exitCode = 1
  }
}
