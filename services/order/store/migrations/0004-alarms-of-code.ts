import { type Kysely, sql } from 'kysely'
import type { Migration } from 'kysely/migration'

/** For the sweep, which asks each minute whether runs whose code failed go on: without it, each time reads every record. */
export const alarmsOfCode: Migration = {
  up: async (database: Kysely<unknown>) => {
    await sql`
      create index alarms_of_code on request_records (request_id)
      where record ->> 'what' = 'needs-attention' and record ->> 'reason' = 'workflow-task-failing'`.execute(database)
  },
}
