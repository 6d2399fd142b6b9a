import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
} from 'openid-client'
import { z } from 'zod'
import { type LoggedOut, type Member, type StaffRole, staffRole } from '../store/staff.ts'
import { loggedOutIn } from './logged-out.ts'
import { Problem } from './problems.ts'

/** Who members of staff are: their provider says so, by OpenID Connect (code flow with PKCE). No passwords here. */

export interface IdentitySettings {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  /** Claims with the roles of a member, and with the merchants whose orders they may see: their ids, or `*` for all. */
  readonly rolesClaim: string
  readonly merchantsClaim: string
  /** Where the provider sends browsers back to. */
  readonly callback: URL
  /** Where it sends them after they have signed out. */
  readonly home: URL
}

export interface Begun {
  readonly url: URL
  readonly nonce: string
  readonly verifier: string
}

export interface Identity {
  readonly merchantsClaim: string
  /** `state`: a secret of the browser that begins. `isFresh`: they have to prove anew who they are. */
  begin(state: string, secrets: { readonly nonce: string; readonly verifier: string }, isFresh: boolean): Promise<URL>
  /** Throws a {@link Problem} when the provider’s answer does not count. */
  finish(
    answered: URL,
    wanted: { readonly state: string; readonly nonce: string; readonly verifier: string },
  ): Promise<Member & { readonly idToken: string; readonly sid?: string | undefined }>
  /** Whose sessions a provider says have ended, by its logout token. Throws a {@link Problem} when that does not count. */
  loggedOut(logoutToken: string): Promise<LoggedOut>
  /** Where signing out goes on; `undefined`: the provider has no such page. */
  end(idToken: string): Promise<URL | undefined>
}

/** By which providers sign; none by a secret that both sides have, or by nothing. */
const signatures = ['RS256', 'PS256', 'ES256', 'EdDSA', 'Ed25519'] as const
const maxLogoutAge = '5 minutes'

export const newSecrets = () => ({ nonce: randomNonce(), verifier: randomPKCECodeVerifier() })

const isLoopback = ({ hostname }: URL): boolean => hostname === 'localhost' || /^127\.|^\[::1\]$/.test(hostname)

const words = z.union([z.array(z.string()), z.string().transform((text) => text.split(/[\s,]+/))]).catch([])

const rolesIn = (claim: unknown): StaffRole[] =>
  words.parse(claim).flatMap((word) => {
    const { data } = staffRole.safeParse(word)
    return data === undefined ? [] : [data]
  })

/** `null`: all, which has to be said; who is said nothing of sees nothing. */
const merchantsIn = (claim: unknown): Member['merchants'] => {
  const merchants = words.parse(claim).filter((each) => each !== '')
  return merchants.includes('*') ? null : merchants
}

/** The last second that ISO 8601 writes with four digits of a year. */
const lastSecond = 253_402_300_799

/** When somebody proved who they are: seconds, as ISO 8601. Some providers say it only where it is asked for, and what is no such moment is not said. */
export const provedAt = z
  .int()
  .positive()
  .max(lastSecond)
  .transform((seconds) => new Date(seconds * 1_000).toISOString())
  .optional()
  .catch(undefined)

const nameOf = z.looseObject({
  name: z.string().optional(),
  email: z.string().optional(),
  sub: z.string(),
  sid: z.string().optional(),
})

export const createIdentity = (settings: IdentitySettings): Identity => {
  const { issuer, clientId, clientSecret, callback, home } = settings
  let known: Promise<Configuration> | undefined
  /** Found when it is first needed: a provider that is away keeps nothing from starting. */
  const provider = async (): Promise<Configuration> => {
    const options = issuer.protocol === 'http:' && isLoopback(issuer) ? { execute: [allowInsecureRequests] } : {}
    known ??= discovery(issuer, clientId, clientSecret, undefined, { timeout: 5, ...options })
    try {
      return await known
    } catch (cause) {
      known = undefined
      throw new Problem(
        'away',
        `the identity provider does not answer: ${cause instanceof Error ? cause.message : cause}`,
      )
    }
  }
  let keys: JWTVerifyGetKey | undefined
  const keysOf = async (): Promise<JWTVerifyGetKey> => {
    const { jwks_uri } = (await provider()).serverMetadata()
    if (jwks_uri === undefined) throw new Problem('away', 'the identity provider has no keys')
    keys ??= createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: 1_000 })
    return keys
  }
  return {
    merchantsClaim: settings.merchantsClaim,
    begin: async (state, { nonce, verifier }, isFresh) =>
      buildAuthorizationUrl(await provider(), {
        ...{ redirect_uri: callback.href, scope: 'openid profile', state, nonce },
        ...{ code_challenge: await calculatePKCECodeChallenge(verifier), code_challenge_method: 'S256' },
        ...(isFresh && { max_age: '0' }),
      }),
    finish: async (answered, { state, nonce, verifier }) => {
      const configuration = await provider()
      const tokens = await authorizationCodeGrant(configuration, answered, {
        ...{ expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
      }).catch((cause: unknown) => {
        throw new Problem('sign-in-failed', cause instanceof Error ? cause.message : 'the provider said no')
      })
      const claims = tokens.claims()
      if (claims === undefined || tokens.id_token === undefined)
        throw new Problem('sign-in-failed', 'expected an id token of the provider')
      const { name, email, sub, sid } = nameOf.parse(claims)
      const authenticatedAt = provedAt.parse(claims.auth_time)
      const roles = rolesIn(claims[settings.rolesClaim])
      if (roles.length === 0)
        throw new Problem(
          'not-allowed',
          `expected a role of ${staffRole.options.join(', ')} in the claim ${settings.rolesClaim}`,
        )
      const merchants = merchantsIn(claims[settings.merchantsClaim])
      if (merchants?.length === 0)
        throw new Problem('no-merchants', `expected ids of merchants, or *, in the claim ${settings.merchantsClaim}`)
      return {
        ...{ subject: sub, name: name ?? email ?? sub, roles, merchants, idToken: tokens.id_token, sid },
        ...(authenticatedAt !== undefined && { authenticatedAt }),
      }
    },
    loggedOut: async (token) => {
      const known = await keysOf()
      const { issuer: by = issuer.href } = (await provider()).serverMetadata()
      const checked = await jwtVerify(token, known, {
        ...{
          issuer: by,
          audience: clientId,
          algorithms: [...signatures],
          maxTokenAge: maxLogoutAge,
          clockTolerance: 30,
        },
      }).catch((cause: unknown) => {
        if (cause instanceof errors.JWKSTimeout)
          throw new Problem('away', 'the identity provider does not tell its keys')
        throw new Problem('sign-in-failed', cause instanceof Error ? cause.message : 'expected a logout token')
      })
      return loggedOutIn(checked.payload)
    },
    end: async (idToken) => {
      const configuration = await provider()
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined
      return buildEndSessionUrl(configuration, { id_token_hint: idToken, post_logout_redirect_uri: home.href })
    },
  }
}
