import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/** What somebody may see without an account: one order, or the orders of one customer. */
export type CustomerScope = { readonly orderId: string } | { readonly customerId: string }

const dayMs = 86_400_000
/** For no longer a link counts. */
export const mostLinkMs = 7 * dayMs
/** For so long a session lasts. */
export const sessionSeconds = 3_600
/** A link that was used counts for so long again: a button that is pressed twice is no second use. */
const againSeconds = 60

const secretForm = /^[\w-]{43}$/
const newSecret = (): string => randomBytes(32).toString('base64url')
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

const scopeRow = z
  .object({ orderId: z.string().nullable(), customerId: z.string().nullable() })
  .transform(({ orderId, customerId }, context): CustomerScope => {
    if (orderId !== null) return { orderId }
    if (customerId !== null) return { customerId }
    context.addIssue({ code: 'custom', message: 'expected an order or a customer' })
    return z.NEVER
  })

const columns = (scope: CustomerScope) =>
  'orderId' in scope ? sql`${scope.orderId}::text, null::text` : sql`null::text, ${scope.customerId}::text`

/** What comes of using a link, beside being let in. */
interface LinkMore {
  /** Whoever uses it confirms that statement. */
  readonly statementId?: string | undefined
  /** To which address it was sent: it need not be typed again. */
  readonly contact?: string | undefined
  /** Its secret, where it has to be the same again: then it is the same link. */
  readonly token?: string | undefined
}

const made = z.object({ at: z.date() })

/** Makes a link's secret: 256 random bits, given back once. `ttlMs`: at most a week. */
export const createLink = async (
  database: Database,
  scope: CustomerScope,
  ttlMs: number,
  { statementId, contact, token = newSecret() }: LinkMore = {},
): Promise<{ readonly token: string; readonly expiresAt: string }> => {
  const { rows } = await sql`
    insert into customer_links (hash, order_id, customer_id, expires_at, statement_id, contact)
    values (${hashOf(token)}, ${columns(scope)}, now() + make_interval(secs => ${Math.min(ttlMs, mostLinkMs) / 1_000}::float8), ${statementId ?? null}::uuid,
      ${contact ?? null})
    on conflict (hash) do update set hash = excluded.hash returning expires_at as at`.execute(database)
  return { token, expiresAt: made.parse(rows[0]).at.toISOString() }
}

export interface Link {
  readonly scope: CustomerScope
  readonly expiresAt: string
  readonly state: 'fresh' | 'used' | 'expired'
  /** Whoever uses it confirms that statement of withdrawal. */
  readonly statementId?: string
}

const linkRow = z.object({
  ...{ expiresAt: z.date(), isExpired: z.boolean(), isUsed: z.boolean(), statementId: z.string().nullable() },
})

const linkOf = (row: unknown): Link => {
  const { expiresAt, isExpired, isUsed, statementId } = linkRow.parse(row)
  const state = isUsed ? 'used' : isExpired ? 'expired' : 'fresh'
  const link = { scope: scopeRow.parse(row), expiresAt: expiresAt.toISOString(), state } as const
  return statementId === null ? link : { ...link, statementId }
}

/** Looks at a link without using it; `undefined`: nobody made it. */
export const readLink = async (database: Database, token: string): Promise<Link | undefined> => {
  if (!secretForm.test(token)) return undefined
  const { rows } = await sql`
    select order_id as "orderId", customer_id as "customerId", expires_at as "expiresAt", expires_at <= now() as "isExpired",
      coalesce(used_at < now() - make_interval(secs => ${againSeconds}), false) as "isUsed", statement_id as "statementId"
    from customer_links where hash = ${hashOf(token)}`.execute(database)
  return rows[0] === undefined ? undefined : linkOf(rows[0])
}

export interface Session {
  readonly secret: string
  readonly scope: CustomerScope
  /** The address that its link was sent to. */
  readonly contact?: string | undefined
}

const sessionRow = z.object({ contact: z.string().nullable() })

const sessionIn = (secret: string, row: unknown): Session => {
  const { contact } = sessionRow.parse(row)
  return { secret, scope: scopeRow.parse(row), ...(contact !== null && { contact }) }
}

const begin = async (database: Database, session: Session): Promise<Session> => {
  const { secret, scope, contact } = session
  await sql`
    insert into customer_sessions (hash, order_id, customer_id, expires_at, contact)
    values (${hashOf(secret)}, ${columns(scope)}, now() + make_interval(secs => ${sessionSeconds}), ${contact ?? null})`.execute(
    database,
  )
  return session
}

/** Uses a link, and begins a session of its scope. `undefined`: it does not count, or not any more. */
export const useLink = async (database: Database, token: string): Promise<Session | undefined> => {
  if (!secretForm.test(token)) return undefined
  const { rows } = await sql`
    update customer_links set used_at = coalesce(used_at, now())
    where hash = ${hashOf(token)} and expires_at > now()
      and (used_at is null or used_at >= now() - make_interval(secs => ${againSeconds}))
    returning order_id as "orderId", customer_id as "customerId", contact`.execute(database)
  return rows[0] === undefined ? undefined : begin(database, sessionIn(newSecret(), rows[0]))
}

/** For so long a token of a shop's own page counts. */
export const bearerSeconds = 900

/** Begins a session that a script of the shop's own page holds. */
export const createBearer = async (
  database: Database,
  scope: CustomerScope,
): Promise<{ readonly token: string; readonly expiresAt: string }> => {
  const token = newSecret()
  const expiresAt = new Date(Date.now() + bearerSeconds * 1_000).toISOString()
  await sql`
    insert into customer_sessions (hash, order_id, customer_id, expires_at, is_bearer)
    values (${hashOf(token)}, ${columns(scope)}, ${expiresAt}::timestamptz, true)`.execute(database)
  return { token, expiresAt }
}

/** Whose session it is; `undefined`: nobody's, or not any more. What a cookie holds is no token, and the other way round. */
export const sessionOf = async (
  database: Database,
  secret: string,
  by: 'cookie' | 'bearer' = 'cookie',
): Promise<Session | undefined> => {
  if (!secretForm.test(secret)) return undefined
  const { rows } = await sql`
    select order_id as "orderId", customer_id as "customerId", contact from customer_sessions
    where hash = ${hashOf(secret)} and expires_at > now() and is_bearer = ${by === 'bearer'}`.execute(database)
  return rows[0] === undefined ? undefined : sessionIn(secret, rows[0])
}

/** Forgets what opens nothing any more, and whom it was sent to; links a month later, so that their holder is told that they are old. */
export const forgetLinks = async (database: Database): Promise<void> => {
  await sql`delete from customer_sessions where expires_at < now()`.execute(database)
  await sql`
    update customer_links set contact = null where contact is not null
      and (expires_at < now() or used_at < now() - make_interval(secs => ${againSeconds}))`.execute(database)
  await sql`delete from customer_links where expires_at < now() - make_interval(days => 30)`.execute(database)
}
