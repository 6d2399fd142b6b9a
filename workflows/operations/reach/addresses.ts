import type { ServiceName } from '@countermand/contracts'

/** Where the system is that operators work on. */
export interface Addresses {
  readonly kafkaBrokers: readonly string[]
  readonly temporalAddress: string
  readonly temporalUiUrl: string
  readonly namespace: string
  readonly topicPrefix: string
  readonly databaseUrls: Readonly<Record<ServiceName, string>>
}

/** Where the Temporal UI shows a saga. */
export const sagaUrl = (where: Pick<Addresses, 'temporalUiUrl' | 'namespace'>, workflowId: string): string =>
  `${where.temporalUiUrl}/namespaces/${where.namespace}/workflows/${encodeURIComponent(workflowId)}`
