import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

/** A real identity provider: whoever signs in as one of these is them, whatever their password. */
export const people = {
  ann: { name: 'Ann', roles: ['support'] },
  bob: { name: 'Bob', roles: ['merchant'], merchants: ['mer-3'] },
  cyd: { name: 'Cyd', roles: ['merchant'], merchants: ['mer-9'] },
  dan: { name: 'Dan', roles: ['gardener'] },
  eve: { name: 'Eve', roles: ['operations'] },
} as const satisfies Readonly<Record<string, { name: string; roles: readonly string[]; merchants?: readonly string[] }>>
export type Person = keyof typeof people

export const client = { clientId: 'console', clientSecret: 'a secret of tests' } as const

const isPerson = (id: string): id is Person => Object.hasOwn(people, id)

export const startIdentityProvider = async (callback: string, home: string) => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  const issuer = `http://127.0.0.1:${address.port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        ...{ client_id: client.clientId, client_secret: client.clientSecret, redirect_uris: [callback] },
        post_logout_redirect_uris: [home],
      },
    ],
    claims: { openid: ['sub'], profile: ['name', 'roles', 'merchants'] },
    conformIdTokenClaims: false,
    findAccount: (_, id) =>
      isPerson(id) ? { accountId: id, claims: async () => ({ sub: id, ...people[id] }) } : undefined,
    cookies: { keys: ['keys of tests'] },
  })
  server.on('request', provider.callback())
  return {
    issuer: new URL(issuer),
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}
