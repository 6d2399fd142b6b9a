import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topicPlan } from '@countermand/contracts'
import type { Database } from '@countermand/database'
import { ensureTopics } from '@countermand/kafka'
import { createTestDatabase } from '@countermand/testing'
import { connectOutside, type Outside } from '@countermand/tools/shop/outside.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import type { DatabaseOwner } from '@countermand/tools/stack/settings.ts'
import { ensureNamespace } from '@countermand/tools/stack/temporal-namespace.ts'
import { choosePorts, type System, startSystem } from '@countermand/tools/system/index.ts'
import type { ProcessName } from '@countermand/tools/system/processes.ts'
import { patienceOf } from '@countermand/tools/system/running.ts'
import type { DeadLetter } from '@countermand/workflows/operations/dead-letters/document.ts'
import { readDeadLetters } from '@countermand/workflows/operations/dead-letters/read.ts'
import { listRuns } from '@countermand/workflows/operations/find/runs.ts'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { openTemporal, type Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { readStory, type Story } from '@countermand/workflows/operations/story/story.ts'
import { type Verification, verify } from '@countermand/workflows/operations/verify/verify.ts'
import type { StackAddresses } from '../global-setup.ts'
import { type Ended, openCommandLine } from './command-line/warm.ts'

/** The whole system on the shared stack, with topics, databases and a namespace of its own. */
export interface World {
  readonly system: System
  readonly topicPrefix: string
  /** Where it is, for whoever looks after it. */
  readonly where: Addresses
  /** Base address of the console's shop side, where there is one. */
  readonly shop: string
  readonly outside: Outside
  /** Read only. */
  readonly databases: Databases
  /** The same databases, for tests that write what no service would. */
  readonly raw: Readonly<Record<DatabaseOwner, Database>>
  readonly temporal: Temporal
  /** What the four databases say of an order or request. */
  story(id: string): Promise<Story>
  deadLetters(): Promise<DeadLetter[]>
  verify(): Promise<Verification>
  /** Runs the command line on this system: `saga('resolve', …)`. */
  saga(...args: readonly string[]): Promise<Ended>
  stop(): Promise<void>
}

const partitions = 2
/** Databases of their own for the four services, the gateway and the console. */
export const freshDatabases = async (stack: StackAddresses) => {
  const order = await createTestDatabase(stack.databaseUrls.order, 'order')
  const inventory = await createTestDatabase(stack.databaseUrls.inventory, 'inventory')
  const logistics = await createTestDatabase(stack.databaseUrls.logistics, 'logistics')
  const payment = await createTestDatabase(stack.databaseUrls.payment, 'payment')
  const gateway = await createTestDatabase(stack.databaseUrls.gateway, 'gateway')
  const console = await createTestDatabase(stack.databaseUrls.console, 'console')
  return {
    all: { order, inventory, logistics, payment, gateway, console },
    urls: {
      order: order.url,
      inventory: inventory.url,
      logistics: logistics.url,
      payment: payment.url,
      gateway: gateway.url,
      console: console.url,
    },
    drop: async () => {
      await Promise.all([order, inventory, logistics, payment, gateway, console].map((each) => each.drop()))
    },
  }
}

/** What the file of `POLICIES_FILE` says, by merchant. */
export type MerchantPolicies = Readonly<Record<string, Readonly<Record<string, string>>>>

/** By which doors our processes and the command line go, where those are others than the tests'. */
export interface Doors {
  readonly kafkaBrokers: string
  readonly temporalAddress: string
  readonly databaseUrl: (url: string) => string
  /** As whom each comes to Kafka; absent: as nobody. */
  readonly userOf?: (who: ProcessName | 'operators') => NodeJS.ProcessEnv
  /** With the topics' prefix: before our processes start. */
  readonly prepare?: (topicPrefix: string) => Promise<unknown>
}

/** Settings that say how servers are spoken to. */
const secures = /^(KAFKA_S|TEMPORAL_(TLS|API))/

const asTheyAre = ({ kafkaBrokers, temporalAddress }: StackAddresses): Doors => ({
  ...{ kafkaBrokers, temporalAddress },
  databaseUrl: (url) => url,
})

/** Starts our processes, without the console unless `CONSOLE` is `on`: few tests look at it. `env`: policies and the like. A process that ends by itself fails the test run. */
export const startWorld = async (
  stack: StackAddresses,
  env: NodeJS.ProcessEnv = {},
  merchants: MerchantPolicies = {},
  doors: Doors = asTheyAre(stack),
): Promise<World> => {
  const id = randomUUID().slice(0, 8)
  const home = await mkdtemp(join(tmpdir(), 'countermand-e2e-'))
  const policiesFile = join(home, 'policies.json')
  await writeFile(policiesFile, JSON.stringify({ merchants }))
  const topicPrefix = `e2e-${id}.`
  const namespace = `e2e-${id}`
  await ensureTopics({ brokers: stack.kafkaBrokers.split(',') }, topicPlan(), {
    prefix: topicPrefix,
    partitions,
    replication: 1,
  })
  const signal = AbortSignal.timeout(60_000)
  await ensureNamespace({ address: stack.temporalAddress }, namespace, { retentionDays: 1, timeoutMs: 60_000, signal })
  const fresh = await freshDatabases(stack)
  const { order, inventory, logistics, payment, gateway, console } = fresh.urls
  const databaseUrls = {
    order: doors.databaseUrl(order),
    inventory: doors.databaseUrl(inventory),
    logistics: doors.databaseUrl(logistics),
    payment: doors.databaseUrl(payment),
    gateway: doors.databaseUrl(gateway),
    console: doors.databaseUrl(console),
  }
  await doors.prepare?.(topicPrefix)
  const shopPort = await freePort()
  const system = await startSystem({
    shopPort,
    stack: { ...stack, ...doors, kafkaReplication: 1, databaseUrls },
    ...(doors.userOf !== undefined && { envOf: doors.userOf }),
    ports: await choosePorts('free', {}),
    home,
    env: {
      ...process.env,
      LOG_LEVEL: 'info',
      KAFKA_TOPIC_PREFIX: topicPrefix,
      TEMPORAL_NAMESPACE: namespace,
      KAFKA_PARTITIONS: String(partitions),
      POLICIES_FILE: policiesFile,
      CONSOLE: 'off',
      ...env,
    },
    log: () => undefined,
    onCrash: (error) => {
      throw error
    },
  })
  const where = {
    kafkaBrokers: stack.kafkaBrokers.split(','),
    temporalAddress: stack.temporalAddress,
    temporalUiUrl: stack.temporalUiUrl,
    namespace,
    topicPrefix,
    databaseUrls: fresh.urls,
  }
  const outside = await connectOutside({ kafkaBrokers: stack.kafkaBrokers, topicPrefix })
  const databases = openDatabases(fresh.urls)
  const temporal = await openTemporal(where)
  const commandLine = openCommandLine({
    PATH: process.env.PATH,
    NO_COLOR: '1',
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE,
    KAFKA_BROKERS: doors.kafkaBrokers,
    KAFKA_TOPIC_PREFIX: topicPrefix,
    TEMPORAL_ADDRESS: doors.temporalAddress,
    TEMPORAL_NAMESPACE: namespace,
    ...patienceOf(env),
    ...Object.fromEntries(Object.entries(env).filter(([name]) => secures.test(name))),
    ...doors.userOf?.('operators'),
    ...Object.fromEntries(
      Object.entries(databaseUrls).map(([name, url]) => [`${name.toUpperCase()}_DATABASE_URL`, url]),
    ),
  })
  return {
    system,
    topicPrefix,
    where,
    shop: `http://127.0.0.1:${shopPort}`,
    outside,
    databases,
    raw: {
      order: fresh.all.order.database,
      inventory: fresh.all.inventory.database,
      logistics: fresh.all.logistics.database,
      payment: fresh.all.payment.database,
      gateway: fresh.all.gateway.database,
      console: fresh.all.console.database,
    },
    temporal,
    story: async (of) => {
      const story = await readStory(of, { databases, where, deadLetters: () => readDeadLetters(where) })
      if (story === undefined) throw new Error(`expected a service that knows ${of}, got none`)
      return story
    },
    deadLetters: () => readDeadLetters(where),
    verify: () => verify(databases, () => listRuns(temporal)),
    saga: (...args) => commandLine.run(args),
    stop: async () => {
      await commandLine.stop()
      await outside.stop()
      await databases.close()
      await temporal.close()
      await system.stop()
      await fresh.drop()
      await rm(home, { recursive: true, force: true })
    },
  }
}
