import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { topicPlan } from '@countermand/contracts/topics.ts'
import { serviceName } from '@countermand/contracts/vocabulary.ts'
import { waitForBroker } from '@countermand/kafka/admin.ts'
import { ensureTopics } from '@countermand/kafka/topics-in-place.ts'
import type { PartContext } from './context.ts'
import { ownReplication, type ProxiedDoor, startKafka, topicOptions } from './kafka.ts'
import { foreignPart, type Part, type PartName, type StackCrash } from './part.ts'
import { freePort, requireFree } from './ports.ts'
import { ensureDatabase, postgresVersion, startPostgres } from './postgres.ts'
import { makeSecured, type Secured } from './secured.ts'
import {
  besideOrders,
  besideOwners,
  type DatabaseOwner,
  databaseUrl,
  isBeside,
  type PortName,
  readStackSettings,
  type StackSettings,
} from './settings.ts'
import { startTemporal } from './temporal.ts'
import { ensureNamespace, temporalVersion } from './temporal-namespace.ts'
import { pinned } from './versions.ts'

export { type Part, type PartName, StackCrash } from './part.ts'

export interface StackOptions {
  /** Holds data and logs; made when it is not there, used again when it is. The caller decides whether it stays. */
  readonly home: string
  /** Ports as the settings say, or free ones. */
  readonly ports: 'settings' | 'free'
  readonly env: NodeJS.ProcessEnv
  readonly log: (line: string) => void
  /** Only these parts; by default all three. The others have an empty address. */
  readonly parts?: readonly PartName[]
  /** Lets clients reach Kafka through a proxy as well; `kafkaBrokers` stays the way past it. */
  readonly kafkaProxied?: ProxiedDoor
  /** Gives the parts doors with TLS as well, and Kafka one where clients sign in; not where Docker runs them. */
  readonly secured?: { readonly principals: readonly string[] }
  /** A part ended by itself. The caller then stops the stack; without this, the stack stops and the process's exit code is 1. */
  readonly onCrash?: (error: StackCrash) => void
  /** Ends a start that is under way. */
  readonly signal?: AbortSignal
}

export interface Stack {
  /** host:port, separated by commas */
  readonly kafkaBrokers: string
  /** Copies of each partition that topics have, or would have if they were made now. */
  readonly kafkaReplication: number
  readonly temporalAddress: string
  readonly temporalUiUrl: string
  readonly databaseUrls: Readonly<Record<DatabaseOwner, string>>
  readonly versions: {
    readonly node: string
    readonly temporal: string
    readonly kafka: string
    readonly postgres: string
  }
  /** What is behind the secured doors, where there are some. */
  readonly secured?: Secured | undefined
  /** Of the parts that run on this machine and are ours. */
  readonly pids: Readonly<Partial<Record<PartName, number>>>
  readonly kafka: Part
  readonly temporal: Part
  readonly postgres: Part
  /** Ends all parts that were started. May be called again. */
  stop(): Promise<void>
}

type Ports = Readonly<Record<PortName, number>>

const portNames: Readonly<Record<PartName, readonly PortName[]>> = {
  kafka: ['KAFKA_PORT'],
  temporal: ['TEMPORAL_PORT', 'TEMPORAL_UI_PORT'],
  postgres: ['POSTGRES_PORT'],
}

const choosePorts = async (
  settings: StackSettings,
  started: readonly PartName[],
  kind: 'settings' | 'free',
): Promise<Ports> => {
  if (kind === 'settings') {
    const needed = started.flatMap((part) => portNames[part])
    await requireFree(Object.fromEntries(needed.map((name) => [name, settings.ports[name]])))
    return settings.ports
  }
  return {
    KAFKA_PORT: await freePort(),
    TEMPORAL_PORT: await freePort(),
    TEMPORAL_UI_PORT: await freePort(),
    POSTGRES_PORT: await freePort(),
  }
}

