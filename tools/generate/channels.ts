import { deadLetterTopic, type Topic, topics } from '@countermand/contracts'

/** Who of Countermand's processes writes and reads a topic, and what it is for. */
export interface ChannelNote {
  readonly summary: string
  readonly writers: readonly string[]
  readonly readers: readonly string[]
}

const commandsOf = (service: string): ChannelNote => ({
  summary: `Commands of the saga to the ${service} service. Answered on the topic that each names.`,
  writers: ['orchestrator'],
  readers: [service],
})
const services = ['order', 'inventory', 'logistics', 'payment']

export const channelNotes: Readonly<Record<Topic, ChannelNote>> = {
  [topics.ordersPlaced]: {
    summary: 'Orders, as checkout placed and shops changed them; to the console, by HTTP.',
    writers: ['console'],
    readers: ['order'],
  },
  [topics.ordersAccepted]: {
    summary: 'Orders that were checked, and each version of those that were changed, for the other services.',
    writers: ['order'],
    readers: ['inventory', 'logistics', 'payment', 'gateway', 'console'],
  },
  [topics.shipmentsTracking]: {
    summary: 'Where parcels are, as carriers say: to the gateway, or by the shop’s own adapters.',
    writers: ['gateway'],
    readers: ['logistics'],
  },
  [topics.shipmentsChanged]: {
    summary: 'Where parcels are, checked.',
    writers: ['logistics'],
    readers: ['order', 'inventory', 'gateway', 'console'],
  },
  [topics.labels]: {
    summary: 'Labels that the shop is asked to make, where a carrier makes none by itself.',
    writers: ['logistics'],
    readers: [],
  },
  [topics.inventoryStock]: {
    summary: 'Goods that the warehouse received. The one topic whose key is a SKU.',
    writers: [],
    readers: ['inventory'],
  },
  [topics.captures]: {
    summary: 'Payments that were held when their order was placed, and are taken now, as checkout says.',
    writers: [],
    readers: ['payment'],
  },
  [topics.creditUses]: {
    summary:
      'What is spent of store credit and gift cards, and which cards are active. Keyed by the `accountId`, or the `giftCardId`.',
    writers: [],
    readers: ['payment'],
  },
  [topics.credits]: {
    summary: 'What there is to spend of store credit and gift cards, after each change. Keyed by the `accountId`.',
    writers: ['payment'],
    readers: [],
  },
  [topics.reconciliations]: {
    summary:
      'What operators ask of payment’s books: to compare them with what providers say, and what they found out. Keyed by the `reconciliationId`, or the `differenceId`.',
    writers: ['operators'],
    readers: ['payment'],
  },
  [topics.cancelRequests]: {
    summary:
      'Where upstream services ask for cancellations, and merchants’ decisions and withdrawals come in; to the console, by HTTP.',
    writers: ['console'],
    readers: ['orchestrator'],
  },
  [topics.orderCommands]: commandsOf('order'),
  [topics.inventoryCommands]: commandsOf('inventory'),
  [topics.logisticsCommands]: commandsOf('logistics'),
  [topics.paymentCommands]: commandsOf('payment'),
  [topics.sagaReplies]: {
    summary: 'Answers to commands; any orchestrator process takes up any of them.',
    writers: services,
    readers: ['orchestrator'],
  },
  [topics.sagaFastReplies]: {
    summary: 'Answers that one orchestrator process waits for, on the partition that `reply-partition` named.',
    writers: services,
    readers: ['orchestrator'],
  },
  [topics.cancellations]: {
    summary: 'The public story of each cancellation: its start, its waits, and exactly one end.',
    writers: ['order'],
    readers: ['console'],
  },
  [topics.paymentNotifications]: {
    summary:
      'What payment providers tell of refunds and payments, checked to be from them, and what payment has found in their lists.',
    writers: ['gateway', 'payment'],
    readers: ['payment'],
  },
  [topics.carrierNotifications]: {
    summary: 'That carriers told something of a parcel which nobody can check word by word: a reason to ask them.',
    writers: ['gateway'],
    readers: ['logistics'],
  },
  [topics.refunds]: { summary: 'The life of each refund.', writers: ['payment'], readers: ['gateway', 'console'] },
  [topics.operationRequests]: {
    summary:
      'What people ask of operations from a screen: to drive sagas on, to hold intake, to deal with dead letters. Keyed by the `operationId`.',
    writers: ['console'],
    readers: ['operations'],
  },
  [topics.operationResults]: {
    summary: 'What came of what people asked of operations, or would. Keyed by the `operationId`.',
    writers: ['operations'],
    readers: ['console'],
  },
  [topics.deadLettersLog]: {
    summary: 'What operators did with dead letters: who, when, why. Redriven or discarded, each once.',
    writers: ['operators'],
    readers: ['operators'],
  },
}

/** What a topic's dead letters are for. */
export const deadLetterNote = (topic: Topic): ChannelNote & { readonly topic: string } => ({
  topic: deadLetterTopic(topic),
  summary: `Messages of ${topic} that could not be used, each as it was, with the reason in its dlq-* headers. One partition.`,
  writers: channelNotes[topic].readers,
  readers: ['operators'],
})
