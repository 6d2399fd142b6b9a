import { createServer, type Server, type ServerResponse } from 'node:http'
import { Gauge, type Registry } from 'prom-client'
import { within } from './within.ts'

export interface HttpServer {
  /** The port it listens on; never 0. */
  readonly port: number
  readonly url: string
  /** Stops listening and ends open connections. */
  close(): Promise<void>
}

interface HttpServerOptions {
  /** 0: any free port. */
  readonly port: number
  /** Default 127.0.0.1; a container needs 0.0.0.0. */
  readonly host?: string
  readonly registry: Registry
  /** Metrics of another registry in the process, as Prometheus text. */
  readonly moreMetrics?: () => Promise<string>
  /** Why the process is not ready, in words; empty: it is. */
  readonly readiness: () => Promise<readonly string[]> | readonly string[]
  /** What is out of the ordinary though it is ready, in words: somebody has paused it. */
  readonly notes?: () => readonly string[]
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

const sendJson = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

const notesOf = ({ notes = () => [] }: HttpServerOptions) => {
  const said = notes()
  return said.length === 0 ? {} : { notes: said }
}

/** Whoever asks gets an answer within 2 s: a part that does not answer is a reason too. */
const patienceMs = 1_900

const reasonsOf = async ({ readiness }: HttpServerOptions): Promise<readonly string[]> => {
  const asked = Promise.resolve().then(readiness)
  const reasons = await within(patienceMs, 'all parts to answer', asked).catch((error: unknown) => [messageOf(error)])
  return [...new Set(reasons)]
}

const metricsOf = async ({ registry, moreMetrics }: HttpServerOptions): Promise<string> => {
  const [own, more] = await Promise.all([registry.metrics(), moreMetrics?.() ?? ''])
  return own + more
}

const answer = async (path: string, response: ServerResponse, options: HttpServerOptions): Promise<void> => {
  switch (path) {
    case '/healthz':
      return sendJson(response, 200, { status: 'ok' })
    case '/readyz': {
      const reasons = await reasonsOf(options)
      return reasons.length === 0
        ? sendJson(response, 200, { status: 'ready', ...notesOf(options) })
        : sendJson(response, 503, { status: 'not-ready', reasons })
    }
    case '/metrics': {
      const text = await metricsOf(options)
      response.writeHead(200, { 'content-type': options.registry.contentType }).end(text)
      return
    }
    default:
      return sendJson(response, 404, { error: `expected /healthz, /readyz or /metrics, got ${path}` })
  }
}

const listen = async (server: Server, port: number, host: string): Promise<number> => {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(
        cause.code === 'EADDRINUSE'
          ? new Error(`expected port ${port} of ${host} to be free, but another process listens on it`, { cause })
          : new Error(`expected to listen on ${host}:${port}, got ${cause.message}`, { cause }),
      ),
    )
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a TCP address, got ${address}`)
  return address.port
}

/**
 * Serves `/healthz`, `/readyz` (200, or 503 with reasons) and `/metrics` (Prometheus text). Throws when the port is taken,
 * naming it.
 */
export const startHttpServer = async (options: HttpServerOptions): Promise<HttpServer> => {
  const host = options.host ?? '127.0.0.1'
  const server = createServer((request, response) => {
    const [path = '/'] = (request.url ?? '/').split('?')
    answer(path, response, options).catch((error: unknown) => sendJson(response, 500, { error: messageOf(error) }))
  })
  const port = await listen(server, options.port, host)
  new Gauge({
    name: 'countermand_ready',
    help: '1 while /readyz answers 200, else 0',
    registers: [options.registry],
    async collect() {
      this.set((await reasonsOf(options)).length === 0 ? 1 : 0)
    },
  })
  return {
    port,
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
        server.closeAllConnections()
      }),
  }
}
