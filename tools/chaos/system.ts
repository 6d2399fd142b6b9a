import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { openTemporal, type Temporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { connectOutside, type Outside } from '../shop/outside.ts'
import { startTreasury, type Treasury } from '../shop/treasury.ts'
import { type Stack, startStack } from '../stack/index.ts'
import type { StackCrash } from '../stack/part.ts'
import { freePort } from '../stack/ports.ts'
import { type Roads, startToxiproxy } from '../stack/toxiproxy.ts'
import { type Bank, startBank } from '../stand-ins/bank/started.ts'
import { type Crew, crewNames, startCrew } from '../stand-ins/crew.ts'
import { choosePorts, type System, type SystemProcess, startSystem } from '../system/index.ts'
import { dealCodecs } from './codecs.ts'
import { blockedCustomer } from './foreseen.ts'
import { merchant } from './load.ts'
import { bankMerchant, crowdMerchant, patientMerchant } from './mix.ts'

/** The system that is broken on purpose: everything real, each process's connections through a proxy, two orchestrators. */
export interface Victim {
  /** Holds its logs. */
  readonly home: string
  readonly stack: Stack
  readonly roads: Roads
  readonly system: System
  /** The providers and carriers that it works with. */
  readonly crew: Crew
  readonly bank: Bank
  /** Who sends refunds there, past the proxies too. */
  readonly treasury: Treasury
  readonly secondOrchestrator: SystemProcess
  /** All seven. */
  readonly processes: readonly SystemProcess[]
  /** The shop's side, past the proxies: what breaks for the system does not break the measurement. */
  readonly outside: Outside
  readonly where: Addresses
  readonly databases: Databases
  readonly temporal: Temporal
  readonly log: (line: string) => void
  stop(): Promise<void>
}

export interface VictimOptions {
  readonly home: string
  readonly seed: number
  /** How long patient merchants, carriers and banks take, in milliseconds. */
  readonly waitMs: number
  readonly env: NodeJS.ProcessEnv
  readonly log: (line: string) => void
  readonly onCrash: (error: StackCrash) => void
  readonly signal: AbortSignal
}

/** Short, so that what parks and waits does so within the run. Nothing that a fault holds up may run out of patience: it would be refused rightly. */
const settings = (waitMs: number, policiesFile: string): NodeJS.ProcessEnv => ({
  ORDER_PATIENCE: '2m',
  INTERCEPT_PATIENCE: `${waitMs * 2}ms`,
  MERCHANT_DEADLINE: `${Math.round(waitMs / 5)}ms`,
  MERCHANT_SILENCE: 'approve',
  // The one desk that decides for all of them.
  DECISIONS_FROM: merchant,
  STEP_ATTEMPTS: '3',
  UNDO_ATTEMPTS: '3',
  STEP_BACKOFF: '50ms',
  BLOCKED_CUSTOMERS: blockedCustomer,
  SWEEP_INTERVAL: '10s',
  POLICIES_FILE: policiesFile,
})

const merchants = (waitMs: number) => ({
  'mer-always': { MERCHANT_APPROVAL: 'always' },
  'mer-credit': { REFUND_FALLBACK: 'store-credit' },
  [bankMerchant]: { REFUND_FALLBACK: 'bank-transfer' },
  [crowdMerchant]: { MERCHANT_APPROVAL: 'always', MERCHANT_DEADLINE: '1h' },
  [patientMerchant]: { MERCHANT_APPROVAL: 'always', MERCHANT_DEADLINE: `${waitMs}ms` },
})

/** Faults are for what was started here: no address or name of another system's gets through. */
const ownOnly = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(env).filter(
      ([name]) => !/^(KAFKA|TEMPORAL)_(BROKERS|ADDRESS|NAMESPACE|TOPIC_PREFIX)$|_DATABASE_URL$/.test(name),
    ),
  )

const portOf = (address: string): number => Number(new URL(`http://${address.split(',')[0]}`).port)

const through = (url: string, port: number): string => {
  const proxied = new URL(url)
  proxied.port = String(port)
  return proxied.href
}

type Begun = { stop(): Promise<void> }[]

