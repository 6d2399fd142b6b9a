import type { lookup } from 'node:dns'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { openCalls } from './call.ts'
import { allowing } from './public-address.ts'

let server: Server | undefined
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

/** Counts those who come, and answers each with this status. */
const serve = async (status: number, headers: Readonly<Record<string, string>> = {}) => {
  const came: string[] = []
  const made = createServer((request, response) => {
    came.push(request.url ?? '')
    response.writeHead(status, { ...headers }).end('x'.repeat(1_000_000))
  })
  server = made
  made.on('connection', () => came.push('connection'))
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve))
  const address = made.address()
  if (address === null || typeof address === 'string') throw new Error('expected a port')
  return { came, port: address.port }
}
const signed = { 'webhook-id': 'evt_1', 'webhook-timestamp': '1', 'webhook-signature': 'v1,x' }

/** Leads every name to these addresses. */
const leadsTo = (...addresses: readonly string[]): typeof lookup =>
  Object.assign(
    (_: string, __: unknown, callback: (error: null, found: unknown) => void) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      ),
    { __promisify__: undefined },
  ) as unknown as typeof lookup

const post = async (url: string, allow: readonly string[], look?: typeof lookup) => {
  const calls = openCalls(allowing(allow), look)
  try {
    return await calls.post(url, '{}', signed)
  } finally {
    await calls.close()
  }
}

it.each([200, 204, 302, 410, 500])('tells what was answered: %i', async (status) => {
  const { came, port } = await serve(status, { location: '/elsewhere' })
  expect(await post(`http://127.0.0.1:${port}/here`, ['127.0.0.1'])).toEqual({ status })
  expect(came).toEqual(['connection', '/here'])
})

it.each([['127.0.0.1'], ['93.184.216.34', '127.0.0.1'], ['::1'], ['169.254.169.254']])(
  'connects to nobody when a name leads to %s',
  async (...addresses) => {
    const { came, port } = await serve(200)
    const tried = await post(`https://shop.example:${port}/`, [], leadsTo(...addresses))
    expect(tried).toMatchObject({ error: expect.stringContaining('no public address') })
    expect(came).toEqual([])
  },
)

it('goes where the name led when it was checked, and asks for TLS there', async () => {
  const { came, port } = await serve(200)
  const tried = await post(`https://shop.example:${port}/`, ['127.0.0.1'], leadsTo('127.0.0.1'))
  expect(tried).toMatchObject({ error: expect.stringContaining('the call failed') })
  expect(came).toEqual(['connection'])
})

it.each(['http://127.0.0.1:9/', 'https://127.0.0.1:9/', 'https://[::ffff:127.0.0.1]:9/'])(
  'does not even try %s',
  async (url) => expect(await post(url, [])).toMatchObject({ error: expect.stringContaining('a public address') }),
)

it('says in a few words that nobody answers', async () => {
  const { port } = await serve(200)
  server?.close()
  server = undefined
  expect(await post(`http://127.0.0.1:${port}/`, ['127.0.0.1'])).toEqual({ error: 'the call failed: ECONNREFUSED' })
})