/** Whether the part runs elsewhere already, by its address in the environment. */
const isGiven = (settings: StackSettings, part: PartName): boolean => {
  if (part === 'kafka') return settings.kafkaBrokers !== undefined
  if (part === 'temporal') return settings.temporalAddress !== undefined
  return serviceName.options.every((owner) => settings.databaseUrls[owner] !== undefined)
}

/** A part that runs elsewhere: it is asked whether it answers, and gets the topics or search attributes that it lacks. */
const useGiven = async (context: PartContext, part: PartName): Promise<Part> => {
  const { settings, fetching, signal } = context
  if (part === 'kafka') {
    const brokers = settings.kafkaBrokers ?? []
    fetching.log(`kafka: using KAFKA_BROKERS=${brokers.join(',')}`)
    const cluster = { brokers, security: settings.kafkaSecurity }
    await waitForBroker(cluster, 30_000, signal)
    // Not ours to change: what is there stays as it is.
    await ensureTopics(cluster, topicPlan(), await topicOptions(context), signal)
    return foreignPart(part, brokers.join(','), 'KAFKA_BROKERS is set')
  }
  if (part === 'temporal') {
    const address = settings.temporalAddress ?? ''
    fetching.log(`temporal: using TEMPORAL_ADDRESS=${address}`)
    const server = { address, security: settings.temporalSecurity }
    await ensureNamespace(server, settings.temporalNamespace, { retentionDays: 30, timeoutMs: 30_000, signal })
    return foreignPart(part, address, 'TEMPORAL_ADDRESS is set')
  }
  fetching.log('postgres: using the databases of <SERVICE>_DATABASE_URL')
  const { databaseUrls } = settings
  await Promise.all(serviceName.options.map((owner) => postgresVersion(databaseUrls[owner] ?? '')))
  const order = databaseUrls.order ?? ''
  for (const owner of besideOwners) {
    const url = databaseUrls[owner]
    if (url === undefined) await ensureDatabase(besideOrders(order, owner), order)
    else await postgresVersion(url)
  }
  return foreignPart(part, new URL(order).host, '<SERVICE>_DATABASE_URL is set')
}

const startOne = async (
  context: PartContext,
  part: PartName,
  ports: Ports,
  proxied: ProxiedDoor | undefined,
): Promise<Part> => {
  const started = performance.now()
  context.fetching.log(`${part}: starting`)
  const running = await {
    kafka: () => startKafka(context, ports.KAFKA_PORT, proxied),
    temporal: () => startTemporal(context, { frontend: ports.TEMPORAL_PORT, ui: ports.TEMPORAL_UI_PORT }),
    postgres: () => startPostgres(context, ports.POSTGRES_PORT),
  }[part]()
  context.fetching.log(
    `${part}: ready on ${running.address} after ${((performance.now() - started) / 1000).toFixed(1)} s`,
  )
  return running
}

const replicationOf = async (context: PartContext, wanted: boolean): Promise<number> =>
  wanted && isGiven(context.settings, 'kafka') ? (await topicOptions(context)).replication : ownReplication(context)

const readVersions = async (
  settings: StackSettings,
  parts: Readonly<Record<PartName, Part>>,
  urls: Stack['databaseUrls'],
) => ({
  node: process.versions.node,
  temporal:
    parts.temporal.address === ''
      ? ''
      : await temporalVersion({ address: parts.temporal.address, security: settings.temporalSecurity }),
  // Kafka's protocol does not tell the version of a broker.
  kafka: settings.kafkaBrokers === undefined ? pinned.kafka : 'unknown',
  postgres: parts.postgres.address === '' ? '' : await postgresVersion(urls.order),
})

const uiUrl = (settings: StackSettings, ports: Ports, temporal: Part): string => {
  if (settings.temporalAddress === undefined) return `http://127.0.0.1:${ports.TEMPORAL_UI_PORT}`
  return `http://${temporal.address.split(':')[0]}:${settings.ports.TEMPORAL_UI_PORT}`
}

