/** `npm run demo`: everything real, started on free ports in a fresh home; sagas from their cancel event to their end. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type CollectedSpan, startCollector } from '@countermand/telemetry/collector.ts'
import { channelScenarios } from '../shop/channel-scenarios.ts'
import { scenarios } from '../shop/scenarios.ts'
import { freePort } from '../stack/ports.ts'
import { type Bank, startBank } from '../stand-ins/bank/started.ts'
import { crewNames, startCrew } from '../stand-ins/crew.ts'
import { type IdentityProcess, needsIdentity, startIdentity } from '../stand-ins/identity/started.ts'
import { aborted, Ended, endOnSignal } from '../system/end.ts'
import { startWhole, type Whole } from '../system/whole.ts'
import { program } from '../terminal/program.ts'
import { describeDemo, documentOf } from './report.ts'
import { type DemoResult, runScenarios } from './run.ts'

const started = performance.now()
const options: { readonly keep?: true; readonly json?: true; readonly channels?: true } = program(
  'demo',
  'Starts everything real on free ports, and plays sagas from their cancel event to their end.',
)
  .option('--keep', 'leave all of it running until Ctrl-C, to look at')
  .option('--json', 'print one JSON document')
  .option('--channels', 'every payment channel and carrier against its stand-in, straight and back')
  .addHelpText('after', '\nExit codes: 0 all went as promised, 1 something did not, 130 interrupted.')
  .parse()
  .opts()

const log = (line: string) => process.stderr.write(`[demo] ${line}\n`)
// With --json, stdout holds the document alone.
const say = (line: string) => (options.json ? process.stderr : process.stdout).write(`${line}\n`)

const addressesOf = ({ running }: Whole) => ({ ...running, kafkaBrokers: running.kafkaBrokers.split(',') })

const report = (whole: Whole, result: DemoResult, home: string): boolean => {
  const seconds = Math.round((performance.now() - started) / 100) / 10
  const document = documentOf(result, { seconds, versions: whole.stack.versions })
  if (options.json) process.stdout.write(`${JSON.stringify(document, null, 2)}\n`)
  else say(describeDemo(result, { seconds, running: whole.running, home, keep: options.keep === true }))
  for (const line of result.broken) log(`not as promised: ${line}`)
  return document.ok
}

type Ending = 'as-promised' | 'broken' | 'interrupted'
const exitCodes = { 'as-promised': 0, broken: 1, interrupted: 130 } as const

const run = async (home: string): Promise<Ending> => {
  const end = endOnSignal()
  const { signal } = end
  const onCrash = (error: Error) => end.abort(error)
  const notifyPort = await freePort()
  const notify = `http://127.0.0.1:${notifyPort}`
  const crew = options.channels && (await startCrew(crewNames, { home, notify, env: process.env, onCrash, signal }))
  const spans: CollectedSpan[] = []
  const collector = crew && (await startCollector(0, (more) => void spans.push(...more)))
  let bank: Bank | undefined
  let whole: Whole | undefined
  let identity: IdentityProcess | undefined
  try {
    bank = crew && (await startBank({ home, env: process.env, onCrash, signal }))
    const staffPort = String(await freePort())
    if (options.keep && needsIdentity(process.env)) {
      const staffUrl = `http://127.0.0.1:${staffPort}`
      identity = await startIdentity({ staffUrl, home, env: process.env, onCrash, signal })
    }
    const env = {
      ...process.env,
      ...(crew && { ACCOUNTS_FILE: crew.accountsFile, BANK_TRANSFER: 'file', LOG_LEVEL: 'debug' }),
      ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }),
      ...(identity && { ...identity.settings, STAFF_PORT: staffPort, STAFF_URL: '' }),
    }
    whole = await startWhole({ home, ports: 'free', notifyPort, env, log, onCrash, signal })
    const over = aborted(signal).then(() => Promise.reject(signal.reason))
    const { databaseUrls } = whole.stack
    const played = {
      ...{ scenarios: crew ? channelScenarios : scenarios, where: addressesOf(whole) },
      ...(crew && { atProviders: { crew, ...(bank && { bank }), written: { home, databaseUrls, spans } } }),
    }
    const result = await Promise.race([runScenarios(played, say, signal), over])
    const ok = report(whole, result, home)
    if (identity && whole.running.staff)
      say(`staff: ${whole.running.staff}, sign in by a button, as ${identity.who.join(', ')}`)
    if (options.keep) await aborted(signal)
    if (signal.aborted && !(signal.reason instanceof Ended)) throw signal.reason
    return ok ? 'as-promised' : 'broken'
  } finally {
    log('ending')
    await whole?.stop()
    await identity?.stop()
    await bank?.stop()
    await crew?.stop()
    await collector?.close()
  }
}

const main = async (): Promise<number> => {
  const home = await mkdtemp(join(tmpdir(), 'countermand-demo-'))
  const ending = await run(home).catch((error: unknown): Ending => {
    log(error instanceof Error ? error.message : String(error))
    return error instanceof Ended ? 'interrupted' : 'broken'
  })
  if (ending === 'broken') log(`logs are in ${join(home, 'logs')}`)
  else await rm(home, { recursive: true, force: true })
  return exitCodes[ending]
}

// Connections of a run that was cut short may still be open.
process.exit(await main())
