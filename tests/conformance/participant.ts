import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceName } from '@countermand/contracts'
import { createTestDatabase } from '@countermand/testing'
import { type Instance, type Participant, roles } from '@countermand/testing/conformance/index.ts'
import { startPart } from '@countermand/tools/stack/part.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { programOf } from '@countermand/tools/system/processes.ts'
import { untilReady } from '@countermand/tools/system/ready.ts'
import pg from 'pg'
import type { StackAddresses } from '../global-setup.ts'
import { digests } from './digests.ts'

const orderPatience = 4_000

/**
 * A participant as a real process, by its command: `PARTICIPANT_COMMAND`, or our own service. It gets a database of its own, and is
 * ready when `/readyz` of `<SERVICE>_HTTP_PORT` answers 200.
 */
export const openParticipant = async (service: ServiceName, stack: StackAddresses): Promise<Participant> => {
  const { PARTICIPANT_COMMAND: command, PARTICIPANT_DIGEST: theirDigest, KAFKA_TOPIC_PREFIX: prefix } = process.env
  const { PARTICIPANT_LOGS: logs } = process.env
  const digest = command === undefined ? digests[service] : theirDigest
  const home = logs ?? (await mkdtemp(join(tmpdir(), 'countermand-conformance-')))
  await mkdir(home, { recursive: true })
  const database = await createTestDatabase(stack.databaseUrls[service], `conformance_${service}`)
  const pool = new pg.Pool({ connectionString: database.url, max: 4, application_name: 'conformance' })
  // The suite cuts its own connections, too: the pool makes new ones.
  pool.on('error', () => undefined)
  const admin = new pg.Client({ connectionString: stack.databaseUrls[service] })
  await admin.connect()
  const setting = service.toUpperCase()
  const crashes: string[] = []
  let instances = 0

  const launch = async (topicPrefix: string): Promise<Instance> => {
    const port = await freePort()
    const part = await startPart(
      {
        name: service,
        address: `127.0.0.1:${port}`,
        logFile: join(home, `${service}-${++instances}.log`),
        env: {
          ...process.env,
          KAFKA_BROKERS: stack.kafkaBrokers,
          KAFKA_TOPIC_PREFIX: topicPrefix,
          ORDER_PATIENCE: `${orderPatience}ms`,
          [`${setting}_DATABASE_URL`]: database.url,
          [`${setting}_HTTP_PORT`]: String(port),
        },
        stopSignal: 'SIGTERM',
        readyWithinMs: 60_000,
        stopWithinMs: 30_000,
        command: async () =>
          command === undefined
            ? { command: process.execPath, args: [programOf(service)] }
            : { command: 'sh', args: ['-c', `exec ${command}`] },
        ready: (signal) => untilReady(`http://127.0.0.1:${port}/readyz`, signal),
      },
      (error) => crashes.push(error.message),
      AbortSignal.timeout(600_000),
    )
    return { stop: part.stop, kill: () => part.kill('SIGKILL') }
  }

  const digestOf = async (query: string, orderId: string) => {
    const { rows } = await pool.query<{ digest: unknown }>(query, [orderId])
    return rows.map((row) => JSON.stringify(row.digest ?? '')).join()
  }

  return {
    role: roles[service],
    brokers: stack.kafkaBrokers,
    prefix,
    orderPatience,
    launch,
    digest: digest === undefined ? undefined : (orderId) => digestOf(digest, orderId),
    unpublished:
      command === undefined
        ? async (orderId) => {
            const query = "select 1 from outbox where key = convert_to($1, 'UTF8') and published_at is null"
            return (await pool.query(query, [orderId])).rows.length
          }
        : undefined,
    crashes: () => crashes,
    cutConnections: async () => {
      const query = `select pg_terminate_backend(pid) from pg_stat_activity
        where datname = $1 and application_name <> 'conformance'`
      return (await admin.query(query, [new URL(database.url).pathname.slice(1)])).rows.length
    },
    close: async () => {
      await pool.end()
      await admin.end()
      await database.drop()
      if (logs === undefined) await rm(home, { recursive: true, force: true })
    },
  }
}
