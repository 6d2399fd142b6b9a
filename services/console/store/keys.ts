import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/**
 * What a key is for: whose work its holder does. `checkout` tells of orders, and is believed as any writer of `orders.placed.v1` is: whose
 * payments and parcels an order names is checked by nobody.
 */
export const scope = z.enum(['merchant', 'support', 'operations', 'checkout'])
export type Scope = z.infer<typeof scope>

/** Of which merchants somebody may know; `null`: all. */
export type Merchants = readonly string[] | null

/** Who asks. */
export interface Caller {
  readonly keyId: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly merchants: Merchants
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** So that a key with a slip of the pen is told from one that was taken back, without asking anybody. */
const checksum = (idAndSecret: string): string => digest(`cmk_${idAndSecret}`).slice(0, 8)

/** `cmk_<id>_<secret>_<checksum>`: 64 random bits name it, 256 are the secret. */
const form = /^cmk_([0-9a-f]{16})_([0-9a-f]{64})_([0-9a-f]{8})$/

export interface NewKey {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly merchants: readonly string[] | null
  /** ISO 8601; `null`: never. */
  readonly expiresAt: string | null
}

/** Makes a key; its text is given back once, and kept by nobody. */
export const createKey = async (
  database: Database,
  { name, scopes, merchants, expiresAt }: NewKey,
): Promise<string> => {
  const [id, secret] = [randomBytes(8).toString('hex'), randomBytes(32).toString('hex')]
  await sql`
    insert into api_keys (id, name, hash, scopes, merchants, expires_at)
    values (${id}, ${name}, ${digest(secret)}, ${[...scopes]}::text[], ${merchants === null ? null : [...merchants]}::text[], ${expiresAt})`.execute(
    database,
  )
  return `cmk_${id}_${secret}_${checksum(`${id}_${secret}`)}`
}

/** Takes a key back; `false`: there is none that counts. */
export const revokeKey = async (database: Database, id: string): Promise<boolean> => {
  const { rows } = await sql`
    update api_keys set revoked_at = now() where id = ${id} and revoked_at is null returning id`.execute(database)
  return rows.length > 0
}

const listed = z.object({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.string()),
  merchants: z.array(z.string()).nullable(),
  createdAt: z.date(),
  expiresAt: z.date().nullable(),
  revokedAt: z.date().nullable(),
})

/** All keys there ever were, without what opens anything. */
export const listKeys = async (database: Database): Promise<z.infer<typeof listed>[]> => {
  const { rows } = await sql`
    select id, name, scopes, merchants, created_at as "createdAt", expires_at as "expiresAt", revoked_at as "revokedAt"
    from api_keys order by created_at, id`.execute(database)
  return rows.map((row) => listed.parse(row))
}

const row = z.object({
  name: z.string(),
  hash: z.string(),
  scopes: z.array(scope),
  merchants: z.array(z.string()).nullable(),
})

const counts = sql`revoked_at is null and (expires_at is null or expires_at > now())`

/** Those of these keys that count now. */
export const countingKeys = async (database: Database, ids: readonly string[]): Promise<ReadonlySet<string>> => {
  const { rows } = await sql`select id from api_keys where id = any(${[...ids]}::text[]) and ${counts}`.execute(
    database,
  )
  return new Set(rows.map((each) => z.object({ id: z.string() }).parse(each).id))
}

/** Whose key it is; `undefined`: nobody's, or not any more. */
export const callerOf = async (database: Database, text: string): Promise<Caller | undefined> => {
  const [, id = '', secret = '', sum = ''] = form.exec(text) ?? []
  if (id === '' || checksum(`${id}_${secret}`) !== sum) return undefined
  const { rows } = await sql`
    select name, hash, scopes, merchants from api_keys
    where id = ${id} and ${counts}`.execute(database)
  const [found] = z.array(row).parse(rows)
  if (found === undefined || !timingSafeEqual(Buffer.from(found.hash), Buffer.from(digest(secret)))) return undefined
  return { keyId: id, name: found.name, scopes: found.scopes, merchants: found.merchants }
}
