import type { Databases } from '@countermand/workflows/operations/reach/databases.ts'
import { readOutboxes } from '@countermand/workflows/operations/status/outboxes.ts'

/** How many messages wait in the outboxes of the four services. */
export const unpublished = async (databases: Databases): Promise<number> =>
  (await readOutboxes(databases)).reduce((sum, { messages }) => sum + messages, 0)
