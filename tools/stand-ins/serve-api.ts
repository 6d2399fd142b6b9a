import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Faults, RequestFault } from './faults.ts'
import type { Kept } from './kept.ts'

/** A provider's API on a port: what is asked is answered, unless something is to go wrong. */

/** A request, as it came. */
export interface Asked {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly body: string
}

export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** As JSON; absent: it has none. */
  readonly body?: unknown
}

export interface Serving {
  readonly faults: Faults
  /** What an answer tells of is in it before the answer goes out. */
  readonly kept: Kept
  /** What this payment does to its first requests. */
  readonly flaw: (asked: Asked) => RequestFault | undefined
  /** Answers in the place of the API; nothing was done. Absent: not with this fault. */
  readonly instead: (fault: RequestFault) => Answer | undefined
  readonly answer: (asked: Asked, fault: RequestFault | undefined) => Answer
  /** Told of an answer of the API; it may take its time before the answer goes out. */
  readonly done: (asked: Asked, answer: Answer) => Promise<void>
  /** What comes when it fails once its work is done. */
  readonly failure: Answer
  /** The answer, telling of a refund of another amount or currency. */
  readonly another: (answer: Answer, what: 'amount' | 'currency') => Answer
  /** How long it takes where it is slow. */
  readonly slowMs: () => number
}

const html = '<html><body><h1>502 Bad Gateway</h1></body></html>'

const textOf = ({ body }: Answer): string => {
  if (body === undefined) return ''
  return typeof body === 'string' ? body : JSON.stringify(body)
}

const send = (response: ServerResponse, answer: Answer) => {
  response.writeHead(answer.status, { 'content-type': 'application/json', 'request-id': 'req_1', ...answer.headers })
  response.end(textOf(answer))
}

const cutHalf = (response: ServerResponse, answer: Answer) => {
  const whole = textOf(answer)
  response.writeHead(answer.status === 204 ? 200 : answer.status, {
    ...{ 'content-type': 'application/json', 'content-length': whole.length + 1 },
  })
  response.write(whole.slice(0, whole.length / 2) || ' ', () => response.destroy())
}

const answerAs = (fault: RequestFault | undefined, answer: Answer, response: ServerResponse, serving: Serving) => {
  switch (fault) {
    case 'cut-after':
      return void response.destroy()
    case 'cut-half':
      return cutHalf(response, answer)
    case 'hang-after':
      return undefined
    case '500-after':
      return send(response, serving.failure)
    case 'error-200':
      return send(response, { ...serving.failure, status: 200 })
    case 'html-502':
      return void response.writeHead(502, { 'content-type': 'text/html' }).end(html)
    case 'html-200':
      return void response.writeHead(200, { 'content-type': 'text/html' }).end(html)
    case 'slow':
      return void setTimeout(() => send(response, answer), serving.slowMs())
    case 'other-amount':
      return send(response, serving.another(answer, 'amount'))
    case 'other-currency':
      return send(response, serving.another(answer, 'currency'))
    default:
      return send(response, answer)
  }
}

const askedOf = async (request: IncomingMessage): Promise<Asked> => {
  const url = new URL(request.url ?? '/', 'http://stand-in')
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join() : value]),
  )
  const { method = '' } = request
  return { method, path: url.pathname, query: url.searchParams, headers, body: await text(request) }
}

export const serveApi = (serving: Serving): Server =>
  createServer((request, response) => {
    const work = async () => {
      const asked = await askedOf(request)
      const fault = serving.faults.ofRequest(`${asked.method} ${asked.path}`) ?? serving.flaw(asked)
      if (fault === 'cut-before') return void response.destroy()
      if (fault === 'hang-before') return
      const early = fault === undefined ? undefined : serving.instead(fault)
      if (early !== undefined) return send(response, early)
      const answer = serving.answer(asked, fault)
      if (asked.method !== 'GET') serving.kept.save()
      await serving.done(asked, answer)
      answerAs(fault, answer, response, serving)
    }
    work().catch(() => response.destroy())
  })
