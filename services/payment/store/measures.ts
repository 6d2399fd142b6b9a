import type { ServiceMeasure } from '@countermand/service/measures.ts'
import { sql } from 'kysely'

interface Row {
  readonly channel: string
  readonly age: string
  readonly refunds: number
  readonly oldest: number
  readonly in_doubt: number
}

/**
 * Refunds that have crossed the pivot and have not come to an end: where the money goes, and since when somebody waits for it. Nobody
 * does once a person has given it by hand, or has closed it before its channel took it on.
 */
export const pendingRefunds: ServiceMeasure = {
  gauges: [
    {
      name: 'countermand_refunds_pending',
      help: 'Refunds that were begun and are not settled, by where the money goes and by how long ago their request crossed the pivot',
      labelNames: ['channel', 'age'],
    },
    {
      name: 'countermand_refunds_pending_age_seconds',
      help: 'How long ago the request of the oldest of them crossed the pivot, by where the money goes',
      labelNames: ['channel'],
    },
    {
      name: 'countermand_refunds_in_doubt',
      help: 'Refunds of which nobody knows whether the channel has moved the money, by where it goes',
      labelNames: ['channel'],
    },
  ],
  read: async (database) => {
    const { rows } = await sql<Row>`
      select channel, age, count(*) as refunds, max(seconds) as oldest, count(*) filter (where in_doubt) as in_doubt
      from (
        select case refunds.destination when 'original' then tenders.channel else refunds.destination end as channel, in_doubt,
          seconds, case when seconds < 3600 then 'under-1h' when seconds < 86400 then '1h-to-1d'
            when seconds < 604800 then '1d-to-7d' else 'over-7d' end as age
        from refunds join pivots on pivots.order_id = refunds.order_id and pivots.request_id = refunds.request_id
          join tenders on tenders.order_id = refunds.order_id and tenders.tender_id = refunds.tender_id
          cross join lateral (select extract(epoch from now() - crossed_at)::float8 as seconds) as since
        where refunds.state in ('planned', 'submitted', 'pending') and not refunds.replaced and crossed_at is not null
          and (closed_at is null or open_round is not null or refunds.state = 'pending')
          and not coalesce(jsonb_path_exists(settled, '$[*] ? (@.tenderId == $tender && @.amount > 0)',
            jsonb_build_object('tender', refunds.tender_id)), false)
      ) under_way
      group by channel, age`.execute(database)
    const ofChannels = [...Map.groupBy(rows, ({ channel }) => channel)].flatMap(([channel, ages]) => [
      {
        gauge: 'countermand_refunds_pending_age_seconds',
        labels: { channel },
        value: Math.max(...ages.map(({ oldest }) => oldest)),
      },
      {
        gauge: 'countermand_refunds_in_doubt',
        labels: { channel },
        value: ages.reduce((sum, { in_doubt }) => sum + in_doubt, 0),
      },
    ])
    const ofAges = rows.map(({ channel, age, refunds }) => ({
      gauge: 'countermand_refunds_pending',
      labels: { channel, age },
      value: refunds,
    }))
    return [...ofChannels, ...ofAges]
  },
}