/** The providers, the carriers and the bank; `notify`: where they tell of what happens. */
const startStandIns = async (options: VictimOptions, notify: string, begun: Begun) => {
  const { home, onCrash, signal } = options
  const env = ownOnly(options.env)
  const crew = await startCrew(crewNames, { home, notify, env, onCrash, signal })
  begun.push(crew)
  const bank = await startBank({ home, env, onCrash, signal })
  begun.push(bank)
  return { crew, bank }
}

/** Whoever looks at it from outside, past the proxies. */
const startNeighbours = async (
  { home, waitMs, log }: VictimOptions,
  { stack, bank }: { readonly stack: Stack; readonly bank: Bank },
  begun: Begun,
) => {
  const { kafkaBrokers, temporalAddress, temporalUiUrl, databaseUrls } = stack
  const where: Addresses = {
    ...{ kafkaBrokers: [kafkaBrokers], topicPrefix: '', databaseUrls },
    ...{ temporalAddress, temporalUiUrl, namespace: 'default' },
  }
  const outside = await connectOutside({ kafkaBrokers, topicPrefix: '' })
  begun.push(outside)
  const [folder, paymentDatabaseUrl] = [join(home, 'treasury'), databaseUrls.payment]
  const treasury = await startTreasury({ outside, bank, paymentDatabaseUrl, folder, everyMs: waitMs / 4, log })
  begun.push(treasury)
  const databases = openDatabases(databaseUrls)
  begun.push({ stop: databases.close })
  const temporal = await openTemporal(where)
  begun.push({ stop: temporal.close })
  return { where, outside, treasury, databases, temporal }
}

/** Starts it all on free ports. What was started is ended when the rest cannot be. */
export const startVictim = async (options: VictimOptions): Promise<Victim> => {
  const { home, seed, waitMs, log, onCrash, signal } = options
  const env = ownOnly(options.env)
  const begun: Begun = []
  const stop = async () => {
    for (const each of begun.toReversed()) await each.stop()
  }
  try {
    const door = { port: await freePort(), proxyPort: await freePort() }
    const stack = await startStack({ home, ports: 'free', env, log, kafkaProxied: door, onCrash, signal })
    begun.push(stack)
    const ports = { temporal: await freePort(), postgres: await freePort() }
    const roads = await startToxiproxy(
      {
        kafka: { port: door.proxyPort, to: door.port },
        temporal: { port: ports.temporal, to: portOf(stack.temporalAddress) },
        postgres: { port: ports.postgres, to: portOf(stack.postgres.address) },
      },
      { home, env, log, onCrash, signal },
    )
    begun.push(roads.part)

    const notifyPort = await freePort()
    const notify = `http://127.0.0.1:${notifyPort}`
    const standIns = await startStandIns(options, notify, begun)

    const policiesFile = join(home, 'policies.json')
    await writeFile(policiesFile, JSON.stringify({ merchants: merchants(waitMs) }))
    const { order, inventory, logistics, payment, gateway, console } = stack.databaseUrls
    const system = await startSystem({
      stack: {
        kafkaBrokers: `127.0.0.1:${door.proxyPort}`,
        kafkaReplication: stack.kafkaReplication,
        temporalAddress: `127.0.0.1:${ports.temporal}`,
        databaseUrls: {
          order: through(order, ports.postgres),
          inventory: through(inventory, ports.postgres),
          logistics: through(logistics, ports.postgres),
          payment: through(payment, ports.postgres),
          gateway: through(gateway, ports.postgres),
          console: through(console, ports.postgres),
        },
      },
      ports: await choosePorts('free', {}),
      notifyPort,
      home,
      env: {
        ...env,
        ...settings(waitMs, policiesFile),
        ACCOUNTS_FILE: standIns.crew.accountsFile,
        BANK_TRANSFER: 'file',
      },
      log,
      onCrash,
      signal,
    })
    begun.push(system)
    await dealCodecs([stack.kafkaBrokers], stack.kafkaReplication, seed)
    const secondOrchestrator = await system.startAnother('orchestrator')

    const neighbours = await startNeighbours(options, { stack, bank: standIns.bank }, begun)
    const processes = [...Object.values(system.processes), secondOrchestrator]
    return { home, stack, roads, system, secondOrchestrator, processes, ...standIns, ...neighbours, log, stop }
  } catch (error) {
    await stop()
    throw error
  }
}
