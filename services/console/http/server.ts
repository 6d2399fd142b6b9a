import { isInfrastructureError } from '@countermand/database'
import { InfrastructureError } from '@countermand/kafka/message.ts'
import { traceparentOf } from '@countermand/kafka/reading.ts'
import { inSpan, type Logger, logContext, type Metrics, within } from '@countermand/telemetry'
import fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Caller } from '../store/keys.ts'
import { createLimiter, inLimit, type Limit, type Limiter } from './limits.ts'
import { networkOf } from './network.ts'
import type { PageCall, PageReply, PageRoute } from './page-route.ts'
import { bodyOf, Problem, problems } from './problems.ts'
import { type Reply, type Route, waitMsIn } from './route.ts'

/** The one room that knows Fastify: it takes connections and bytes; what they mean is checked by the routes. */

export interface ApiServer {
  readonly port: number
  /** Takes no more, and answers what has come. */
  close(): Promise<void>
}

interface ServerOptions {
  readonly port: number
  readonly host: string
  readonly routes: readonly Route[]
  /** Pages for people, at addresses of their own. The first of them also answers who asks for a page that is not there. */
  readonly pages?: readonly PageRoute[]
  /** Whose key it is; `undefined`: nobody's. */
  readonly callerOf: (key: string) => Promise<Caller | undefined>
  readonly endStreams: () => void
  readonly limits: Limits
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  readonly proxies: readonly string[]
  readonly log: Logger
  readonly metrics: Metrics
}

/** How often somebody may call. */
export interface Limits {
  readonly ofKey: Limit
  /** Of a network, without a key that counts. */
  readonly ofNobody: Limit
  /** Of pages, by a network: many people may be behind one. */
  readonly ofPages: Limit
}

/** Of a body, unless its endpoint says otherwise. */
const mostBytes = 65_536
/** Whoever has not read their answer by then is let go when the server ends. */
const closeWithinMs = 2_000
/** Whoever asks hears something within 2 s, whatever is away. */
const patienceMs = 1_900

const nobody: Caller = { keyId: '', name: '', scopes: [], merchants: [] }

const admitting = ({ callerOf, limits }: Pick<ServerOptions, 'callerOf' | 'limits'>) => {
  const [keys, networks]: [Limiter, Limiter] = [createLimiter(limits.ofKey), createLimiter(limits.ofNobody)]
  return async ({ endpoint: { who } }: Route, { ip, headers }: FastifyRequest): Promise<Caller> => {
    const network = networkOf(ip)
    if (who === 'anybody') {
      inLimit(networks.take(network))
      return nobody
    }
    // Of who has tried too many keys none is looked up.
    inLimit(networks.wait(network))
    const key = /^Bearer ([\w-]+)$/i.exec(headers.authorization ?? '')?.[1]
    const caller = key === undefined ? undefined : await callerOf(key)
    if (caller === undefined) {
      networks.take(network)
      throw new Problem('not-signed-in', 'expected a header Authorization: Bearer with a key that counts')
    }
    inLimit(keys.take(caller.keyId))
    if (!who.some((scope) => caller.scopes.includes(scope)))
      throw new Problem('not-allowed', `expected a key with one of the scopes ${who.join(', ')}`)
    return caller
  }
}

/** What took too long goes on, and whoever asks again finds it done. */
const inTime = async <T>(work: Promise<T>, waitMs: number): Promise<T> => {
  let done = false
  const watched = work.finally(() => {
    done = true
  })
  return within(patienceMs + waitMs, 'an answer', watched).catch((error: unknown) => {
    throw done ? error : new Problem('away', `nothing was answered within ${patienceMs} ms: try again`)
  })
}

const fastifys = z.object({ statusCode: z.int(), message: z.string() })

const problemOf = (error: unknown, log: Logger): Problem => {
  if (error instanceof Problem) return error
  if (error instanceof InfrastructureError || isInfrastructureError(error))
    return new Problem('away', 'the database is away: try again')
  const status = fastifys.safeParse(error).data?.statusCode
  if (status === 413) return new Problem('too-large', 'expected a smaller body')
  if (status !== undefined && status < 500) return new Problem('unreadable', 'expected a request of HTTP')
  log.error({ err: error }, 'a call could not be answered')
  return new Problem('internal', 'it was written down, and somebody will look')
}

