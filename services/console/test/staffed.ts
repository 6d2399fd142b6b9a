import { topics } from '@countermand/contracts'
import type { RunningService } from '@countermand/service'
import { createLogger, createMetrics } from '@countermand/telemetry'
import { type Bus, createBus, createTestDatabase, type TestDatabase } from '@countermand/testing'
import { startService } from '@countermand/testing/service.ts'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { createIdentity } from '@countermand/tools/stand-ins/identity/stand-in.ts'
import { expect } from 'vitest'
import { consoleService } from '../handlers.ts'
import { limitsOf } from '../http/shop.ts'
import { startStaff } from '../http/staff-side.ts'
import type { Case } from '../state.ts'
import { customers } from './given.ts'

/** The staff side as it runs, with a provider of identities as a process has it, and browsers that sign in there. */

/** Of each role and scope, one. */
export const people = {
  ann: { name: 'Ann', roles: ['support'], merchants: ['*'] },
  abe: { name: 'Abe', roles: ['support'], merchants: ['mer-9'] },
  bob: { name: 'Bob', roles: ['merchant'], merchants: ['mer-3'] },
  cyd: { name: 'Cyd', roles: ['merchant'], merchants: ['mer-9'] },
  dan: { name: 'Dan', roles: ['gardener'], merchants: ['*'] },
  eve: { name: 'Eve', roles: ['operations'], merchants: ['mer-9', '*'] },
  hal: { name: 'Hal', roles: ['operations'], merchants: ['*'] },
  ida: { name: 'Ida', roles: ['analyst'], merchants: ['*'] },
  jo: { name: 'Jo', roles: ['admin'], merchants: ['*'] },
  fay: { name: 'Fay', roles: ['support'] },
  gil: { name: 'Gil', roles: ['support'], merchants: [''] },
} as const
export type Person = keyof typeof people
const client = { clientId: 'console', clientSecret: 'a secret of tests' } as const

const startProvider = async (base: string) => {
  const port = await freePort()
  const issuer = new URL(`http://127.0.0.1:${port}`)
  const { clientId: id, clientSecret: secret } = client
  const server = createIdentity({
    ...{ issuer: issuer.origin, people },
    client: { id, secret, callback: `${base}/auth/callback`, home: `${base}/` },
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    issuer,
    close: () => {
      server.closeAllConnections()
      server.close()
    },
  }
}

export interface Visited {
  readonly status: number
  readonly url: string
  readonly text: string
  readonly headers: Headers
}

export type Field = readonly [name: string, value: string]

export const formWith = (key: string, fields: readonly Field[]): URLSearchParams => {
  const form = new URLSearchParams({ 'form-key': key })
  for (const [name, value] of fields) form.append(name, value)
  return form
}

/** A browser without JavaScript: it keeps cookies by origin, follows redirects, and says where a form is from. */
export const visitor = () => {
  const jars = new Map<string, Map<string, string>>()
  const jarOf = (url: string) => {
    const { origin } = new URL(url)
    const jar = jars.get(origin) ?? new Map<string, string>()
    jars.set(origin, jar)
    return jar
  }
  const visit = async (
    url: string,
    { form, headers = {} }: { readonly form?: URLSearchParams; readonly headers?: Record<string, string> } = {},
  ): Promise<Visited> => {
    const jar = jarOf(url)
    const response = await fetch(url, {
      redirect: 'manual',
      headers: {
        ...{ cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; '), accept: 'text/html' },
        ...(form !== undefined && { 'sec-fetch-site': 'same-origin' }),
        ...headers,
      },
      ...(form !== undefined && { method: 'POST', body: form }),
    })
    for (const each of response.headers.getSetCookie()) {
      const [pair = ''] = each.split(';')
      const place = pair.indexOf('=')
      jar.set(pair.slice(0, place), pair.slice(place + 1))
    }
    const location = response.headers.get('location')
    if (location !== null) return visit(new URL(location, url).href)
    return { status: response.status, url, text: await response.text(), headers: response.headers }
  }
  return { visit, jarOf }
}

const browserAt = (base: string) => () => {
  const { visit, jarOf } = visitor()
  const keyIn = (text: string) => /name="form-key" value="([^"]+)"/.exec(text)?.[1] ?? ''
  const post = async (from: string, path: string, fields: readonly Field[], headers = {}) => {
    const { text } = await visit(`${base}${from}`)
    const form = formWith(keyIn(text), fields)
    return visit(`${base}${path}`, { form, headers })
  }
  /** Through the provider's own pages. */
  const signIn = async (person: Person | 'nobody', path = '/inbox'): Promise<Visited> =>
    sayWho(await visit(`${base}${path}`), person)
  /** On the provider's page. */
  const sayWho = async (login: Visited, person: Person | 'nobody'): Promise<Visited> => {
    const action = /action="([^"]+)"/.exec(login.text)?.[1] ?? expect.fail(login.text)
    return visit(new URL(action, login.url).href, { form: new URLSearchParams({ login: person }) })
  }
  return { visit, post, signIn, sayWho, jarOf }
}

export interface Staffed {
  readonly db: TestDatabase
  readonly bus: Bus
  readonly service: RunningService<Case>
  /** How its pages are reached, without a path. */
  readonly base: string
  readonly provider: { readonly issuer: URL }
  browser(): ReturnType<ReturnType<typeof browserAt>>
  stop(): Promise<void>
}

/** `name`: of its database. */
export const startStaffed = async (
  {
    kafkaBrokers,
    databaseUrls,
  }: { readonly kafkaBrokers: string; readonly databaseUrls: { readonly console: string } },
  name: string,
): Promise<Staffed> => {
  const db = await createTestDatabase(databaseUrls.console, name)
  const bus = await createBus({ brokers: kafkaBrokers, topics: [topics.cancelRequests, topics.operationRequests] })
  const service = await startService(consoleService, { bus, db }, { orderPatience: 1_000 })
  // The provider has to know the address before anybody listens there.
  const port = await freePort()
  const base = `http://127.0.0.1:${port}`
  const provider = await startProvider(base)
  const { url: customersUrl, mails, contactKey, approvalOf, shop, accent } = customers
  const staff = await startStaff({
    ...{ service, databaseUrl: db.url, port, host: '127.0.0.1', url: new URL(base), zone: 'Europe/Berlin' },
    ...{ customersUrl, mails, contactKey, images: '', approvalOf, shop, accent },
    ...{ limits: limitsOf(100_000), proxies: [], secondPersonFrom: new Map([['EUR', 2_000]]) },
    identity: { ...client, issuer: provider.issuer, rolesClaim: 'roles', merchantsClaim: 'merchants' },
    ...{ log: createLogger({ name: 'staff-test', level: 'silent' }), metrics: createMetrics() },
  })
  return {
    ...{ db, bus, service, base, provider, browser: browserAt(base) },
    stop: async () => {
      await staff.close()
      provider.close()
      await service.stop()
      await bus.stop()
      await db.drop()
    },
  }
}
