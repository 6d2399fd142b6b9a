import { deadLetterTopic, type Topic, topics } from './topics.ts'
import { type ServiceName, serviceName } from './vocabulary.ts'

/** Who of ours writes and reads which topic. Their rights, the topics that a process waits for, and the AsyncAPI document follow from it. */

/** Our processes, and `operators`, who run them by the command line. Whoever else writes or reads a topic is not ours to list. */
export const parties = [
  ...serviceName.options,
  'gateway',
  'console',
  'orchestrator',
  'operations',
  'operators',
] as const
/** One of them. */
export type Party = (typeof parties)[number]

/** Of one topic. */
export interface Flow {
  readonly writers: readonly Party[]
  readonly readers: readonly Party[]
}

const commandsTo = (service: ServiceName): Flow => ({ writers: ['orchestrator'], readers: [service] })

/** Of each topic. */
export const flows: Readonly<Record<Topic, Flow>> = {
  [topics.ordersPlaced]: { writers: ['console'], readers: ['order'] },
  [topics.ordersAccepted]: {
    writers: ['order'],
    readers: ['inventory', 'logistics', 'payment', 'gateway', 'console'],
  },
  [topics.shipmentsTracking]: { writers: ['gateway'], readers: ['logistics'] },
  [topics.shipmentsChanged]: {
    writers: ['logistics'],
    readers: ['order', 'inventory', 'gateway', 'console', 'orchestrator'],
  },
  [topics.labels]: { writers: ['logistics'], readers: [] },
  [topics.inventoryStock]: { writers: [], readers: ['inventory'] },
  [topics.captures]: { writers: [], readers: ['payment'] },
  [topics.creditUses]: { writers: [], readers: ['payment'] },
  [topics.credits]: { writers: ['payment'], readers: [] },
  [topics.reconciliations]: { writers: ['operators'], readers: ['payment'] },
  [topics.cancelRequests]: { writers: ['console'], readers: ['orchestrator'] },
  [topics.orderCommands]: commandsTo('order'),
  [topics.inventoryCommands]: commandsTo('inventory'),
  [topics.logisticsCommands]: commandsTo('logistics'),
  [topics.paymentCommands]: commandsTo('payment'),
  // What comes too late for who waits for it is passed on by the orchestrator itself.
  [topics.sagaReplies]: { writers: [...serviceName.options, 'orchestrator'], readers: ['orchestrator'] },
  [topics.sagaFastReplies]: { writers: serviceName.options, readers: ['orchestrator'] },
  [topics.cancellations]: { writers: ['order'], readers: ['console'] },
  [topics.paymentNotifications]: { writers: ['gateway', 'payment'], readers: ['payment'] },
  [topics.carrierNotifications]: { writers: ['gateway'], readers: ['logistics'] },
  [topics.refunds]: { writers: ['payment'], readers: ['gateway', 'console', 'orchestrator'] },
  [topics.feedback]: { writers: ['console'], readers: [] },
  [topics.operationRequests]: { writers: ['console'], readers: ['operations'] },
  [topics.operationResults]: { writers: ['operations'], readers: ['console'] },
  [topics.deadLettersLog]: { writers: ['operations', 'operators'], readers: ['operations', 'operators'] },
}

/** What a party reads and writes, dead letters among it: of what it read and cannot use, and of what it wrote and nobody takes. */
export const topicsOf = (party: Party): { readonly reads: readonly string[]; readonly writes: readonly string[] } => {
  const all = Object.values(topics)
  const reads = all.filter((topic) => flows[topic].readers.includes(party))
  const written = all.filter((topic) => flows[topic].writers.includes(party))
  // The log of dead letters has none of its own, and people write none.
  const sources = party === 'operators' ? [] : [...reads, ...written].filter((topic) => topic !== topics.deadLettersLog)
  return { reads, writes: [...new Set([...written, ...sources.map(deadLetterTopic)])] }
}
