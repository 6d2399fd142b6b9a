import { randomUUID } from 'node:crypto'
import { commandTopic, type EventType, events, takesCommands, UnreadableMessage } from '@countermand/contracts'
import { type Database, migrate } from '@countermand/database'
import type { KafkaConnection } from '@countermand/kafka/kafka.ts'
import { countReduced, type Left } from '@countermand/kafka/last-resort.ts'
import type { IncomingMessage } from '@countermand/kafka/message.ts'
import { createPublisher } from '@countermand/kafka/publisher.ts'
import { readMessage } from '@countermand/kafka/reading.ts'
import { processedTogether } from '@countermand/kafka/spans.ts'
import { startWatchedConsumer, type WatchedConsumer } from '@countermand/kafka/watched-consumer.ts'
import { type Logger, type Metrics, singleFlight, within } from '@countermand/telemetry'
import { sql } from 'kysely'
import { checkAge } from './age.ts'
import { type DeedDecision, deciding } from './deed.ts'
import { createExecutor, type Executor } from './executor.ts'
import { groupCommit } from './group-commit.ts'
import { inBreaths } from './in-breaths.ts'
import { startJanitor } from './janitor.ts'
import { kitMeasure } from './measures.ts'
import { kitMigrations } from './migrations.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { checkReplyTopic, replyTopics } from './reply-topics.ts'
import type { AnyService } from './service.ts'
import { createTransactor, type Transactor } from './transactor.ts'
import { unreadable } from './unreadable.ts'
import type { Work } from './work.ts'

export interface RunningService<State = unknown> {
  /**
   * Has something decided that did not come as a message: what a person asks for. Resolves once it is committed, with what `decide` gave as
   * its `value`; what it publishes is in the outbox by then. Throws what `decide` throws, or that the database is away.
   */
  decide<Value>(orderId: string, decide: DeedDecision<State, Value>, traceparent?: string | null): Promise<Value>
  /** Why it is not ready; empty: it is. */
  readiness(): Promise<string[]>
  /** Whether what is published goes out; while it does not, it is kept. */
  isPublishing(): boolean
  /** For tests and operators: holds and releases topics. */
  pause(topics: readonly string[]): void
  resume(topics: readonly string[]): void
  /** Finishes the batch and the tasks at hand, publishes what is committed, leaves the group. */
  stop(): Promise<void>
}

export interface RunOptions<State> {
  readonly definition: AnyService<State>
  readonly database: Database
  readonly kafka: KafkaConnection
  /** Milliseconds. */
  readonly orderPatience: number
  /** How often a task is tried that cannot be run at all (default 20). */
  readonly taskAttempts?: number
  /** Without the prefix: where commands may be answered beside the topics of the orchestrator. */
  readonly replyTopics?: readonly string[]
  readonly log: Logger
  readonly metrics: Metrics
  /** The consumer makes no progress while it has lag: the process should end and be started again. */
  readonly onStuck: (reason: string) => void
}

const stopGraceMs = 10_000
/** A batch that is open, whose statement the database may take this long to give up. */
const batchGraceMs = 16_000
const outboxGraceMs = 3_000
/** All of it, one after the other, whatever is away. */
export const serviceEndsWithinMs = 48_000
/** A database that needs longer to say anything is as good as away. */
const patienceMs = 1_500

/** The topics a service reads: its commands, where it takes any, and those of its events. */
const topicsOf = <State>(definition: AnyService<State>): string[] => [
  ...(takesCommands(definition.name) ? [commandTopic(definition.name)] : []),
  ...new Set(
    Object.entries(events).flatMap(([type, event]) => (Object.hasOwn(definition.events, type) ? [event.topic] : [])),
  ),
]

const isNamed = <State>({ events: handlers }: AnyService<State>, type: EventType): boolean => {
  const handler = handlers[type]
  return handler !== undefined && 'named' in handler && handler.named === true
}

/** A message as work: one that cannot be read is work too, for it is a dead letter. */
const reader = <State>({ definition, log, metrics, ...options }: RunOptions<State>) => {
  const messages = metrics.counter<'topic' | 'result'>({
    name: 'countermand_messages_total',
    help: 'Messages read, by topic and what became of them',
    labelNames: ['topic', 'result'],
  })
  const isAllowed = replyTopics(options.replyTopics ?? [])
  return (message: IncomingMessage): Work<State> => {
    try {
      const work = readMessage(definition.name, message)
      if (work.kind === 'command') checkReplyTopic(work, isAllowed)
      else if (work.orderId === undefined) checkAge(work, Date.now(), isNamed(definition, work.type))
      messages.inc({ topic: message.topic, result: 'read' })
      return work
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error
      messages.inc({ topic: message.topic, result: error.reason })
      log.warn(
        { topic: message.topic, partition: message.partition, offset: message.offset, reason: error.reason },
        error.message,
      )
      return unreadable(message, error, isAllowed)
    }
  }
}