const securedDoors = async ({ secured }: StackOptions, { way }: StackSettings, home: string) =>
  secured === undefined || way === 'docker' ? undefined : makeSecured(home, await freePort(), secured.principals)

/**
 * Starts real Kafka, Temporal and PostgreSQL side by side, and resolves when each of them answers: all topics with their leaders, the
 * namespace with its search attributes, a database for each service. Nothing is started for an address given by the environment.
 * When one part cannot be started, the others are ended and its error is thrown. No part outlives this process.
 */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const settings = readStackSettings(options.env)
  const wanted = options.parts ?? (['kafka', 'temporal', 'postgres'] as const)
  const home = resolve(options.home)
  await mkdir(join(home, 'logs'), { recursive: true })
  const ports = await choosePorts(
    settings,
    wanted.filter((part) => !isGiven(settings, part)),
    options.ports,
  )

  const failed = new AbortController()
  const signal = options.signal === undefined ? failed.signal : AbortSignal.any([options.signal, failed.signal])
  const running: Part[] = []
  const stop = async () => {
    await Promise.all(running.map((part) => part.stop()))
  }
  const onCrash = (error: StackCrash) => {
    if (options.onCrash !== undefined) return options.onCrash(error)
    options.log(error.message)
    process.exitCode = 1
    void stop()
  }
  const fetching = { env: options.env, log: options.log, signal }
  const secured = await securedDoors(options, settings, home)
  const context: PartContext = {
    settings,
    home,
    secured,
    keep: options.ports === 'settings',
    fetching,
    signal,
    onCrash,
  }

  const begin = async (part: PartName): Promise<Part> => {
    if (!wanted.includes(part)) return foreignPart(part, '', 'it was not asked for')
    try {
      const begun = isGiven(settings, part)
        ? await useGiven(context, part)
        : await startOne(context, part, ports, options.kafkaProxied)
      running.push(begun)
      return begun
    } catch (error) {
      failed.abort(error)
      throw error
    }
  }
  const [kafka, temporal, postgres] = await Promise.allSettled([begin('kafka'), begin('temporal'), begin('postgres')])
  if (kafka.status === 'rejected' || temporal.status === 'rejected' || postgres.status === 'rejected') {
    await stop()
    throw options.signal?.aborted ? options.signal.reason : failed.signal.reason
  }

  const parts = { kafka: kafka.value, temporal: temporal.value, postgres: postgres.value }
  const ownUrl = (owner: DatabaseOwner) => (wanted.includes('postgres') ? databaseUrl(owner, ports.POSTGRES_PORT) : '')
  const { order } = settings.databaseUrls
  const isElsewhere = order !== undefined && isGiven(settings, 'postgres')
  const url = (owner: DatabaseOwner) =>
    settings.databaseUrls[owner] ?? (isElsewhere && isBeside(owner) ? besideOrders(order, owner) : ownUrl(owner))
  const databaseUrls = {
    order: url('order'),
    inventory: url('inventory'),
    logistics: url('logistics'),
    payment: url('payment'),
    gateway: url('gateway'),
    console: url('console'),
  }
  const [versions, kafkaReplication] = await Promise.all([
    readVersions(settings, parts, databaseUrls),
    replicationOf(context, wanted.includes('kafka')),
  ]).catch(async (error: unknown) => {
    await stop()
    throw error
  })
  return {
    ...parts,
    kafkaBrokers: parts.kafka.address,
    kafkaReplication,
    temporalAddress: parts.temporal.address,
    temporalUiUrl: parts.temporal.address === '' ? '' : uiUrl(settings, ports, parts.temporal),
    databaseUrls,
    versions,
    secured,
    get pids() {
      const alive = Object.values(parts).flatMap((part) => (part.pid === undefined ? [] : [[part.name, part.pid]]))
      return Object.fromEntries(alive)
    },
    stop,
  }
}
