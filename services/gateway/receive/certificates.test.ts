import { once } from 'node:events'
import { createServer } from 'node:http'
import { certificate } from '@countermand/tools/stand-ins/paypal/certificate.ts'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { openCertificates } from './certificates.ts'

const asked: string[] = []
const bodies: Record<string, readonly [number, string]> = {
  '/certs/one': [200, certificate],
  '/certs/html': [200, '<html>'],
  '/certs/elsewhere': [302, ''],
  '/certs/broken': [503, ''],
}
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.url} ${JSON.stringify(Object.keys(request.headers))}`)
  const [status, body] = bodies[request.url ?? ''] ?? [404, '']
  response.writeHead(status, status === 302 ? { location: '/certs/one' } : {}).end(body)
})
let origin = ''
beforeAll(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  origin = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

let now = 0
const opened: { close: () => Promise<void> }[] = []
const rows = new Map<string, string>()
const kept = {
  all: async () => [...rows].map(([url, pem]) => ({ url, pem })),
  keep: async (url: string, pem: string) => void rows.set(url, pem),
}
const opening = (from = kept) => {
  asked.length = 0
  const certificates = openCertificates(from, { answerMs: 1_000 }, () => now)
  opened.push(certificates)
  return {
    at: (path: string) => certificates.at(new URL(path, origin)),
    proven: (path: string) => certificates.proven(new URL(path, origin)),
  }
}
const open = () => opening().at
beforeEach(() => rows.clear())
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close()
})

it('is fetched once, by all who want it, with nothing beside the question', async () => {
  const at = open()
  const found = await Promise.all([at('/certs/one'), at('/certs/one'), at('/certs/one')])
  expect(found.map((each) => each?.subject)).toEqual(Array(3).fill(found[0]?.subject))
  expect(found[0]?.subject).toContain('messageverificationcerts')
  await at('/certs/one')
  expect(asked).toEqual(['GET /certs/one ["host","connection"]'])
})

it.each(['/certs/nobody', '/certs/html', '/certs/elsewhere'])(
  'is none at %s, and is looked for again',
  async (path) => {
    const at = open()
    expect([await at(path), await at(path)]).toEqual([undefined, undefined])
    expect(asked).toHaveLength(2)
  },
)

it('that cannot be had now may be had later', async () => {
  const at = open()
  await expect(at('/certs/broken')).rejects.toThrow('503')
  bodies['/certs/broken'] = [200, certificate]
  expect(await at('/certs/broken')).toBeDefined()
  await expect(open()('http://127.0.0.1:1/certs/one')).rejects.toThrow('ECONNREFUSED')
})

it('is asked for ten times in a minute, and no more, whoever names others; what is known is known', async () => {
  const at = open()
  await at('/certs/one')
  for (let other = 1; other < 10; other++) await at(`/certs/other-${other}`)
  await expect(at('/certs/other-10')).rejects.toThrow('in this minute')
  expect(await at('/certs/one')).toBeDefined()
  expect(asked).toHaveLength(10)
  now += 60_000
  expect(await at('/certs/other-10')).toBeUndefined()
})

it('that a signature was right by is there after a start, whatever addresses are made up meanwhile', async () => {
  const before = opening()
  await before.at('/certs/one')
  await before.at('/certs/html')
  for (const path of ['/certs/one', '/certs/html', '/certs/never-asked']) await before.proven(path)
  expect([...rows.keys()]).toEqual([`${origin}/certs/one`])

  const { at } = opening()
  await Promise.allSettled(Array.from({ length: 30 }, (_, other) => at(`/certs/made-up-${other}`)))
  expect((await at('/certs/one'))?.subject).toContain('messageverificationcerts')
  expect(asked).toHaveLength(10)
})

it('is looked for among those that are kept once they can be read again', async () => {
  await opening().at('/certs/one')
  rows.set(`${origin}/certs/kept`, certificate)
  let isAway = true
  const { at } = opening({ ...kept, all: () => (isAway ? Promise.reject(new Error('away')) : kept.all()) })
  expect(await at('/certs/kept')).toBeUndefined()
  isAway = false
  expect(await at('/certs/kept')).toBeDefined()
})
