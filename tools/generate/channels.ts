import { deadLetterTopic, type Flow, flows, type Topic, topics } from '@countermand/contracts'

/** Who of Countermand's processes writes and reads a topic, and what it is for. */
export interface ChannelNote extends Flow {
  readonly summary: string
}

const commandsOf = (service: string) =>
  `Commands of the saga to the ${service} service. Answered on the topic that each names.`

const summaries: Readonly<Record<Topic, string>> = {
  [topics.ordersPlaced]: 'Orders, as checkout placed and shops changed them; to the console, by HTTP.',
  [topics.ordersAccepted]:
    'Orders that were checked, and each version of those that were changed, for the other services.',
  [topics.shipmentsTracking]: 'Where parcels are, as carriers say: to the gateway, or by the shop’s own adapters.',
  [topics.shipmentsChanged]: 'Where parcels are, checked.',
  [topics.labels]: 'Labels that the shop is asked to make, where a carrier makes none by itself.',
  [topics.inventoryStock]: 'Goods that the warehouse received. The one topic whose key is a SKU.',
  [topics.captures]: 'Payments that were held when their order was placed, and are taken now, as checkout says.',
  [topics.creditUses]:
    'What is spent of store credit and gift cards, and which cards are active. Keyed by the `accountId`, or the `giftCardId`.',
  [topics.credits]:
    'What there is to spend of store credit and gift cards, after each change. Keyed by the `accountId`.',
  [topics.reconciliations]:
    'What operators ask of payment’s books: to compare them with what providers say, and what they found out. Keyed by the `reconciliationId`, or the `differenceId`.',
  [topics.cancelRequests]:
    'Where upstream services ask for cancellations, and merchants’ decisions and withdrawals come in; to the console, by HTTP.',
  [topics.orderCommands]: commandsOf('order'),
  [topics.inventoryCommands]: commandsOf('inventory'),
  [topics.logisticsCommands]: commandsOf('logistics'),
  [topics.paymentCommands]: commandsOf('payment'),
  [topics.sagaReplies]: 'Answers to commands; any orchestrator process takes up any of them.',
  [topics.sagaFastReplies]:
    'Answers that one orchestrator process waits for, on the partition that `reply-partition` named.',
  [topics.cancellations]: 'The public story of each cancellation: its start, its waits, and exactly one end.',
  [topics.paymentNotifications]:
    'What payment providers tell of refunds and payments, checked to be from them, and what payment has found in their lists.',
  [topics.carrierNotifications]:
    'That carriers told something of a parcel which nobody can check word by word: a reason to ask them.',
  [topics.refunds]: 'The life of each refund.',
  [topics.operationRequests]:
    'What people ask of operations from a screen: to drive sagas on, to hold intake, to deal with dead letters. Keyed by the `operationId`.',
  [topics.operationResults]: 'What came of what people asked of operations, or would. Keyed by the `operationId`.',
  [topics.feedback]:
    'What customers thought of a cancellation, from the console. A shop that asks by itself may write it too.',
  [topics.deadLettersLog]: 'What operators did with dead letters: who, when, why. Redriven or discarded, each once.',
}

export const channelNote = (topic: Topic): ChannelNote => ({ summary: summaries[topic], ...flows[topic] })

/** What a topic's dead letters are for. */
export const deadLetterNote = (topic: Topic): ChannelNote & { readonly topic: string } => ({
  topic: deadLetterTopic(topic),
  summary: `Messages of ${topic} that could not be used, each as it was, with the reason in its dlq-* headers. One partition.`,
  writers: flows[topic].readers,
  readers: ['operators'],
})
