import type { Database, DatabaseTransaction } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'
import { cancellationOf } from '../decide/cancellation.ts'
import type { Case, Told, ToldType } from '../state.ts'
import { languageOf, speech } from '../words/languages.ts'
import { askedLetter, endLetter, type Letter, type ReceiptWanted } from '../words/receipt.ts'
import { createLink, mostLinkMs } from './links.ts'
import { postMail } from './mails.ts'

/** Receipts of cancellations: who gets them is written down before it is asked, each mail in the transaction that writes down what it tells of. */

export interface Recipient {
  readonly orderId: string
  readonly requestId: string
  readonly contact: string
  readonly language: string
  /** In which times are said. */
  readonly zone: string
  /** How customers reach their pages, where the address is known to be the customer's: mails have a link then. */
  readonly url: string | undefined
  /** Whether that it was asked for is told too, beside what it comes to. */
  readonly tellsAsked: boolean
}

/** Keeps whom to write to about a request, before it is asked for; once it is, whom it was counts. */
export const keepRecipient = async (
  database: Database,
  { orderId, requestId, contact, language, zone, url, tellsAsked }: Recipient,
): Promise<void> => {
  await sql`
    insert into receipts (order_id, request_id, contact, language, zone, url, tells_asked)
    values (${orderId}, ${requestId}, ${contact}, ${language}, ${zone}, ${url ?? null}, ${tellsAsked})
    on conflict (order_id, request_id) do update set contact = excluded.contact, language = excluded.language,
      zone = excluded.zone, url = excluded.url, tells_asked = excluded.tells_asked
      where not exists (select from cancellations c
        where c.order_id = receipts.order_id and c.request_id = receipts.request_id)`.execute(database)
}

const row = z.object({
  ...{ orderId: z.string(), requestId: z.string(), contact: z.string(), language: z.string(), zone: z.string() },
  ...{ url: z.string().nullable(), tellsAsked: z.boolean() },
})

/** A request of which something new was told. */
export interface News {
  readonly orderId: string
  readonly requestId: string
  /** How much of it was told before. */
  readonly before: number
  readonly told: readonly Told[]
  readonly of: Case
}

const asks: readonly ToldType[] = ['order.cancel.requested.v1']
const ends: readonly ToldType[] = [
  ...(['order.cancellation.completed.v1', 'order.cancellation.refused.v1'] as const),
  ...(['order.cancellation.withdrawn.v1', 'order.cancellation.compensated.v1'] as const),
]
const isNew = ({ told, before }: News, types: readonly ToldType[]): boolean =>
  told.slice(before).some(({ type }) => types.includes(type))

const linkFor = async (tx: DatabaseTransaction, orderId: string, base: string) => {
  const { token, expiresAt } = await createLink(tx, { orderId }, mostLinkMs)
  return { url: new URL(`/c/${token}`, base).href, expiresAt }
}

/** Writes the mails about what is new, each once; who was told of an end is forgotten. */
export const postReceipts = async (tx: DatabaseTransaction, all: readonly News[], at: string): Promise<void> => {
  const news = all.filter((each) => isNew(each, [...asks, ...ends]))
  if (news.length === 0) return
  const names = news.map(({ orderId, requestId }) => ({ orderId, requestId }))
  const { rows } = await sql`
    select r.order_id as "orderId", r.request_id as "requestId", contact, language, zone, url, tells_asked as "tellsAsked"
    from receipts r join jsonb_to_recordset(${JSON.stringify(names)}::jsonb) as each("orderId" text, "requestId" text)
      on r.order_id = each."orderId" and r.request_id = each."requestId"`.execute(tx)
  for (const { orderId, requestId, contact, language, zone, url, tellsAsked } of rows.map((each) => row.parse(each))) {
    const found = news.find((each) => each.orderId === orderId && each.requestId === requestId)
    const now = found && cancellationOf(orderId, requestId, found.told)
    if (found === undefined || now === undefined) continue
    const said = speech(languageOf([language], undefined), zone)
    const post = async (letter: (wanted: ReceiptWanted) => Letter) => {
      const link = url === null ? undefined : await linkFor(tx, orderId, url)
      await postMail(tx, { to: contact, orderId, ...letter({ now, known: found.of, at, link }) })
    }
    if (tellsAsked && isNew(found, asks)) await post((wanted) => askedLetter(wanted, said))
    if (now.outcome === undefined) continue
    await post((wanted) => endLetter(wanted, said))
    await sql`delete from receipts where order_id = ${orderId} and request_id = ${requestId}`.execute(tx)
  }
}

/** Forgets whom to write to about what was not asked for after all. */
export const forgetRecipients = async (database: Database): Promise<void> => {
  await sql`
    delete from receipts where kept_at < now() - interval '1 hour' and not exists (
      select from cancellations c where c.order_id = receipts.order_id and c.request_id = receipts.request_id
        and c.outcome is null)`.execute(database)
}