/** What decides and what runs tasks: each wakes the other. */
const decider = <State>(options: RunOptions<State>, outbox: Outbox, onReduced: (left: Left) => void) => {
  const { definition, database, log, metrics } = options
  const answers = metrics.counter<'answer'>({
    name: 'countermand_answers_total',
    help: 'Answers to commands, by what was answered',
    labelNames: ['answer'],
  })
  const executor: Executor = createExecutor({
    ...{ definition, database, log },
    transactor: () => transactor,
    attempts: options.taskAttempts ?? 20,
  })
  const transactor: Transactor<State> = groupCommit(
    createTransactor({
      definition,
      database,
      outbox,
      orderPatience: options.orderPatience,
      onTasks: executor.wake,
      onAnswer: (answer) => answers.inc({ answer }),
      onReduced,
      log,
    }),
  )
  return { executor, transactor }
}

/** Takes a service's batches. */
const startConsumer = <State>(options: RunOptions<State>, transactor: Transactor<State>): Promise<WatchedConsumer> => {
  const { definition, kafka, log, metrics, onStuck } = options
  const batches = metrics.histogram({
    name: 'countermand_batch_seconds',
    help: 'Time of one batch, from read to committed',
    buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
  })
  const read = reader(options)
  const groupId = `countermand-${definition.name}`
  return startWatchedConsumer({
    ...{ kafka, groupId, topics: topicsOf(definition), log, metrics, onStuck },
    onBatch: async (incoming) => {
      const end = batches.startTimer()
      await processedTogether(incoming, async (messages) => transactor.transact(await inBreaths(messages, read)))
      end()
    },
  })
}

/** Whether the database answers, in words; empty: it does. */
const databaseProbe = (database: Database) => {
  const ping = singleFlight(() => sql`select 1`.execute(database))
  return (): Promise<string[]> =>
    within(patienceMs, 'an answer', ping()).then(
      () => [],
      (error: unknown) => [`database: ${error instanceof Error ? error.message || error.name : error}`],
    )
}

/** Runs a service: consumer, transactor, outbox and executor around its definition. Resolves when all of it has started. */
export const runService = async <State>(options: RunOptions<State>): Promise<RunningService<State>> => {
  const { definition, database, kafka, log, metrics } = options
  await migrate(database, { ...kitMigrations, ...definition.store.migrations })
  metrics.measure(kitMeasure(database))
  for (const measure of definition.measures ?? []) metrics.measure({ ...measure, read: () => measure.read(database) })

  const publisher = createPublisher({
    kafka,
    metrics,
    onTrouble: (error) => log.warn({ err: error }, 'the broker does not take messages, it is tried again'),
  })
  const onReduced = countReduced(metrics)
  const outbox = createOutbox({
    ...{ database, publisher, service: definition.name, writer: randomUUID() },
    ...{ onReduced, log },
  })
  const { executor, transactor } = decider(options, outbox, onReduced)
  outbox.start()
  executor.start()
  const consumer = await startConsumer(options, transactor)
  const janitor = startJanitor({ database, ended: definition.ended, log })
  const probe = databaseProbe(database)

  const ends = (what: string, ms: number, work: Promise<unknown>) =>
    within(ms, `${what} to end`, work).catch((error: unknown) =>
      log.warn({ err: error }, 'it is left as it is: what it had at hand is done again, elsewhere or later'),
    )

  return {
    decide: deciding(transactor),
    readiness: async () => [
      ...consumer.readiness(),
      ...(publisher.healthy() ? [] : ['kafka: the broker does not take messages']),
      ...publisher.refused(),
      ...(await probe()),
    ],
    isPublishing: publisher.healthy,
    pause: consumer.pause,
    resume: consumer.resume,
    stop: async () => {
      await ends('the janitor', batchGraceMs, janitor.stop())
      await ends('the consumer', batchGraceMs, consumer.stop())
      await ends('the tasks at hand', stopGraceMs, executor.stop(stopGraceMs))
      // A relay that waits for a broker which is away is let go by the publisher.
      await ends('the outbox', outboxGraceMs, outbox.stop())
      await ends('the publisher', 2 * stopGraceMs, publisher.stop(stopGraceMs))
      await ends('the outbox', outboxGraceMs, outbox.stop())
    },
  }
}
