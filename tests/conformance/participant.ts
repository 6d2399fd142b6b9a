import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceName } from '@countermand/contracts'
import { createTestDatabase } from '@countermand/testing'
import { type Instance, lateReplies, type Participant, roles } from '@countermand/testing/conformance/index.ts'
import { startPart } from '@countermand/tools/stack/part.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { programOf } from '@countermand/tools/system/processes.ts'
import { untilReady } from '@countermand/tools/system/ready.ts'
import pg from 'pg'
import type { StackAddresses } from '../global-setup.ts'
import { digests } from './digests.ts'

const orderPatience = 4_000
const applicationName = 'conformance'

/** Starts one process and waits until `/readyz` of `<SERVICE>_HTTP_PORT` answers 200. */
const launch = async (
  service: ServiceName,
  options: {
    /** For a shell; absent: our own service. */
    readonly command: string | undefined
    readonly logFile: string
    readonly env: NodeJS.ProcessEnv
    readonly onCrash: (error: Error) => void
  },
): Promise<Instance> => {
  const port = await freePort()
  const { command, logFile, env, onCrash } = options
  const part = await startPart(
    {
      name: service,
      address: `127.0.0.1:${port}`,
      logFile,
      env: { ...process.env, ...env, [`${service.toUpperCase()}_HTTP_PORT`]: String(port) },
      stopSignal: 'SIGTERM',
      readyWithinMs: 60_000,
      stopWithinMs: 30_000,
      command: async () =>
        command === undefined
          ? { command: process.execPath, args: [programOf(service)] }
          : { command: 'sh', args: ['-c', `exec ${command}`] },
      ready: (signal) => untilReady(`http://127.0.0.1:${port}/readyz`, signal),
    },
    onCrash,
    AbortSignal.timeout(600_000),
  )
  return { stop: part.stop, kill: () => part.kill('SIGKILL') }
}

/** The suite's look into a participant's database, and its hand at the plug. */
const openPeephole = async (anyUrl: string, url: string) => {
  const pool = new pg.Pool({ connectionString: url, max: 4, application_name: applicationName })
  // Dropping the database cuts what is not closed yet.
  pool.on('error', () => undefined)
  const admin = new pg.Client({ connectionString: anyUrl })
  await admin.connect()
  return {
    digest: async (query: string, orderId: string) => {
      const { rows } = await pool.query<{ digest: unknown }>(query, [orderId])
      return rows.map((row) => JSON.stringify(row.digest ?? '')).join()
    },
    unpublished: async (orderId: string) => {
      const query = "select 1 from outbox where key = convert_to($1, 'UTF8') and published_at is null"
      return (await pool.query(query, [orderId])).rows.length
    },
    cutConnections: async () => {
      const query =
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name <> $2'
      return (await admin.query(query, [new URL(url).pathname.slice(1), applicationName])).rows.length
    },
    close: async () => {
      await pool.end()
      await admin.end()
    },
  }
}

/** A participant as real processes, by its command: `PARTICIPANT_COMMAND`, or our own service. It gets a database of its own. */
export const openParticipant = async (service: ServiceName, stack: StackAddresses): Promise<Participant> => {
  const { PARTICIPANT_COMMAND: command, PARTICIPANT_LOGS: logs, KAFKA_TOPIC_PREFIX: prefix } = process.env
  const query = command === undefined ? digests[service] : process.env.PARTICIPANT_DIGEST
  const home = logs ?? (await mkdtemp(join(tmpdir(), 'countermand-conformance-')))
  await mkdir(home, { recursive: true })
  const anyUrl = stack.databaseUrls[service]
  const database = await createTestDatabase(anyUrl, `conformance_${service}`)
  const peephole = await openPeephole(anyUrl, database.url)
  const crashes: string[] = []
  let instances = 0
  return {
    role: roles[service],
    brokers: stack.kafkaBrokers,
    prefix,
    orderPatience,
    launch: (topicPrefix) =>
      launch(service, {
        command,
        logFile: join(home, `${service}-${++instances}.log`),
        env: {
          KAFKA_BROKERS: stack.kafkaBrokers,
          KAFKA_TOPIC_PREFIX: topicPrefix,
          REPLY_TOPICS: lateReplies,
          ORDER_PATIENCE: `${orderPatience}ms`,
          [`${service.toUpperCase()}_DATABASE_URL`]: database.url,
        },
        onCrash: (error) => crashes.push(error.message),
      }),
    digest: query === undefined ? undefined : (orderId) => peephole.digest(query, orderId),
    unpublished: command === undefined ? peephole.unpublished : undefined,
    crashes: () => crashes,
    cutConnections: peephole.cutConnections,
    close: async () => {
      await peephole.close()
      await database.drop()
      if (logs === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}
