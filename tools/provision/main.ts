/**
 * `node tools/provision/main.ts [--check] [--json]`: makes in a running Kafka and Temporal what our processes need of them: topics,
 * namespace, search attributes. Topics that are there get the settings of the plan. With `--check` it only looks. Exits 1 with what is not
 * as planned, one line each on stderr.
 */
import { parseArgs } from 'node:util'
import { visible } from '@countermand/contracts/shown.ts'
import { kafkaSecurity, readSettings, SettingsError, temporalSecurity } from '@countermand/settings'
import { Ended, endOnSignal } from '../system/end.ts'
import { provision } from './provision.ts'
import { provisionSettings } from './settings.ts'

/** What strangers named is seen, not obeyed. The image has none of what the command line prints with. */
const say = (line: string) => process.stderr.write(`${visible(line)}\n`)
const log = (line: string) => say(`[provision] ${line}`)

/** An error and what it came from, on one line. */
const inWords = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${inWords(error.cause)}`
}

const usage = (): { readonly check: boolean; readonly json: boolean } => {
  const options = { check: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } } as const
  try {
    const { check = false, json = false } = parseArgs({ options, strict: true }).values
    return { check, json }
  } catch (error) {
    log(`${inWords(error)}: expected --check, --json, --help or nothing`)
    return process.exit(2)
  }
}

const signal = endOnSignal().signal
const { check, json } = usage()
try {
  const settings = readSettings({ name: 'provision', env: process.env, argv: process.argv }, provisionSettings)
  const found = await provision({
    kafka: { brokers: settings.KAFKA_BROKERS, security: kafkaSecurity.parse(settings) },
    prefix: settings.KAFKA_TOPIC_PREFIX,
    partitions: settings.KAFKA_PARTITIONS,
    replication: settings.KAFKA_REPLICATION,
    temporal: {
      address: settings.TEMPORAL_ADDRESS,
      namespace: settings.TEMPORAL_NAMESPACE,
      security: temporalSecurity.parse(settings),
    },
    ...{ check, log, signal },
  })
  if (json) process.stdout.write(`${JSON.stringify(found, null, 2)}\n`)
  process.exitCode = found.ok ? 0 : 1
} catch (error) {
  if (error instanceof SettingsError) say(error.message)
  else log(inWords(error))
  // The other half may still be waiting.
  process.exit(error instanceof Ended ? 130 : 1)
}
