import type { ServiceName } from './vocabulary.ts'

/** Every Kafka topic of the system, by the name that code uses for it. The prefix of `KAFKA_TOPIC_PREFIX` is added where a connection is made. */
export const topics = {
  ordersPlaced: 'orders.placed.v1',
  ordersAccepted: 'orders.accepted.v1',
  shipmentsTracking: 'shipments.tracking.v1',
  shipmentsChanged: 'shipments.changed.v1',
  labels: 'shipments.labels.v1',
  inventoryStock: 'inventory.stock.v1',
  cancelRequests: 'orders.cancel-requests.v1',
  orderCommands: 'order.commands.v1',
  inventoryCommands: 'inventory.commands.v1',
  logisticsCommands: 'logistics.commands.v1',
  paymentCommands: 'payment.commands.v1',
  sagaReplies: 'saga.replies.v1',
  sagaFastReplies: 'saga.fast-replies.v1',
  cancellations: 'orders.cancellations.v1',
  refunds: 'payments.refunds.v1',
  feedback: 'orders.feedback.v1',
  captures: 'payments.captures.v1',
  paymentNotifications: 'payments.notifications.v1',
  carrierNotifications: 'carriers.notifications.v1',
  creditUses: 'payments.credit-uses.v1',
  credits: 'payments.credits.v1',
  reconciliations: 'payments.reconciliations.v1',
  operationRequests: 'operations.requests.v1',
  operationResults: 'operations.results.v1',
  deadLettersLog: 'dead-letters.log.v1',
} as const

/** The name of a topic, without its prefix. */
export type Topic = (typeof topics)[keyof typeof topics]

/** Where a service reads its commands. */
export const commandTopic = (service: ServiceName): Topic => topics[`${service}Commands`]

/** The dead-letter topic of a topic. It always has one partition. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`

/** How a topic is to be made. */
export interface TopicPlan {
  readonly name: string
  /** Partitions; `undefined`: as many as `KAFKA_PARTITIONS` says. */
  readonly partitions: number | undefined
  /** Settings of the topic, whatever the broker's are. */
  readonly config: Readonly<Record<string, string>>
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/** How long the kinds of topics keep a message, in milliseconds. Whoever has to know what may still come again reads it here. */
export const keptMs = {
  /** What services read: facts from outside, what they tell each other, and commands. */
  work: 7 * dayMs,
  /** Of use to the run that waits for them. */
  answers: 3 * dayMs,
  /** Of use to the process that waits for them, for as long as a workflow task may last. */
  fastAnswers: hourMs,
  /** For readers outside, who may be away for a while. */
  story: 30 * dayMs,
  /** A dead letter waits for a person. */
  deadLetters: 30 * dayMs,
  /** It says which letters were dealt with, and by whom: a letter of that age is long gone. */
  deadLettersLog: 400 * dayMs,
} as const

/**
 * How far beyond its time a message may still be there: a broker forgets whole segments, each when its newest message is old enough, and
 * looks every five minutes.
 */
const segmentMs = (kept: number): number => Math.min(12 * hourMs, kept / 2)

// A broker's limit holds for a whole batch, as its producer sends it; how large one message may be is for its contract to say.
const largestBatch = 1_048_588
// A dead letter is the message as it was plus headers: the largest that its topic takes must fit.
const largestDeadLetter = 2_097_152

const configOf = (kept: number, largest = largestBatch): Record<string, string> => ({
  'cleanup.policy': 'delete',
  'retention.ms': String(kept),
  'retention.bytes': '-1',
  'segment.ms': String(segmentMs(kept)),
  // By the broker's clock: a sender's may be wrong, and then a message would be kept too long, or not at all.
  'message.timestamp.type': 'LogAppendTime',
  // Whatever codec a producer uses: one that a reader lacks never reaches it.
  'compression.type': 'gzip',
  'max.message.bytes': String(largest),
  // A replica that lags must not become the leader: what was acknowledged would be lost.
  'unclean.leader.election.enable': 'false',
})

const plannedMs: Readonly<Record<Topic, number>> = {
  [topics.ordersPlaced]: keptMs.work,
  [topics.ordersAccepted]: keptMs.work,
  [topics.shipmentsTracking]: keptMs.work,
  [topics.shipmentsChanged]: keptMs.work,
  [topics.labels]: keptMs.work,
  [topics.inventoryStock]: keptMs.work,
  [topics.cancelRequests]: keptMs.work,
  [topics.orderCommands]: keptMs.work,
  [topics.inventoryCommands]: keptMs.work,
  [topics.logisticsCommands]: keptMs.work,
  [topics.paymentCommands]: keptMs.work,
  [topics.sagaReplies]: keptMs.answers,
  [topics.sagaFastReplies]: keptMs.fastAnswers,
  [topics.cancellations]: keptMs.story,
  [topics.refunds]: keptMs.story,
  [topics.feedback]: keptMs.story,
  [topics.captures]: keptMs.work,
  [topics.paymentNotifications]: keptMs.work,
  [topics.carrierNotifications]: keptMs.work,
  [topics.creditUses]: keptMs.work,
  [topics.credits]: keptMs.story,
  [topics.reconciliations]: keptMs.work,
  [topics.operationRequests]: keptMs.work,
  [topics.operationResults]: keptMs.answers,
  [topics.deadLettersLog]: keptMs.deadLettersLog,
}

// Its messages have the letter's id as their key: the last one says what has become of it. Earlier ones are left for a while to those who
// look into what happened.
const logPlan: TopicPlan = {
  name: topics.deadLettersLog,
  partitions: 1,
  config: {
    ...configOf(keptMs.deadLettersLog),
    'cleanup.policy': 'compact,delete',
    'min.compaction.lag.ms': String(keptMs.deadLetters),
  },
}

const withDeadLetters = (name: Topic): TopicPlan[] => [
  { name, partitions: undefined, config: configOf(plannedMs[name]) },
  { name: deadLetterTopic(name), partitions: 1, config: configOf(keptMs.deadLetters, largestDeadLetter) },
]

/** All topics that there must be, each with its `.dlq`. Provisioning makes them so; nobody else creates or changes one. */
export const topicPlan = (): TopicPlan[] =>
  Object.values(topics).flatMap((name) => (name === topics.deadLettersLog ? [logPlan] : withDeadLetters(name)))

/** For how long a message of `kept` may come again, at most, in milliseconds. */
export const mayComeAgainMs = (kept: number): number => kept + segmentMs(kept) + 5 * minuteMs

/** How many copies must have a message before it counts as taken, of this many that there are: one may be away. */
export const copiesToAcknowledge = (replication: number): number => (replication > 2 ? 2 : 1)
