import type { ServiceName } from '@countermand/contracts'
import type { KafkaCluster } from '@countermand/kafka/kafka.ts'
import type { KafkaSecurity, TemporalSecurity } from '@countermand/settings/secured.ts'

/** Where the system is that operators work on. */
export interface Addresses {
  readonly kafkaBrokers: readonly string[]
  /** How it is spoken to; absent: in the clear, by nobody. */
  readonly kafkaSecurity?: KafkaSecurity | undefined
  readonly temporalAddress: string
  readonly temporalSecurity?: TemporalSecurity | undefined
  readonly temporalUiUrl: string
  readonly namespace: string
  readonly topicPrefix: string
  readonly databaseUrls: Readonly<Record<ServiceName, string>>
}

/** What of it is Kafka's. */
export type KafkaAddresses = Pick<Addresses, 'kafkaBrokers' | 'kafkaSecurity' | 'topicPrefix'>

export const clusterOf = ({ kafkaBrokers, kafkaSecurity }: Omit<KafkaAddresses, 'topicPrefix'>): KafkaCluster => ({
  brokers: kafkaBrokers,
  security: kafkaSecurity,
})

/** Where the Temporal UI shows a saga. */
export const sagaUrl = (where: Pick<Addresses, 'temporalUiUrl' | 'namespace'>, workflowId: string): string =>
  `${where.temporalUiUrl}/namespaces/${where.namespace}/workflows/${encodeURIComponent(workflowId)}`
