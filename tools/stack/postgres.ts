import { access, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DatabaseClient } from '@countermand/database/pool.ts'
import type pg from 'pg'
import { nativeOrDocker, type PartContext } from './context.ts'
import { container } from './docker.ts'
import { type Part, startPart } from './part.ts'
import { asUser, findPostgres, type PostgresProgram, type Unprivileged, unprivileged } from './postgres-program.ts'
import { run } from './programs.ts'
import type { Secured } from './secured.ts'
import { databaseAccount as account, databaseOwners, databaseUrl } from './settings.ts'
import { pinned } from './versions.ts'

const serverArgs = (port: number): string[] => [
  ...['-p', String(port), '-c', 'max_connections=200', '-c', 'timezone=UTC'],
]

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Makes the data directory of a new home beside its place, so that one half made is never taken for a whole one. */
const initialise = async (
  context: PartContext,
  program: PostgresProgram,
  data: string,
  user: Unprivileged | undefined,
): Promise<void> => {
  const making = `${data}.making`
  await rm(making, { recursive: true, force: true })
  await mkdir(making, { recursive: true, mode: 0o700 })
  if (user !== undefined) await chown(making, user.uid, user.gid)
  const passwordFile = `${data}.password`
  await writeFile(passwordFile, `${account}\n`, { mode: 0o600 })
  const flags = ['--encoding=UTF8', '--no-locale', '--auth=scram-sha-256', '--no-instructions', '--no-sync']
  const where = [`--pgdata=${making}`, `--username=${account}`, `--pwfile=${passwordFile}`]
  const { command, args } = asUser(user, program.initdb, [...where, ...flags])
  await run(command, args, { env: context.fetching.env, signal: context.signal })
  await rm(passwordFile)
  await rename(making, data)
}

/** Speaks TLS with whoever asks for it. Its files belong to it, else it does not take them. */
const encrypted = async (secured: Secured, data: string, user: Unprivileged | undefined): Promise<string[]> => {
  const files = { ssl_cert_file: secured.server.certificate, ssl_key_file: secured.server.privateKey }
  for (const [name, content] of Object.entries(files)) {
    const file = join(data, `${name}.pem`)
    await writeFile(file, content, { mode: 0o600 })
    if (user !== undefined) await chown(file, user.uid, user.gid)
  }
  return ['-c', 'ssl=on', ...Object.keys(files).flatMap((name) => ['-c', `${name}=${name}.pem`])]
}

const nativeCommand = async (context: PartContext, program: PostgresProgram, port: number) => {
  const data = join(context.home, 'postgres')
  const user = await unprivileged(context.fetching)
  if (!(await exists(data))) await initialise(context, program, data, user)
  const tls = context.secured === undefined ? [] : await encrypted(context.secured, data, user)
  // Paths of sockets are limited to about 100 characters, and a home may be longer: TCP alone.
  const here = ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=']
  return asUser(user, program.postgres, ['-D', data, ...here, ...tls, ...serverArgs(port)])
}

const dockerContainer = (context: PartContext, port: number) =>
  container({
    part: 'postgres',
    image: `postgres:${pinned.postgresImage}`,
    ports: [port],
    variables: { POSTGRES_USER: account, POSTGRES_PASSWORD: account, POSTGRES_DB: 'postgres' },
    args: ['postgres', '-c', 'listen_addresses=*', ...serverArgs(port)],
    home: context.home,
    keep: context.keep,
    env: context.fetching.env,
  })

const withClient = async <T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new DatabaseClient({ connectionString: url, connectionTimeoutMillis: 3_000 })
  // A server that dies under an idle connection is noticed by the next query.
  client.on('error', () => undefined)
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Asks a database for the server's version. Throws when it does not answer. */
export const postgresVersion = (url: string): Promise<string> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ server_version: string }>('show server_version')
    return rows[0]?.server_version.split(' ')[0] ?? 'unknown'
  })

/** Makes a database that is not there on a server that is given; `by`: the address of another one on it. */
export const ensureDatabase = (url: string, by: string): Promise<void> =>
  withClient(by, async (client) => {
    const name = new URL(url).pathname.slice(1)
    const { rows } = await client.query('select 1 from pg_database where datname = $1', [name])
    if (rows.length === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
  }).catch((cause: unknown) => {
    throw new Error(`expected a database ${new URL(url).pathname.slice(1)}, or the address of another one`, { cause })
  })

const createDatabases = (port: number): Promise<void> =>
  withClient(databaseUrl('postgres', port), async (client) => {
    const { rows } = await client.query<{ datname: string }>('select datname from pg_database')
    const present = new Set(rows.map(({ datname }) => datname))
    const missing = databaseOwners.map((owner) => `countermand_${owner}`).filter((name) => !present.has(name))
    for (const name of missing) await client.query(`create database ${client.escapeIdentifier(name)}`)
  })

const ready = async (port: number, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted()
    try {
      await createDatabases(port)
      await Promise.all(databaseOwners.map((owner) => postgresVersion(databaseUrl(owner, port))))
      return
    } catch {
      await sleep(100, undefined, { signal })
    }
  }
}

/** Starts PostgreSQL with one database for each service. */
export const startPostgres = async (context: PartContext, port: number): Promise<Part> => {
  const way = await nativeOrDocker(context, () => findPostgres(context.fetching))
  const docker = way === 'docker' ? dockerContainer(context, port) : undefined
  return startPart(
    {
      name: 'postgres',
      address: `127.0.0.1:${port}`,
      logFile: join(context.home, 'logs', 'postgres.log'),
      env: context.fetching.env,
      // Ends without waiting for its clients; SIGTERM would wait for them.
      stopSignal: 'SIGINT',
      readyWithinMs: docker ? 300_000 : 60_000,
      stopWithinMs: 10_000,
      command:
        way === 'docker' ? () => dockerContainer(context, port).command() : () => nativeCommand(context, way, port),
      ready: (signal) => ready(port, signal),
      signalPart: docker?.kill,
      afterStop: docker?.remove,
    },
    context.onCrash,
    context.signal,
  )
}
