import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { sumCounts } from './counts.ts'
import { forgetWords } from './deeds.ts'
import { forgetForms } from './forms.ts'
import { forgetLinks } from './links.ts'
import { forgetMails } from './mails.ts'
import { forgetOperations } from './operations.ts'
import { forgetRecipients } from './receipts.ts'
import { forgetStaff } from './staff.ts'

/** For how long it is kept after it was last heard of, in ms. */
export interface Kept {
  readonly orders: number
  readonly cases: number
  /** Of webhooks, since they were made. */
  readonly deliveries: number
}

const atOnce = 1_000

/** Forgets what nobody asks for any more, a part at a time; gives back how many rows. What is open stays. */
export const forget = async (database: Database, kept: Kept): Promise<number> => {
  const before = (ms: number) => sql`now() - make_interval(secs => ${ms / 1_000}::float8)`
  const { rows: orders } = await sql`
    delete from orders where order_id in (
      select order_id from orders where heard_at < ${before(kept.orders)} and not exists (
        select from cancellations where cancellations.order_id = orders.order_id and outcome is null)
      order by heard_at limit ${atOnce}) returning 1`.execute(database)
  const { rows: cases } = await sql`
    with over as (
      delete from cancellations where (order_id, request_id) in (
        select order_id, request_id from cancellations
        where heard_at < ${before(kept.cases)} and outcome is not null order by heard_at limit ${atOnce})
      returning order_id, request_id)
    delete from story using over where story.order_id = over.order_id and story.request_id = over.request_id
    returning 1`.execute(database)
  await sumCounts(database)
  await forgetForms(database)
  await forgetLinks(database)
  await forgetMails(database)
  await forgetRecipients(database)
  await forgetStaff(database)
  await forgetOperations(database, kept.cases)
  await forgetWords(database, kept.cases)
  const { rows: deliveries } = await sql`
    delete from webhook_deliveries where id in (
      select id from webhook_deliveries where created_at < ${before(kept.deliveries)}
      order by created_at limit ${atOnce}) returning 1`.execute(database)
  return orders.length + cases.length + deliveries.length
}
