import type { Database } from '@countermand/database'
import type { Measure } from '@countermand/telemetry'
import { sql } from 'kysely'
import { z } from 'zod'

const totals = z.object({ waiting: z.number(), age: z.number(), unmatched: z.number() })

/** What providers told that nobody was told yet, and what nobody will be. */
export const waitingNotices = (database: Database) =>
  ({
    gauges: [
      {
        name: 'countermand_notifications_waiting',
        help: 'Notifications that were taken and not told on yet',
      },
      {
        name: 'countermand_notifications_waiting_age_seconds',
        help: 'Age of the oldest notification that was taken and not told on yet; 0: none',
      },
      {
        name: 'countermand_notifications_unmatched',
        help: 'Notifications of the last day that are about nothing that is known here',
      },
    ],
    read: async () => {
      const { rows } = await sql`
        select count(*)::int as waiting, coalesce(extract(epoch from now() - min(received_at)), 0)::float8 as age,
          (select count(*) from notifications where outcome = 'unmatched' and received_at > now() - interval '1 day')::int as unmatched
        from notifications where due_at is not null`.execute(database)
      const [row] = z.array(totals).parse(rows)
      return row === undefined
        ? []
        : [
            { gauge: 'countermand_notifications_waiting', value: row.waiting },
            { gauge: 'countermand_notifications_waiting_age_seconds', value: row.age },
            { gauge: 'countermand_notifications_unmatched', value: row.unmatched },
          ]
    },
  }) satisfies Measure
