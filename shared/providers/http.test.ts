import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { CallFailed } from './call-failed.ts'
import { type Http, type HttpOptions, openHttp, type ProviderRequest, retryAfterMs } from './http.ts'

type Serve = (request: IncomingMessage, response: ServerResponse) => void

const planted = 'sk_live_planted'
const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0)) await close()
})

/** A provider that does as it is told. */
const provider = async (serve: Serve) => {
  const seen: string[] = []
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`)
    serve(request, response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  closing.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { seen, baseUrl: `http://127.0.0.1:${port}` }
}

const opened = (options?: HttpOptions): Http => {
  const http = openHttp(options)
  closing.push(() => http.close())
  return http
}

const asked: ProviderRequest = {
  ...{ method: 'POST', path: '/v1/refunds', route: '/v1/refunds', body: 'customer=secret-name' },
  headers: { authorization: `Bearer ${planted}` },
}
const place = { baseUrl: 'http://127.0.0.1:9' }

/** What came of a call: its status, or how it failed. */
const comesOf = async (baseUrl: string, more: Partial<ProviderRequest> = {}, http = opened()) => {
  try {
    return (await http.call({ name: 'acc', baseUrl }, place)({ ...asked, ...more })).status
  } catch (error) {
    if (!(error instanceof CallFailed)) throw error
    for (const said of [error.message, String(error.stack), JSON.stringify(error)])
      expect(said).not.toMatch(/planted|secret-name/)
    return [error.reached, error.message, error.facts]
  }
}

const failed = (reached: string, words: string | RegExp) => [
  reached,
  expect.stringMatching(words),
  expect.not.objectContaining({ trouble: 'outage' }),
]

it('gives back status, headers and body as they are', async () => {
  const { baseUrl } = await provider((_, response) => {
    response.writeHead(402, { 'Retry-After': '3', 'X-One': ['a', 'b'] }).end('{"a":"ü"}')
  })
  const answer = await opened().call({ name: 'acc', baseUrl }, place)(asked)
  expect(answer).toMatchObject({ status: 402, headers: { 'x-one': 'a, b' }, body: '{"a":"ü"}' })
  expect(retryAfterMs(answer, 0)).toBe(3000)
})

it.each([
  ['Thu, 01 Jan 1970 00:01:00 GMT', 60_000],
  ['soon', undefined],
  ['', undefined],
])('reads %j as how long to wait', (given, ms) => {
  expect(retryAfterMs({ status: 429, headers: { 'retry-after': given }, body: '' }, 0)).toBe(ms)
})

describe('a call that cannot have been heard of says so:', () => {
  it('nobody listens', async () => {
    const { baseUrl } = await provider(() => {})
    for (const close of closing.splice(0)) await close()
    expect(await comesOf(baseUrl)).toEqual(failed('before-anything', 'POST /v1/refunds at acc: ECONNREFUSED'))
  })

  it('there is no such name', async () => {
    expect(await comesOf('http://nobody.invalid')).toEqual(failed('before-anything', /ENOTFOUND|EAI_AGAIN/))
  })

  it.each(['/v1/refunds/..', '/v1/../refunds', '/v1/a b', '//other.example/v1', '@other.example/'])(
    'its path leads elsewhere: %s',
    async (path) => {
      const { baseUrl, seen } = await provider((_, response) => void response.end())
      expect(await comesOf(`${baseUrl}/base`, { path })).toEqual([
        ...['before-anything', '/v1/refunds at acc is no path', { trouble: 'setup' }],
      ])
      expect(seen).toEqual([])
    },
  )
})

describe('a call that may have been heard of is unknown:', () => {
  it('its connection is cut before an answer, or within one', async () => {
    const { baseUrl } = await provider((request) => request.socket.destroy())
    expect(await comesOf(baseUrl)).toEqual(failed('unknown', /UND_ERR_SOCKET|ECONNRESET/))
    const half = await provider((request, response) => {
      response.writeHead(200, { 'content-length': 100 }).write('{"id":')
      response.once('drain', () => request.socket.destroy())
      setImmediate(() => request.socket.destroy())
    })
    expect(await comesOf(half.baseUrl)).toEqual(failed('unknown', /UND_ERR_SOCKET|ECONNRESET/))
  })

  it('no answer comes, or it never ends', async () => {
    const http = opened({ answerMs: 100 })
    const { baseUrl } = await provider(() => {})
    expect(await comesOf(baseUrl, {}, http)).toEqual(failed('unknown', 'UND_ERR_HEADERS_TIMEOUT'))
    const slow = await provider((_, response) => void response.writeHead(200).write('{'))
    expect(await comesOf(slow.baseUrl, {}, http)).toEqual(failed('unknown', 'UND_ERR_BODY_TIMEOUT'))
  })

  it('an answer that drips takes longer than a call may', async () => {
    const dripping = await provider((_, response) => {
      response.writeHead(200)
      const timer = setInterval(() => response.write(' '), 20)
      response.once('close', () => clearInterval(timer))
    })
    expect(await comesOf(dripping.baseUrl, {}, opened({ callMs: 300 }))).toEqual(failed('unknown', /acc: \S+/))
  })

  it('an answer is larger than any is', async () => {
    const { baseUrl } = await provider((_, response) => void response.end(Buffer.alloc(1_048_577, 'x')))
    expect(await comesOf(baseUrl)).toEqual(failed('unknown', 'UND_ERR_RES_EXCEEDED_MAX_SIZE'))
  })
})

