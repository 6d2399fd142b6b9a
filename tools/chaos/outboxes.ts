import { z } from 'zod'
import { type Databases, inEach } from '../saga/databases.ts'

const counted = z.object({ count: z.number() })

/** How many messages wait in the outboxes of the four services. */
export const unpublished = async (databases: Databases): Promise<number> => {
  const counts = await inEach(databases, (database) =>
    database.rows(counted, 'select count(*) as count from outbox where published_at is null'),
  )
  return counts.reduce((sum, { count }) => sum + count, 0)
}