const sendProblem = (reply: FastifyReply, problem: Problem, path: string): number => {
  const { status } = problems[problem.code]
  void reply
    .code(status)
    .headers({
      ...{ 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
      ...(status === 401 && { 'www-authenticate': 'Bearer' }),
      ...(problem.more.allow !== undefined && { allow: problem.more.allow.join(', ') }),
      ...((status === 503 || status === 429) && { 'retry-after': String(problem.more.after ?? 2) }),
    })
    .send(JSON.stringify(bodyOf(problem, path)))
  return status
}

const hasAlready = (ifNoneMatch: string | undefined, etag: string): boolean =>
  ifNoneMatch === '*' || (ifNoneMatch ?? '').split(',').some((each) => each.trim().replace(/^W\//, '') === etag)

/** Sends an answer, of which the endpoint's table declares everything; gives back its status. */
const sendReply = (request: FastifyRequest, reply: FastifyReply, { endpoint }: Route, answered: Reply): number => {
  const { status, body, headers, etag, stream } = answered
  if (stream !== undefined) {
    stream(reply.raw, request.raw.socket)
    reply.hijack()
    return status
  }
  const quoted = etag === undefined ? undefined : `"${etag}"`
  void reply.headers({
    'cache-control': 'private, no-cache',
    ...headers,
    ...(quoted !== undefined && { etag: quoted }),
  })
  if (quoted !== undefined && hasAlready(request.headers['if-none-match'], quoted)) {
    void reply.code(304).send()
    return 304
  }
  const schema = endpoint.answers[status]
  if (schema === undefined || schema === 'stream') throw new Error(`expected a declared answer, got ${status}`)
  if (schema === null) void reply.code(status).send()
  else
    void reply
      .code(status)
      .header('content-type', 'application/json')
      .send(JSON.stringify(schema.parse(body)))
  return status
}

const about = z.object({ orderId: z.string().optional(), requestId: z.string().optional() }).catch({})

const measured = (metrics: Metrics) => ({
  calls: metrics.counter<'endpoint' | 'status'>({
    name: 'countermand_api_calls_total',
    help: 'Calls of the API, by endpoint and status',
    labelNames: ['endpoint', 'status'],
  }),
  seconds: metrics.histogram<'endpoint'>({
    name: 'countermand_api_call_seconds',
    help: 'Time of one call of the API, from its headers to its answer, by endpoint; of a stream, to its beginning; none of those that are asked to wait',
    labelNames: ['endpoint'],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
  }),
})

/** What strangers write into that header goes into ours: only what may be a trace. */
const parentOf = ({ headers: { traceparent } }: FastifyRequest): string | null =>
  typeof traceparent === 'string' ? traceparentOf({ traceparent }) : null

/** Answers one call of a route. */
const answering = ({ log, metrics }: ServerOptions, admit: ReturnType<typeof admitting>, route: Route) => {
  const { calls, seconds } = measured(metrics)
  const { method, path } = route.endpoint
  const endpoint = `${method} ${path}`
  calls.inc({ endpoint, status: '200' }, 0)
  seconds.zero({ endpoint })
  return (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    inSpan({ name: endpoint, kind: 'server', parent: parentOf(request) }, async (span) => {
      const waitMs = waitMsIn(route.endpoint, request.headers)
      const end = waitMs === 0 ? seconds.startTimer({ endpoint }) : () => {}
      const [asked = ''] = request.url.split('?')
      const answer = async () => {
        const caller = await admit(route, request)
        const { params, query, headers } = request
        const body = Buffer.isBuffer(request.body) ? request.body : undefined
        const way = request.raw.socket
        const incoming = { params, query, headers, body, caller, way, traceparent: span.traceparent ?? null }
        const answered = await route.answer(incoming)
        const { orderId, requestId } = about.parse(answered.body)
        const ids = orderId === undefined ? {} : logContext({ orderId, requestId })
        if (method !== 'GET') log.info({ ...ids, endpoint, key: caller.keyId }, 'answered')
        return answered
      }
      let status: number
      try {
        status = sendReply(request, reply, route, await inTime(answer(), waitMs))
      } catch (error) {
        status = sendProblem(reply, problemOf(error, log), asked)
      }
      calls.inc({ endpoint, status: String(status) })
      end()
    })
}

const pageCallOf = (request: FastifyRequest, traceparent: string | null): PageCall => {
  const { url, params, headers, ip: address } = request
  const body = Buffer.isBuffer(request.body) ? request.body : undefined
  return { method: request.method === 'POST' ? 'POST' : 'GET', url, params, headers, body, address, traceparent }
}

const sendPage = (reply: FastifyReply, { status, headers, body }: PageReply): number => {
  for (const [name, value] of Object.entries(headers)) void reply.header(name, value)
  void reply.code(status).send(body)
  return status
}

/** Answers one call of a page; of what went wrong its route makes a page too. */
const showing = ({ log, metrics }: ServerOptions, readers: Limiter, page: PageRoute) => {
  const { calls, seconds } = measured(metrics)
  const { method, path } = page
  const endpoint = `${method} ${path.startsWith('/assets/') ? '/assets/{file}' : path}`
  calls.inc({ endpoint, status: '200' }, 0)
  seconds.zero({ endpoint })
  return (request: FastifyRequest, reply: FastifyReply): Promise<void> =>
    inSpan({ name: endpoint, kind: 'server', parent: parentOf(request) }, async (span) => {
      const end = seconds.startTimer({ endpoint })
      const call = pageCallOf(request, span.traceparent ?? null)
      let answered: PageReply
      try {
        inLimit(readers.take(networkOf(call.address)))
        answered = await inTime(page.answer(call), page.waitMs ?? 0)
      } catch (error) {
        answered = page.failed(problemOf(error, log), call)
      }
      calls.inc({ endpoint, status: String(sendPage(reply, answered)) })
      end()
    })
}

/** Which methods there are at an address; none: it is nobody's. */
const methodsAt = (all: readonly { readonly method: string; readonly path: string }[]) => {
  const known = all.map(({ method, path }) => ({
    method,
    form: new RegExp(`^${path.replaceAll('.', '[.]').replaceAll(/\{\w+\}|\*/g, '[^/]+')}$`),
  }))
  return (path: string): string[] => [
    ...new Set(known.flatMap(({ method, form }) => (form.test(path) ? [method] : []))),
  ]
}

/** A connection on which nothing was understood. */
interface Bare {
  readonly writable: boolean
  destroy(): unknown
  end(text: string): unknown
}

/** What cannot be read at all is answered on the bare connection: the same problem, as far as there is somebody to hear it. */
const answerBare = (socket: Bare, { status, body }: { readonly status: string; readonly body: string }): void => {
  if (!socket.writable) return void socket.destroy()
  const head = [
    `HTTP/1.1 ${status}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end([...head, 'connection: close', '', body].join('\r\n'))
}

const isForPeople = ({ url, headers: { accept = '' } }: FastifyRequest): boolean =>
  !url.startsWith('/v1/') && accept.includes('text/html')

/** Serves the API, and pages. */
export const startApiServer = async (options: ServerOptions): Promise<ApiServer> => {
  const { port, host, routes, pages = [], endStreams, proxies, log } = options
  const admit = admitting(options)
  const app = fastify({
    ...{ bodyLimit: mostBytes, requestTimeout: 10_000, connectionTimeout: 0, keepAliveTimeout: 5_000 },
    ...{
      trustProxy: proxies.length > 0 && [...proxies],
      logger: false,
      forceCloseConnections: 'idle',
      routerOptions: { maxParamLength: 512 },
    },
    http: { headersTimeout: 5_000, maxHeaderSize: 65_536, connectionsCheckingInterval: 1_000 },
    clientErrorHandler: (error, socket) => {
      const isLong = error.code === 'HPE_HEADER_OVERFLOW'
      const detail = isLong ? 'expected a shorter address and shorter headers' : 'expected a request of HTTP'
      answerBare(socket, {
        status: '400 Bad Request',
        body: JSON.stringify(bodyOf(new Problem('unreadable', detail), '')),
      })
    },
    frameworkErrors: (_, request, reply) => {
      const [path = ''] = request.url.split('?')
      sendProblem(reply, new Problem('unreadable', 'expected an address that can be read'), path)
    },
  })
  // What is in a body is read by the route, whatever its sender calls it.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body))
  const methodsOf = methodsAt([...routes.map(({ endpoint }) => endpoint), ...pages])
  const otherMethod = (method: string, path: string): Problem | undefined => {
    const allow = methodsOf(path)
    return allow.length === 0 || allow.includes(method)
      ? undefined
      : new Problem('method-not-allowed', `expected ${allow.join(', ')}, got ${method}`, { allow })
  }
  const [anyPage] = pages
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const problem =
      otherMethod(request.method, path) ??
      new Problem('not-found', `expected an address of the API, got ${request.method} ${path}`)
    if (anyPage !== undefined && isForPeople(request))
      sendPage(reply, anyPage.failed(problem, pageCallOf(request, null)))
    else sendProblem(reply, problem, path)
  })
  app.setErrorHandler((error, request, reply) => {
    const [path = ''] = request.url.split('?')
    // A body that cannot be read says less than a method that is not there.
    sendProblem(reply, otherMethod(request.method, path) ?? problemOf(error, log), path)
  })
  for (const route of routes) {
    const { method, path, mostBytes: bodyLimit = mostBytes } = route.endpoint
    app.route({
      method,
      url: path.replaceAll(/\{(\w+)\}/g, ':$1'),
      bodyLimit,
      handler: answering(options, admit, route),
    })
  }
  const readers = createLimiter(options.limits.ofPages)
  for (const page of pages)
    app.route({
      ...{
        method: page.method,
        url: page.path.replaceAll(/\{(\w+)\}/g, ':$1'),
        bodyLimit: page.mostBytes ?? mostBytes,
        handler: showing(options, readers, page),
      },
      errorHandler: (error, request, reply) => {
        sendPage(reply, page.failed(problemOf(error, log), pageCallOf(request, null)))
      },
    })
  await app.listen({ port, host })
  const address = app.server.address()
  if (address === null || typeof address === 'string') throw new Error('expected a TCP address')
  return {
    port: address.port,
    close: async () => {
      endStreams()
      const left = setTimeout(() => app.server.closeAllConnections(), closeWithinMs)
      await app.close()
      clearTimeout(left)
    },
  }
}
