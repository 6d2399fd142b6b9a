import type { ServiceMeasure } from '@countermand/service'
import { sql } from 'kysely'
import { z } from 'zod'

const totals = z.object({ waiting: z.int(), age: z.number(), failing: z.number(), disabled: z.int() })

/** How webhooks fare. */
export const webhookMeasure: ServiceMeasure = {
  gauges: [
    { name: 'countermand_webhooks_waiting', help: 'Webhooks that wait for their time, or for one before them' },
    {
      name: 'countermand_webhooks_due_seconds',
      help: 'For how long the oldest webhook that nobody tries has been due; 0: none',
    },
    {
      name: 'countermand_webhooks_failing_seconds',
      help: 'For how long nothing has arrived at the webhook endpoint that fails longest; 0: all is well',
    },
    { name: 'countermand_webhooks_disabled', help: 'Webhook endpoints that are told nothing' },
  ],
  read: async (database) => {
    const { rows } = await sql`
      select
        (select count(*)::int from webhook_deliveries where state = 'waiting') as waiting,
        (select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 from webhook_deliveries
          join webhook_endpoints on webhook_endpoints.id = endpoint_id and disabled_at is null
          where state = 'waiting' and due_at < now() and (lease_until is null or lease_until < now())) as age,
        (select coalesce(extract(epoch from now() - min(failing_since)), 0)::float8 from webhook_endpoints) as failing,
        (select count(*)::int from webhook_endpoints where disabled_at is not null) as disabled`.execute(database)
    const [row] = z.array(totals).parse(rows)
    return row === undefined
      ? []
      : [
          { gauge: 'countermand_webhooks_waiting', value: row.waiting },
          { gauge: 'countermand_webhooks_due_seconds', value: row.age },
          { gauge: 'countermand_webhooks_failing_seconds', value: row.failing },
          { gauge: 'countermand_webhooks_disabled', value: row.disabled },
        ]
  },
}
