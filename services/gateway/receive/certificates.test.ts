import { once } from 'node:events'
import { createServer } from 'node:http'
import { certificate } from '@countermand/tools/stand-ins/paypal/certificate.ts'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
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
const open = () => {
  asked.length = 0
  const certificates = openCertificates({ answerMs: 1_000 }, () => now)
  opened.push(certificates)
  return (path: string) => certificates.at(new URL(path, origin))
}
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
