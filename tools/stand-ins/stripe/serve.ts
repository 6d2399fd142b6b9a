import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import type { Faults, RequestFault } from '../faults.ts'
import { type Answer, badKey, failure, missing, tooMany } from './answers.ts'
import type { Api, Asked, Way } from './api.ts'

/** The API on a port: what is asked is answered, unless something is to go wrong. */

const html = '<html><body><h1>502 Bad Gateway</h1></body></html>'

const send = (response: ServerResponse, { status, headers = {}, body }: Answer) => {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_1', ...headers })
  response.end(JSON.stringify(body))
}

const cutHalf = (response: ServerResponse, { status, body }: Answer) => {
  const whole = JSON.stringify(body)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': whole.length })
  response.write(whole.slice(0, whole.length / 2), () => response.destroy())
}

/** Answers in the place of the API; nothing was done. */
const instead: Partial<Record<RequestFault, Answer>> = {
  ...{ '429': tooMany, '500-before': failure, 'key-expired': badKey },
  'other-account': missing('payment_intent', 'pi_x'),
}

const ways: Partial<Record<RequestFault, Way>> = { 'kept-500': 'fails', 'kept-500-after': 'fails when done' }

const isRefund = (body: unknown): body is { readonly amount: number; readonly object: 'refund' } =>
  typeof body === 'object' && body !== null && 'object' in body && body.object === 'refund'

const changed = (answer: Answer, change: object): Answer =>
  isRefund(answer.body) ? { ...answer, body: { ...answer.body, ...change } } : answer

export interface Serving {
  readonly api: Api
  readonly faults: Faults
  /** How long it takes where it is slow. */
  readonly slowMs: () => number
  /** Told of an answer of the API; it may take its time before the answer goes out. */
  readonly done: (asked: Asked, answer: Answer) => Promise<void>
  /** What this payment does to its first requests. */
  readonly flaw: (asked: Asked) => RequestFault | undefined
}

const answerAs = (fault: RequestFault | undefined, answer: Answer, response: ServerResponse, slowMs: number) => {
  switch (fault) {
    case 'cut-after':
      return void response.destroy()
    case 'cut-half':
      return cutHalf(response, answer)
    case 'hang-after':
      return undefined
    case '500-after':
      return send(response, failure)
    case 'html-502':
      return void response.writeHead(502, { 'content-type': 'text/html' }).end(html)
    case 'slow':
      return void setTimeout(() => send(response, answer), slowMs)
    case 'other-amount':
      return send(response, changed(answer, { amount: 1 }))
    case 'other-currency':
      return send(response, changed(answer, { currency: 'xts' }))
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

export const serveApi = ({ api, faults, slowMs, done, flaw }: Serving): Server =>
  createServer((request, response) => {
    const work = async () => {
      const asked = await askedOf(request)
      const fault = faults.ofRequest(`${asked.method} ${asked.path}`) ?? flaw(asked)
      if (fault === 'cut-before') return void response.destroy()
      if (fault === 'hang-before') return
      if (fault === '409') return send(response, api.inUse)
      const early = fault === undefined ? undefined : instead[fault]
      if (early !== undefined) return send(response, early)
      const answer = api.answer(asked, fault && ways[fault])
      await done(asked, answer)
      answerAs(fault, answer, response, slowMs())
    }
    work().catch(() => response.destroy())
  })
