import type { ServiceMeasure } from '@countermand/service/measures.ts'
import { sql } from 'kysely'
import { alarmsOfCode } from './queries.ts'

/** How many orders are on hold, and for how long. */
export const holds: ServiceMeasure = {
  gauges: [
    { name: 'countermand_orders_on_hold', help: 'Orders that are on hold because their cancellation is open' },
    { name: 'countermand_hold_age_seconds', help: 'For how long the oldest of them has been on hold; 0: none is' },
  ],
  read: async (database) => {
    const { rows } = await sql<{ held: number; oldest: number }>`
      select count(*) as held, coalesce(extract(epoch from now() - min(started_at)), 0)::float8 as oldest
      from requests where status = 'holding'`.execute(database)
    return rows.flatMap(({ held, oldest }) => [
      { gauge: 'countermand_orders_on_hold', value: held },
      { gauge: 'countermand_hold_age_seconds', value: oldest },
    ])
  },
}

/** A run whose code fails cannot be searched by it: the others are counted by the orchestrator. */
export const failingSagas: ServiceMeasure = {
  gauges: [
    {
      name: 'countermand_sagas_attention',
      help: 'Open sagas that wait for a person, by reason',
      labelNames: ['reason'],
    },
  ],
  read: async (database) => {
    const { rows } = await sql<{ failing: number }>`
      select count(*) as failing from requests where ended_at is null and request_id in (${alarmsOfCode})`.execute(
      database,
    )
    const labels = { reason: 'workflow-task-failing' }
    return rows.map(({ failing }) => ({ gauge: 'countermand_sagas_attention', labels, value: failing }))
  },
}
