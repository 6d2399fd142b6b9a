import { unpublished } from '@countermand/service/facts.ts'
import { type Databases, inEach } from '../reach/databases.ts'

/** Messages that a service has written and not brought to Kafka. */
export interface Outbox {
  readonly service: string
  readonly messages: number
  /** ISO 8601; `null`: there are none. */
  readonly oldest: string | null
}

export const readOutboxes = (databases: Databases): Promise<Outbox[]> =>
  inEach(databases, async (database, service) => [{ service, ...(await unpublished(database)) }])
