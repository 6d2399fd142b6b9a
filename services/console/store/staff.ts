import { createHash, randomBytes } from 'node:crypto'
import type { Database } from '@countermand/database'
import { sql } from 'kysely'
import { z } from 'zod'

/** What a member of staff may do, as their provider says. `merchant`: decide; `support`: take back too; `operations`: see to what is stuck; `analyst`: read reports, and nothing of anybody; `admin`: read reports, with what customers wrote. */
export const staffRole = z.enum(['merchant', 'support', 'operations', 'analyst', 'admin'])
export type StaffRole = z.infer<typeof staffRole>

export interface Member {
  readonly subject: string
  readonly name: string
  readonly roles: readonly StaffRole[]
  /** `null`: all. */
  readonly merchants: readonly string[] | null
  /** When they last proved who they are, as their provider says. ISO 8601. */
  readonly authenticatedAt?: string | undefined
}

export interface StaffSession extends Member {
  readonly secret: string
  /** By which its provider knows what is signed out. */
  readonly idToken: string
}

export const staffLimits = { idleMinutes: 30, lifeHours: 12, signInMinutes: 10 } as const

const secretForm = /^[\w-]{43}$/
const newSecret = (): string => randomBytes(32).toString('base64url')
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')

export interface SignIn {
  readonly nonce: string
  readonly verifier: string
  readonly destination: string
}

/** Remembers a sign-in that has begun; gives back the secret by which its browser is known again. */
export const beginSignIn = async (database: Database, { nonce, verifier, destination }: SignIn): Promise<string> => {
  const secret = newSecret()
  await sql`
    insert into staff_sign_ins (hash, nonce, verifier, destination, expires_at) values
      (${hashOf(secret)}, ${nonce}, ${verifier}, ${destination}, now() + make_interval(mins => ${staffLimits.signInMinutes}))`.execute(
    database,
  )
  return secret
}

const signInRow = z.object({ nonce: z.string(), verifier: z.string(), destination: z.string() })

/** Takes it, once; `undefined`: nobody began it here, or too long ago. */
export const takeSignIn = async (database: Database, secret: string): Promise<SignIn | undefined> => {
  if (!secretForm.test(secret)) return undefined
  const { rows } = await sql`
    delete from staff_sign_ins where hash = ${hashOf(secret)} and expires_at > now()
    returning nonce, verifier, destination`.execute(database)
  return z.array(signInRow).parse(rows)[0]
}

/** Begins a session; gives back its secret. */
export const beginStaffSession = async (
  database: Database,
  member: Member & { readonly idToken: string; readonly sid?: string | undefined },
): Promise<string> => {
  const secret = newSecret()
  const { subject, name, roles, merchants, idToken, authenticatedAt = null, sid = null } = member
  await sql`
    insert into staff_sessions (hash, subject, name, roles, merchants, id_token, authenticated_at, sid, expires_at) values
      (${hashOf(secret)}, ${subject}, ${name}, ${[...roles]}::text[], ${merchants === null ? null : [...merchants]}::text[],
        ${idToken}, ${authenticatedAt}::timestamptz, ${sid}, now() + make_interval(hours => ${staffLimits.lifeHours}))`.execute(
    database,
  )
  return secret
}

const sessionRow = z.object({
  subject: z.string(),
  name: z.string(),
  roles: z.array(staffRole),
  merchants: z.array(z.string()).nullable(),
  idToken: z.string(),
  authenticatedAt: z
    .date()
    .nullable()
    .transform((date) => date?.toISOString()),
})

/** Whose session it is; `undefined`: nobody's, or not any more. `isThere`: somebody is, so that it does not end soon. */
export const staffSessionOf = async (
  database: Database,
  secret: string,
  { isThere }: { readonly isThere: boolean },
): Promise<StaffSession | undefined> => {
  if (!secretForm.test(secret)) return undefined
  const { rows } = await sql`
    update staff_sessions set seen_at = ${isThere ? sql`now()` : sql`seen_at`} where hash = ${hashOf(secret)} and expires_at > now()
      and seen_at > now() - make_interval(mins => ${staffLimits.idleMinutes})
    returning subject, name, roles, merchants, id_token as "idToken", authenticated_at as "authenticatedAt"`.execute(
    database,
  )
  const [found] = z.array(sessionRow).parse(rows)
  return found && { ...found, secret }
}

export const endStaffSession = async (database: Database, secret: string): Promise<void> => {
  await sql`delete from staff_sessions where hash = ${hashOf(secret)}`.execute(database)
}

/** Whose sessions have ended at their provider: one, or all of a member. */
export type LoggedOut =
  | { readonly sid: string; readonly subject?: string | undefined }
  | { readonly sid?: undefined; readonly subject: string }

export const endSessionsOf = async (database: Database, { sid, subject }: LoggedOut): Promise<void> => {
  await sql`
    delete from staff_sessions where ${sid === undefined ? sql`true` : sql`sid = ${sid}`}
      and ${subject === undefined ? sql`true` : sql`subject = ${subject}`}`.execute(database)
}

/** Forgets what opens nothing any more. */
export const forgetStaff = async (database: Database): Promise<void> => {
  await sql`delete from staff_sign_ins where expires_at < now()`.execute(database)
  await sql`
    delete from staff_sessions where expires_at < now()
      or seen_at < now() - make_interval(mins => ${staffLimits.idleMinutes})`.execute(database)
}
