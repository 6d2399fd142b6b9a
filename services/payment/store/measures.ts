import type { ServiceMeasure } from '@countermand/service/measures.ts'
import { sql } from 'kysely'

interface Row {
  readonly channel: string
  readonly age: string
  readonly refunds: number
  readonly oldest: number
  readonly in_doubt: number
}

interface Suspense {
  readonly account: string
  readonly currency: string
  readonly amount: number
  readonly age: number
}

interface Open {
  readonly account: string
  readonly kind: string
  readonly count: number
  readonly age: number
}

/** What is between our books and providers': money in suspense, and differences that nobody has found out about. */
export const differences: ServiceMeasure = {
  gauges: [
    {
      name: 'countermand_suspense',
      help: 'Minor units in suspense, by account at a provider and currency: they left in a way that nobody here decided',
      labelNames: ['account', 'currency'],
    },
    {
      name: 'countermand_suspense_age_seconds',
      help: 'Since when an account has had something in suspense, by account at a provider and currency',
      labelNames: ['account', 'currency'],
    },
    {
      name: 'countermand_differences_open',
      help: 'Differences between our books and a provider’s that nobody has found out about, by account and kind',
      labelNames: ['account', 'kind'],
    },
    {
      name: 'countermand_differences_age_seconds',
      help: 'For how long the oldest difference between our books and a provider’s has been known; 0: none',
    },
  ],
  read: async (database) => {
    const suspense = await sql<Suspense>`
      with running as (
        select owner as account, currency, at, sum(amount) over (partition by account_id order by at, posting_id) as balance,
          row_number() over (partition by account_id order by at desc, posting_id desc) as from_last
        from accounts join entries using (account_id) join postings using (posting_id) where kind = 'suspense'),
      since as (
        select account, currency, min(from_last) filter (where balance = 0) as emptied from running group by account, currency)
      select account, currency, (min(balance) filter (where from_last = 1))::bigint as amount,
        extract(epoch from now() - min(at))::float8 as age
      from running join since using (account, currency) where from_last < coalesce(emptied, from_last + 1)
      group by account, currency`.execute(database)
    const open = await sql<Open>`
      select account, kind, count(*)::int as count, extract(epoch from now() - min(words.at))::float8 as age
      from differences join difference_words words using (difference_id)
      where word = 'found' and not exists (select from difference_words later
        where later.difference_id = words.difference_id and later.number > words.number)
      group by account, kind`.execute(database)
    return [
      ...suspense.rows.flatMap(({ account, currency, amount, age }) => [
        { gauge: 'countermand_suspense', labels: { account, currency }, value: amount },
        { gauge: 'countermand_suspense_age_seconds', labels: { account, currency }, value: age },
      ]),
      ...open.rows.map(({ account, kind, count }) => ({
        ...{ gauge: 'countermand_differences_open', labels: { account, kind }, value: count },
      })),
      { gauge: 'countermand_differences_age_seconds', value: Math.max(0, ...open.rows.map(({ age }) => age)) },
    ]
  },
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
