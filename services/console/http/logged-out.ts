import { z } from 'zod'
import type { LoggedOut } from '../store/staff.ts'
import { Problem } from './problems.ts'

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

const logoutClaims = z.looseObject({
  sub: z.string().min(1).optional(),
  sid: z.string().min(1).optional(),
  events: z.looseObject({ [logoutEvent]: z.looseObject({}) }),
  // A token that has one was made for signing in.
  nonce: z.undefined().optional(),
})

/** Whom a token signs out whose signature, issuer, audience and time were checked. */
export const loggedOutIn = (claims: unknown): LoggedOut => {
  const { data, error } = logoutClaims.safeParse(claims)
  if (data === undefined) throw new Problem('sign-in-failed', `expected a logout token: ${z.prettifyError(error)}`)
  const { sub: subject, sid } = data
  if (sid !== undefined) return { sid, ...(subject !== undefined && { subject }) }
  if (subject !== undefined) return { subject }
  throw new Problem('sign-in-failed', 'expected a logout token with sub or sid')
}
