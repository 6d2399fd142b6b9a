import { createRequire } from 'node:module'
import type { KafkaSecurity } from '@countermand/settings/secured.ts'
import type { Admin, Consumer, ISocketFactory, Producer } from 'kafkajs'
import { installDecoder } from './record-batch/install.ts'
import { letConnectionsRest } from './resting-connections.ts'
import { securedKafka } from './security.ts'

/**
 * The one file that imports kafkajs. It has had no maintainer since 2023: whatever replaces it is put here. What its consumers fetch is
 * decoded by `record-batch`.
 */

export type { Admin, Consumer, EachBatchPayload, Producer } from 'kafkajs'

/** Where Kafka is, and how it is spoken to (absent: in the clear, by nobody). */
export interface KafkaCluster {
  readonly brokers: readonly string[]
  readonly security?: KafkaSecurity | undefined
}

export interface KafkaSettings extends KafkaCluster {
  readonly clientId: string
  /** Put before every topic and group name. */
  readonly prefix: string
  /** How often a request is tried again before its error is thrown (default 8). */
  readonly retries?: number
  /** How connections are made; for tests that cut them. */
  readonly socketFactory?: ISocketFactory
}

/** Says what kafkajs says, from warnings up. */
export type KafkaLog = (level: 'warn' | 'error', message: string, details: Record<string, unknown>) => void

export interface KafkaConnection {
  readonly clientId: string
  readonly prefix: string
  producer(): Producer
  /** Its id is what fences: a producer opened later with the same one ends what this one has begun. */
  transactionalProducer(id: string): Producer
  consumer(groupId: string): Consumer
  admin(): Admin
}

installDecoder()
letConnectionsRest()
const kafkajs: typeof import('kafkajs') = createRequire(import.meta.url)('kafkajs')
const { Kafka, logLevel } = kafkajs

/** Kafka's numbers for rights. */
export const numbers: Pick<
  typeof import('kafkajs'),
  'AclResourceTypes' | 'AclOperationTypes' | 'AclPermissionTypes' | 'ResourcePatternTypes'
> = kafkajs

// Said by kafkajs about itself at each start; murmur2 is what interfaces.md promises.
process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'

/** kafkajs logs each passing fault of a connection as an error, and retries it: these are for debugging only. */
const passing =
  /Connection (error|timeout)|Response (without|Heartbeat|OffsetCommit|Fetch|JoinGroup|SyncGroup|FindCoordinator)|rebalanc|Limiting retries/i

export const connectKafka = (settings: KafkaSettings, log: KafkaLog = () => {}): KafkaConnection => {
  const kafka = new Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    ...securedKafka(settings.security ?? {}),
    ...(settings.socketFactory === undefined ? {} : { socketFactory: settings.socketFactory }),
    retry: { initialRetryTime: 50, maxRetryTime: 1_000, retries: settings.retries ?? 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp, ...details } = entry.log
      if (!passing.test(message)) log(entry.level === logLevel.WARN ? 'warn' : 'error', message, details)
    },
  })
  return {
    clientId: settings.clientId,
    prefix: settings.prefix,
    producer: () => kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false }),
    transactionalProducer: (id) =>
      kafka.producer({
        idempotent: true,
        transactionalId: `${settings.prefix}${id}`,
        // While a transaction is open, no consumer reads past it: one whose process died must not hold them up for long.
        transactionTimeout: 10_000,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
      }),
    consumer: (groupId) =>
      kafka.consumer({
        groupId: `${settings.prefix}${groupId}`,
        sessionTimeout: 10_000,
        heartbeatInterval: 2_000,
        rebalanceTimeout: 20_000,
        // A fetch at rest costs the broker and us; one that is open holds up a stop, and partitions that are resumed.
        maxWaitTimeInMs: 500,
        maxBytesPerPartition: 2_097_152,
        allowAutoTopicCreation: false,
        retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => false },
      }),
    admin: () => kafka.admin({ retry: { retries: settings.retries ?? 2 } }),
  }
}
