/** Every Kafka topic of the system, by the name that code uses for it. The prefix of `KAFKA_TOPIC_PREFIX` is added where a connection is made. */
export const topics = {
  ordersPlaced: 'orders.placed.v1',
  ordersAccepted: 'orders.accepted.v1',
  shipmentsTracking: 'shipments.tracking.v1',
  shipmentsChanged: 'shipments.changed.v1',
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
  deadLettersLog: 'dead-letters.log.v1',
} as const

export type Topic = (typeof topics)[keyof typeof topics]

/** The dead-letter topic of a topic. It always has one partition. */
export const deadLetterTopic = (topic: string): string => `${topic}.dlq`

export interface TopicPlan {
  readonly name: string
  /** Partitions; `undefined`: as many as `KAFKA_PARTITIONS` says. */
  readonly partitions: number | undefined
  /** Settings of the topic that differ from the broker's. */
  readonly config?: Readonly<Record<string, string>>
}

// A dead letter is the message as it was plus headers: the largest that its topic takes must fit. It waits for a person, for 30 days.
const deadLetterConfig = { 'max.message.bytes': '2097152', 'retention.ms': String(30 * 86_400_000) }
// It says which letters were dealt with: one that is forgotten could be sent again.
const logConfig = { 'retention.ms': '-1', 'retention.bytes': '-1' }

const withDeadLetters = (name: Topic): TopicPlan[] => [
  { name, partitions: undefined },
  { name: deadLetterTopic(name), partitions: 1, config: deadLetterConfig },
]

/** All topics to create, each with its `.dlq`. */
export const topicPlan = (): TopicPlan[] =>
  Object.values(topics).flatMap((name) =>
    name === topics.deadLettersLog ? [{ name, partitions: 1, config: logConfig }] : withDeadLetters(name),
  )
