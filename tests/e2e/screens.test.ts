import { formWith, visitor } from '@countermand/console/test/staffed.ts'
import { eventually } from '@countermand/testing'
import { freePort } from '@countermand/tools/stack/ports.ts'
import { createIdentity } from '@countermand/tools/stand-ins/identity/stand-in.ts'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { openShop } from './shop.ts'
import { startWorld, type World } from './world.ts'

/** What an operator does on pages, from the stuck saga to its end: console, Kafka, operations and Temporal, each as it is deployed. */

const client = { id: 'console', secret: 'a-secret-of-tests' } as const
let world: World
let base: string
let closeProvider: () => void

beforeAll(async () => {
  const [staffPort, providerPort] = [await freePort(), await freePort()]
  base = `http://127.0.0.1:${staffPort}`
  const issuer = `http://127.0.0.1:${providerPort}`
  const provider = createIdentity({
    issuer,
    client: { ...client, callback: `${base}/auth/callback`, home: `${base}/` },
  })
  await new Promise<void>((resolve) => provider.listen(providerPort, '127.0.0.1', resolve))
  closeProvider = () => {
    provider.closeAllConnections()
    provider.close()
  }
  world = await startWorld(inject('stack'), {
    ...{ CONSOLE: 'on', STAFF_PORT: `${staffPort}`, STAFF_URL: base, OIDC_ISSUER: issuer },
    ...{ OIDC_CLIENT_ID: client.id, OIDC_CLIENT_SECRET: client.secret },
    ...{ STEP_ATTEMPTS: '2', STEP_BACKOFF: '20ms', SWEEP_INTERVAL: '1h' },
  })
})
afterAll(async () => {
  closeProvider?.()
  await world?.stop()
})

const operator = async () => {
  const { visit } = visitor()
  const login = await visit(`${base}/attention`)
  const action = /action="([^"]+)"/.exec(login.text)?.[1] ?? expect.fail(login.text)
  await visit(new URL(action, login.url).href, { form: new URLSearchParams({ login: 'eve' }) })
  const post = async (path: string, fields: readonly (readonly [string, string])[]) => {
    const { text } = await visit(`${base}/attention`)
    const key = /name="form-key" value="([^"]+)"/.exec(text)?.[1] ?? ''
    return visit(`${base}${path}`, { form: formWith(key, fields) })
  }
  const shows = (url: string, words: string) =>
    eventually(`${words} on ${url}`, async () => (await visit(url)).text.includes(words), 40_000)
  return { visit, post, shows }
}

it('drives a stuck saga on, says what came of it, and holds intake', async () => {
  const shop = openShop(world)
  const request = await shop.ask(await shop.place({ name: 'on-pages', tenders: [{ ref: 'pay_down' }] }))
  await request.hears('order.cancellation.needs-attention.v1')
  const { post, shows, visit } = await operator()
  await shows(`${base}/attention`, request.orderId)
  const looking = await post('/attention', [
    ['request', request.requestId],
    ['way', 'retry'],
  ])
  await shows(looking.url, 'This would be done')
  await post(new URL(looking.url).pathname, [['reason', 'the bank is back']])
  await shows(looking.url, '1 of 1 done')
  expect(await request.ends()).toMatchObject({ outcome: 'cancelled' })
  expect((await visit(`${base}/cases/${request.orderId}`)).text).toMatch(
    /Tried again by operations: .*the bank is back/,
  )
  const held = await post('/system/intake', [
    ['to', 'pause'],
    ['reason', 'the bank asks for it'],
  ])
  await shows(held.url, '1 of 1 done')
  await shows(`${base}/system`, 'Held by Eve Operator')
})
