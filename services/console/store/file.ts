import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import type { Beside, Kept } from '../decide/file.ts'
import { deedsOfOrder } from './deeds.ts'

/** What is kept here about an order, beside what was told of it. */

/** Of each kind, the newest. */
const most = 200

const row = z.object({
  at: z.date().transform((date) => date.toISOString()),
  type: z.enum(['statement', 'confirmed', 'closed', 'mail', 'webhook', 'link', 'feedback']),
  requestId: z
    .string()
    .nullable()
    .transform((id) => id ?? undefined),
  data: z.record(z.string(), z.unknown()),
})

const besideOf = async (database: Database, orderId: string): Promise<Beside[]> => {
  const { rows } = await sql`
    (select received_at as at, 'statement' as type, id::text as "requestId",
      jsonb_build_object('name', name, 'contract', contract, 'contact', contact) as data
      from withdrawal_statements where order_id = ${orderId} order by received_at desc limit ${most})
    union all
    (select confirmed_at, 'confirmed', id::text, '{}'::jsonb from withdrawal_statements
      where order_id = ${orderId} and confirmed_at is not null order by received_at desc limit ${most})
    union all
    (select created_at, 'mail', null, jsonb_build_object('subject', subject, 'state',
      case when sent_at is not null then 'sent' when given_up_at is not null then 'given-up' else 'waiting' end)
      from mails where order_id = ${orderId} order by created_at desc limit ${most})
    union all
    (select created_at, 'webhook', null, jsonb_build_object('type', type, 'state', state)
      from webhook_deliveries where order_id = ${orderId} order by id desc limit ${most})
    union all
    (select created_at, 'link', null, jsonb_build_object('used', used_at is not null, 'expiresAt', expires_at)
      from customer_links where order_id = ${orderId} order by created_at desc limit ${most})
    union all
    (select given_at, 'feedback', request_id, jsonb_build_object('score', score, 'text', coalesce(text, ''))
      from feedback where order_id = ${orderId} limit ${most})`.execute(database)
  return z.array(row).parse(rows)
}

/** All of it that concerns an order. */
export const keptOf = async (database: Database, orderId: string): Promise<Kept> => ({
  deeds: await deedsOfOrder(database, orderId, most),
  beside: await besideOf(database, orderId),
})