it('follows no redirect: another host gets no key', async () => {
  const other = await provider((_, response) => void response.end())
  const { baseUrl } = await provider(
    (_, response) => void response.writeHead(307, { location: `${other.baseUrl}/v1/refunds` }).end(),
  )
  expect(await comesOf(baseUrl)).toBe(307)
  expect(other.seen).toEqual([])
})

it('repeats nothing by itself', async () => {
  const { baseUrl, seen } = await provider((request) => request.socket.destroy())
  for (const method of ['GET', 'POST'] as const) await comesOf(baseUrl, { method })
  expect(seen).toHaveLength(2)
})

it('has no more connections to one provider than it may, and calls them again', async () => {
  let open = 0
  let most = 0
  const waiting: (() => void)[] = []
  const { baseUrl, seen } = await provider((_, response) => {
    most = Math.max(most, ++open)
    const answer = () => {
      open--
      response.end()
    }
    waiting.push(answer)
    // The first three wait for one another: so many come at once, and no more.
    if (seen.length === 3) for (const each of waiting.splice(0)) each()
    else if (seen.length > 3) waiting.pop()?.()
  })
  const http = opened({ connections: 3 })
  expect(await Promise.all(Array.from({ length: 12 }, () => comesOf(baseUrl, {}, http)))).toEqual(Array(12).fill(200))
  expect([most, seen.length]).toEqual([3, 12])
})

describe('a provider that is away', () => {
  const circuit = { failures: 2, restMs: 30_000 }

  it('is not called by others, and what they would have done is no attempt', async () => {
    const { baseUrl, seen } = await provider((_, response) => void response.writeHead(503).end())
    const http = opened({ circuit })
    const call = http.call({ name: 'acc', baseUrl }, place)
    expect([(await call(asked)).outage, (await call(asked)).outage]).toEqual([
      ...[undefined, { trouble: 'outage', retryAfterMs: 30_000 }],
    ])
    expect(await comesOf(baseUrl, {}, http)).toEqual([
      ...['before-anything', expect.stringMatching('known to be away')],
      { trouble: 'outage', retryAfterMs: expect.any(Number) },
    ])
    expect(seen).toHaveLength(2)
  })

  it('has no part in what others are asked', async () => {
    const away = await provider((_, response) => void response.writeHead(503).end())
    const { baseUrl } = await provider((_, response) => void response.end())
    const http = opened({ circuit })
    for (let times = 0; times < 3; times++) await comesOf(away.baseUrl, {}, http)
    expect((await http.call({ name: 'other', baseUrl }, place)(asked)).status).toBe(200)
  })

  it('is found out by one after a while, whose failure is an outage too', async () => {
    let now = 0
    const { baseUrl, seen } = await provider((request, response) =>
      seen.length < 4 ? void request.socket.destroy() : void response.end(),
    )
    const http = opened({ circuit: { ...circuit, now: () => now } })
    for (let times = 0; times < 2; times++) await comesOf(baseUrl, {}, http)
    now += 30_000
    expect(await comesOf(baseUrl, {}, http)).toEqual([
      ...['unknown', expect.any(String), { trouble: 'outage', retryAfterMs: 30_000 }],
    ])
    now += 30_000
    expect([await comesOf(baseUrl, {}, http), await comesOf(baseUrl, {}, http)]).toEqual([200, 200])
  })

  it('is told from one that answers: its place may say which answers are none of it', async () => {
    const { baseUrl } = await provider((_, response) => void response.writeHead(500).end())
    const call = opened({ circuit }).call({ name: 'acc', baseUrl }, { ...place, isAway: () => false })
    for (let times = 0; times < 5; times++) expect((await call(asked)).status).toBe(500)
  })
})
