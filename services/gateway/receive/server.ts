import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Account } from '@countermand/providers/account.ts'
import type { Accounts } from '@countermand/providers/accounts.ts'
import type { Logger, Metrics } from '@countermand/telemetry'
import { senders } from '../senders/index.ts'
import type { Posted, Sender } from '../senders/sender.ts'
import type { Answer } from './receive.ts'

/** What is told in one post is a page at most. */
export const mostBytes = 262_144

/**
 * Limits of a server that anybody can reach: who sends slowly, or nothing, holds a connection for seconds; and all that are open hold so
 * much memory and no more.
 */
const limits = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16_384,
  insecureHTTPParser: false,
} as const
const mostConnections = 500

type Outcome = Answer['result'] | 'unknown-account' | 'no-post' | 'media-type' | 'too-large' | 'cut'

export interface NotifyServer {
  readonly port: number
  /** Takes no more, and answers what has come. */
  close(): Promise<void>
}

interface NotifyOptions {
  readonly port: number
  readonly host: string
  readonly accounts: Pick<Accounts, 'find'>
  readonly receive: (account: Account, sender: Sender, posted: Posted) => Promise<Answer>
  readonly metrics: Metrics
  readonly log: Logger
}

class Turned extends Error {
  readonly status: number
  readonly outcome: Outcome
  constructor(status: number, outcome: Outcome, message: string) {
    super(message)
    this.status = status
    this.outcome = outcome
  }
}

/** So much of a body that is too large is read before it is turned away: its sender, who still sends, would not see the answer. */
const mostRead = 4 * mostBytes

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const tooLarge = new Turned(413, 'too-large', `expected at most ${mostBytes} bytes`)
  if (Number(request.headers['content-length'] ?? 0) > mostRead) throw tooLarge
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    bytes += chunk.length
    if (bytes > mostRead) throw tooLarge
    if (bytes <= mostBytes) chunks.push(chunk)
  }
  if (bytes > mostBytes) throw tooLarge
  return Buffer.concat(chunks)
}

const headersOf = ({ headers }: IncomingMessage): Posted['headers'] =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  )

const checkMediaType = ({ headers }: IncomingMessage, { mediaType }: Sender): void => {
  const [type = ''] = (headers['content-type'] ?? '').toLowerCase().split(';')
  if (type.trim() !== mediaType) throw new Turned(415, 'media-type', `expected ${mediaType}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity') throw new Turned(415, 'media-type', 'expected a body that is not encoded')
}

/** The account of a path; nobody learns which there are but who has signed. */
const addressed = (request: IncomingMessage, accounts: Pick<Accounts, 'find'>) => {
  const [path = ''] = (request.url ?? '').split('?')
  const name = /^\/notify\/([a-z0-9-]{1,63})$/.exec(path)?.[1]
  const account = name === undefined ? undefined : accounts.find(name)
  const sender = account && senders.get(account.provider)
  if (account === undefined || sender === undefined)
    throw new Turned(404, 'unknown-account', 'expected POST /notify/<account>')
  if (request.method !== 'POST') throw new Turned(405, 'no-post', 'expected POST')
  return { account, sender }
}

const answer = (
  response: ServerResponse,
  status: number,
  words: string,
  headers: Record<string, string> = {},
): void => {
  if (response.headersSent || response.destroyed) return
  response
    .writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(words), ...headers })
    .end(words)
}

const counters = (metrics: Metrics) => ({
  posts: metrics.counter<'account' | 'result'>({
    name: 'countermand_notifications_total',
    help: 'Posts to the gateway, by account and what became of them',
    labelNames: ['account', 'result'],
  }),
  seconds: metrics.histogram({
    name: 'countermand_notification_seconds',
    help: 'Time of one post, from its headers to its answer',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  }),
})

const handler = ({ accounts, receive, metrics, log }: NotifyOptions) => {
  const { posts, seconds } = counters(metrics)
  posts.inc({ account: '', result: 'unknown-account' }, 0)
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const end = seconds.startTimer()
    let known = ''
    try {
      const { account, sender } = addressed(request, accounts)
      known = account.name
      checkMediaType(request, sender)
      const posted = { headers: headersOf(request), body: await bodyOf(request) }
      const { status, result } = await receive(account, sender, posted)
      posts.inc({ account: known, result })
      const words = status === 200 ? (sender.yes ?? result) : result
      answer(response, status, words, status === 503 ? { 'retry-after': '10' } : {})
    } catch (error) {
      const turned = error instanceof Turned ? error : new Turned(400, 'cut', 'expected the whole of a body')
      if (!(error instanceof Turned) && !request.errored) log.error({ err: error }, 'a post could not be taken')
      posts.inc({ account: known, result: turned.outcome })
      // What is left of the body is not read.
      answer(response, turned.status, turned.message, {
        connection: 'close',
        ...(turned.status === 405 && { allow: 'POST' }),
      })
    } finally {
      end()
    }
  }
  return (request: IncomingMessage, response: ServerResponse) => void handle(request, response)
}

const listen = async (server: Server, port: number, host: string): Promise<number> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(port, host, resolve)
  await promise
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a TCP address, got ${address}`)
  return address.port
}

/** Serves `POST /notify/<account>`. */
export const startNotifyServer = async (options: NotifyOptions): Promise<NotifyServer> => {
  const server = createServer(limits, handler(options))
  server.maxConnections = mostConnections
  const port = await listen(server, options.port, options.host)
  return {
    port,
    close: async () => {
      const closed = Promise.withResolvers<void>()
      server.close(() => closed.resolve())
      server.closeIdleConnections()
      await closed.promise
    },
  }
}
