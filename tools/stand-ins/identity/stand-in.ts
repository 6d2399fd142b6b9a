import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import Provider from 'oidc-provider'
import { whoPage } from './page.ts'
import { people as everybody, type Person } from './people.ts'

/** A real provider of OpenID Connect, where whoever says that they are somebody is believed: for this machine alone. */

export interface Client {
  readonly id: string
  readonly secret: string
  /** Where browsers are sent back to after signing in, and after signing out. */
  readonly callback: string
  readonly home: string
}

export interface IdentitySettings {
  readonly issuer: string
  readonly client: Client
  /** By the name that each signs in with. */
  readonly people?: Readonly<Record<string, Person>>
}

const lookUp = (people: Readonly<Record<string, Person>>, id: string) =>
  Object.hasOwn(people, id) && people[id] !== undefined
    ? { accountId: id, claims: async () => ({ sub: id, ...people[id] }) }
    : undefined

/** Nothing lasts longer than a working day, in seconds. */
const day = 12 * 3_600
const lasts = { AccessToken: 600, AuthorizationCode: 60, Grant: day, IdToken: 600, Interaction: 600, Session: day }

/** Made now: who has kept a token of an earlier run has nothing. */
const newKey = () => ({
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }),
  ...{ kid: 'now', use: 'sig' },
})

const providerFor = ({ issuer, client, people = everybody }: IdentitySettings): Provider =>
  new Provider(issuer, {
    clients: [
      {
        ...{ client_id: client.id, client_secret: client.secret, redirect_uris: [client.callback] },
        post_logout_redirect_uris: [client.home],
        backchannel_logout_uri: new URL('/auth/backchannel-logout', client.home).href,
        backchannel_logout_session_required: true,
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'merchants'] },
    ...{ conformIdTokenClaims: false, ttl: lasts, jwks: { keys: [newKey()] } },
    findAccount: (_, id) => lookUp(people, id),
    cookies: { keys: [randomBytes(32).toString('hex')] },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    // It tells the console on this machine, which the provider would not do by itself.
    fetch: (url, { dispatcher: _, ...options } = {}) => globalThis.fetch(url, options),
    interactions: { url: (_, { uid }) => `/who/${uid}` },
    // What it is asked for is the client's own: nobody has to agree to it.
    loadExistingGrant: async ({ oidc }) => {
      const { session, client: asking } = oidc
      if (session?.accountId === undefined || asking === undefined) return undefined
      const known = session.grantIdFor(asking.clientId)
      if (known !== undefined) return await oidc.provider.Grant.find(known)
      const grant = new oidc.provider.Grant({ accountId: session.accountId, clientId: asking.clientId })
      grant.addOIDCScope('openid profile')
      await grant.save()
      return grant
    },
  })

/** Says who somebody is, as they say; whom it does not know it asks again. */
const answer = async (
  provider: Provider,
  people: Readonly<Record<string, Person>>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { uid } = await provider.interactionDetails(request, response)
  const login = request.method === 'POST' ? new URLSearchParams(await text(request)).get('login') : null
  if (login !== null && Object.hasOwn(people, login)) {
    await provider.interactionFinished(request, response, { login: { accountId: login } })
    return
  }
  const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }
  response.writeHead(200, headers).end(whoPage(`/who/${uid}`, people))
}

/** Its address has to be known before: it is in what it says. */
export const createIdentity = (settings: IdentitySettings): Server => {
  const { people = everybody } = settings
  const provider = providerFor(settings)
  const handle = provider.callback()
  return createServer((request, response) => {
    if (!/^\/who\/[\w-]+$/.test(request.url ?? '')) return void handle(request, response)
    answer(provider, people, request, response).catch((error: unknown) => {
      response.writeHead(400, { 'content-type': 'text/plain' }).end(`begin again: ${String(error)}`)
    })
  })
}
