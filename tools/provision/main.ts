/**
 * `node tools/provision/main.ts [--check] [--json] [--rights <what>]`: makes in a running Kafka and Temporal what our processes need of them: topics,
 * namespace, search attributes. Topics that are there get the settings of the plan. With `--check` it only looks. Exits 1 with what is not
 * as planned, one line each on stderr.
 */
import { parseArgs } from 'node:util'
import { visible } from '@countermand/contracts/shown.ts'
import { addAcls } from '@countermand/kafka/acls.ts'
import { kafkaSecurity, readSettings, SettingsError, temporalSecurity } from '@countermand/settings'
import type { z } from 'zod'
import { Ended, endOnSignal } from '../system/end.ts'
import { provision } from './provision.ts'
import { principals, rightsOf } from './rights.ts'
import { provisionSettings } from './settings.ts'
import { isRightsFormat, rightsFormats } from './write-rights.ts'

/** What strangers named is seen, not obeyed. The image has none of what the command line prints with. */
const say = (line: string) => process.stderr.write(`${visible(line)}\n`)
const log = (line: string) => say(`[provision] ${line}`)

/** An error and what it came from, on one line. */
const inWords = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  return error.cause === undefined ? error.message : `${error.message}: ${inWords(error.cause)}`
}

const rightsWords = ['set', ...Object.keys(rightsFormats)]

const usage = (): { readonly check: boolean; readonly json: boolean; readonly rights: string | undefined } => {
  const flag = { type: 'boolean' } as const
  const options = { check: flag, json: flag, rights: { type: 'string' }, help: flag } as const
  try {
    const { check = false, json = false, rights } = parseArgs({ options, strict: true }).values
    if (rights !== undefined && (check || json))
      throw new Error('--rights: expected neither --check nor --json beside it')
    if (rights !== undefined && !rightsWords.includes(rights))
      throw new Error(`--rights: expected ${rightsWords.join(', ')}, got ${rights}`)
    return { check, json, rights }
  } catch (error) {
    log(`${inWords(error)}: expected --check, --json, --rights, --help or nothing`)
    return process.exit(2)
  }
}

const signal = endOnSignal().signal
const { check, json, rights } = usage()

const provideRights = async (what: string, settings: z.infer<typeof provisionSettings>): Promise<void> => {
  const wanted = rightsOf(settings.KAFKA_TOPIC_PREFIX)
  if (isRightsFormat(what)) return void process.stdout.write(`${rightsFormats[what](wanted)}\n`)
  const acls = wanted.flatMap(({ operations, ...right }) => operations.map((operation) => ({ ...right, operation })))
  await addAcls({ brokers: settings.KAFKA_BROKERS, security: kafkaSecurity.parse(settings) }, acls)
  log(`Kafka at ${settings.KAFKA_BROKERS.join(', ')} has ${acls.length} rights of ${principals.length} principals`)
}

try {
  const settings = readSettings({ name: 'provision', env: process.env, argv: process.argv }, provisionSettings)
  if (rights !== undefined) {
    await provideRights(rights, settings)
    process.exit(0)
  }
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
