import { z } from 'zod'
import { type Databases, inEach } from '../databases.ts'

/** Messages that a service has written and not brought to Kafka. */
export interface Outbox {
  readonly service: string
  readonly messages: number
  /** ISO 8601; `null`: there are none. */
  readonly oldest: string | null
}

const row = z.object({ messages: z.number(), oldest: z.string().nullable() })

export const readOutboxes = (databases: Databases): Promise<Outbox[]> =>
  inEach(databases, async (database) => {
    const select = 'select count(*) as messages, min(created_at) as oldest from outbox where published_at is null'
    return (await database.rows(row, select)).map((each) => ({ service: database.owner, ...each }))
  })
