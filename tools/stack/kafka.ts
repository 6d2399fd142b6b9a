import { access, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { topicPlan } from '@countermand/contracts/topics.ts'
import { brokersOf, waitForBroker } from '@countermand/kafka/admin.ts'
import { differenceInWords, provisionTopics, type TopicOptions } from '@countermand/kafka/topics-in-place.ts'
import { nativeOrDocker, type PartContext } from './context.ts'
import { container } from './docker.ts'
import { fetchKafka, type JavaProgram } from './fetch.ts'
import { sizeOf, waitForText } from './log-file.ts'
import { type Part, startPart } from './part.ts'
import { freePort } from './ports.ts'
import { run } from './programs.ts'
import { type Secured, securedDoor, securedUsers } from './secured.ts'
import { pinned } from './versions.ts'

/** A second door of the broker, for clients that come through a proxy: a client goes wherever the broker tells it to. */
export interface ProxiedDoor {
  /** Where the broker listens for the proxy. */
  readonly port: number
  /** Where the proxy listens, which is what clients are told. */
  readonly proxyPort: number
}

interface Ports {
  readonly broker: number
  readonly controller: number
  readonly proxied: ProxiedDoor | undefined
  readonly secured: Secured | undefined
}

const doors = ({ broker, proxied, secured }: Ports, listen: string) => [
  { name: 'PLAINTEXT', listens: `${listen}:${broker}`, told: `127.0.0.1:${broker}` },
  ...(proxied === undefined
    ? []
    : [{ name: 'PROXIED', listens: `${listen}:${proxied.port}`, told: `127.0.0.1:${proxied.proxyPort}` }]),
  ...(secured === undefined
    ? []
    : [{ name: 'SECURED', listens: `${listen}:${secured.kafkaPort}`, told: `127.0.0.1:${secured.kafkaPort}` }]),
]

/** One node that is broker and controller, set up for one machine. `listen` is where it listens, clients are told 127.0.0.1. */
const brokerProperties = (ports: Ports, listen: string): Record<string, string> => ({
  'node.id': '1',
  'process.roles': 'broker,controller',
  listeners: [
    ...doors(ports, listen).map(({ name, listens }) => `${name}://${listens}`),
    `CONTROLLER://127.0.0.1:${ports.controller}`,
  ].join(','),
  'advertised.listeners': doors(ports, listen)
    .map(({ name, told }) => `${name}://${told}`)
    .join(','),
  'inter.broker.listener.name': 'PLAINTEXT',
  'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,PROXIED:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT',
  ...(ports.secured !== undefined && securedDoor(ports.secured)),
  'controller.listener.names': 'CONTROLLER',
  'controller.quorum.voters': `1@127.0.0.1:${ports.controller}`,
  // A topic is part of the plan or a mistake.
  'auto.create.topics.enable': 'false',
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '8',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'transaction.state.log.num.partitions': '4',
  'group.initial.rebalance.delay.ms': '0',
  // A broker that was killed may only register again when its old session is over: 9 s as it comes. Much shorter, and a busy machine
  // would fence a healthy one.
  'broker.session.timeout.ms': '6000',
  'broker.heartbeat.interval.ms': '1000',
})

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Writes the configuration anew for each start, since ports change, and formats the data directory of a new home. */
const prepare = async (context: PartContext, { java, classpath }: JavaProgram, ports: Ports): Promise<string> => {
  const directory = join(context.home, 'kafka')
  const data = join(directory, 'data')
  const file = join(directory, 'server.properties')
  await mkdir(directory, { recursive: true })
  const properties = { ...brokerProperties(ports, '127.0.0.1'), 'log.dirs': data }
  const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}\n`)
  await writeFile(file, lines.join(''))
  if (!(await exists(join(data, 'meta.properties')))) {
    const users = ports.secured === undefined ? [] : securedUsers(ports.secured)
    const format = ['format', '--cluster-id', 'Y291bnRlcm1hbmRzdGFjaw', '--config', file, ...users]
    const quick = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1']
    const options = { env: context.fetching.env, signal: context.signal }
    await run(java, [...quick, '-cp', classpath, 'kafka.tools.StorageTool', ...format], options)
  }
  return file
}

const logging = [
  'defaultLogLevel=warn',
  // Says when it has started, and why it ends.
  'log.kafka.server=info',
  'showDateTime=true',
  "dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX",
].map((property) => `-Dorg.slf4j.simpleLogger.${property}`)

const nativeCommand = async (context: PartContext, program: JavaProgram, ports: Ports) => {
  const file = await prepare(context, program, ports)
  const jvm = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xmx512m', ...logging]
  return { command: program.java, args: [...jvm, '-cp', program.classpath, 'kafka.Kafka', file] }
}

const dockerContainer = (context: PartContext, ports: Ports) => {
  const variables = Object.entries(brokerProperties(ports, '0.0.0.0')).map(([key, value]) => [
    `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`,
    value,
  ])
  return container({
    part: 'kafka',
    image: `apache/kafka:${pinned.kafka}`,
    ports: [ports.broker, ...(ports.proxied === undefined ? [] : [ports.proxied.port])],
    variables: Object.fromEntries(variables),
    home: context.home,
    keep: context.keep,
    env: context.fetching.env,
  })
}

/** What the topics are to be like on a cluster that runs already: as safe as it can make them, up to what is planned. */
export const topicOptions = async ({ settings }: PartContext): Promise<TopicOptions> => {
  const { topicPrefix: prefix, partitions, replication, kafkaBrokers: brokers = [], kafkaSecurity: security } = settings
  return { prefix, partitions, replication: replication ?? Math.min(3, await brokersOf({ brokers, security })) }
}

/** Our own broker is one: a second copy has nowhere to be. */
export const ownReplication = ({ settings }: PartContext): number => settings.replication ?? 1

const provision = async (broker: string, context: PartContext): Promise<void> => {
  const { topicPrefix: prefix, partitions } = context.settings
  const options = { prefix, partitions, replication: ownReplication(context) }
  const { left } = await provisionTopics({ brokers: [broker] }, topicPlan(), options, context.signal)
  for (const difference of left) context.fetching.log(`kafka: ${differenceInWords(difference)}`)
}

/** Starts Kafka and creates all topics. */
export const startKafka = async (
  context: PartContext,
  broker: number,
  proxied: ProxiedDoor | undefined,
): Promise<Part> => {
  // Inside a container the controller has the machine to itself, and a fixed port lets the container be found again.
  const way = await nativeOrDocker(context, () => fetchKafka(context.fetching))
  const { secured } = context
  const ports = { broker, controller: way === 'docker' ? 9093 : await freePort(), proxied, secured }
  const docker = way === 'docker' ? dockerContainer(context, ports) : undefined
  const address = `127.0.0.1:${broker}`
  const logFile = join(context.home, 'logs', 'kafka.log')
  let logged = 0
  return startPart(
    {
      name: 'kafka',
      address,
      logFile,
      env: context.fetching.env,
      stopSignal: 'SIGTERM',
      readyWithinMs: docker ? 300_000 : 90_000,
      stopWithinMs: 8_000,
      command: async () => {
        logged = await sizeOf(logFile)
        return way === 'docker' ? dockerContainer(context, ports).command() : nativeCommand(context, way, ports)
      },
      ready: async (signal) => {
        // A broker that was killed answers by its old registration for a while before it is fenced and takes up the new one: only its
        // log tells the two apart.
        await waitForText(logFile, logged, 'Kafka Server started', signal)
        await waitForBroker({ brokers: [address] }, 300_000, signal)
        await provision(address, context)
      },
      signalPart: docker?.kill,
      afterStop: docker?.remove,
    },
    context.onCrash,
    context.signal,
  )
}
