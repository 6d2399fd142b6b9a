import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { id, shipmentStatus } from '@countermand/contracts'
import { z } from 'zod'
import { serveControl } from '../control.ts'
import { createFaults, plannedFault, type RequestFault } from '../faults.ts'
import { createBook, operations } from './book.ts'

/**
 * Stands for a carrier of a shop's own, as `docs/providers/webhook-carrier.md` asks it to be: it checks signatures and their time, takes
 * nothing that it does not know, and behaves by the tracking number.
 */

/** Those that this stand-in plays, of all that its kind knows. */
export const carrierFaults = [
  ...(['cut-before', '429', '500-before', 'hang-before', 'key-expired', 'other-account'] as const),
  ...(['cut-after', 'cut-half', '500-after', 'hang-after', 'html-502', 'slow'] as const),
] satisfies RequestFault[]

const asked = z.strictObject({
  operation: z.enum(operations),
  key: z.string().min(1),
  round: z.int().positive(),
  carrierRef: id.exactOptional(),
  shipment: z.strictObject({
    ...{ orderId: z.string().min(1), shipmentId: z.string().min(1), trackingNumber: z.string().min(1) },
    ...{ carrier: z.string().min(1), status: shipmentStatus },
    ...{ merchantId: z.string().exactOptional(), shipmentRef: z.string().exactOptional() },
  }),
})

const isSigned = ({ headers }: IncomingMessage, body: string, secret: string, now: number): boolean => {
  const { 'webhook-id': name, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers
  if (Math.abs(now / 1000 - Number(at)) > 300 || typeof signatures !== 'string') return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${name}.${at}.${body}`).digest()
  return signatures.split(' ').some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

const send = (response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

const cutHalf = (response: ServerResponse, body: string) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length })
  response.write(body.slice(0, body.length / 2), () => response.destroy())
}

/** `true`: it was answered, or never is, and nothing was done. */
const goesWrongBefore = (fault: RequestFault | undefined, response: ServerResponse): boolean => {
  switch (fault) {
    case 'cut-before':
      response.destroy()
      return true
    case 'hang-before':
      return true
    case '429':
      send(response, 429, { error: 'too many' }, { 'retry-after': '0' })
      return true
    case '500-before':
      send(response, 500, { error: 'it fails' })
      return true
    case 'key-expired':
      send(response, 401, { error: 'who are you' })
      return true
    case 'other-account':
      send(response, 404, { error: 'no such account' })
      return true
    default:
      return false
  }
}

const answerAs = (fault: RequestFault | undefined, said: unknown, response: ServerResponse, slowMs: number): void => {
  if (said === undefined) return void send(response, 503, { error: 'it fails' })
  switch (fault) {
    case 'cut-after':
      return void response.destroy()
    case 'cut-half':
      return void cutHalf(response, JSON.stringify(said))
    case 'hang-after':
      return
    case '500-after':
      return void send(response, 500, { error: 'it fails' })
    case 'html-502':
      return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>502 Bad Gateway</html>')
    case 'slow':
      return void setTimeout(() => send(response, 200, said), slowMs)
    default:
      return void send(response, 200, said)
  }
}

/** `now`: by whose clock what is taken on takes effect, in ms since the epoch. */
export const createStandIn = (secret: string, slowMs = 10_000, now: () => number = Date.now) => {
  const book = createBook(now)
  const faults = createFaults()
  const requests: { readonly path: string; readonly webhookId: string; readonly body: unknown }[] = []

  const api = createServer((request, response) => {
    const work = async () => {
      const body = await text(request)
      const path = request.url ?? '/'
      const fault = faults.ofRequest(`${request.method} ${path}`)
      if (goesWrongBefore(fault, response)) return
      if (!isSigned(request, body, secret, Date.now())) return void send(response, 401, { error: 'not signed' })
      const read = asked.safeParse(JSON.parse(body))
      if (!read.success || path !== `/${read.data.operation}` || request.method !== 'POST')
        return void send(response, 400, { error: z.prettifyError(read.error ?? new z.ZodError([])) })
      requests.push({ path, webhookId: String(request.headers['webhook-id']), body: read.data })
      const { operation, key, shipment, round } = read.data
      answerAs(fault, book.ask(operation, { key, round, parcel: shipment }), response, slowMs)
    }
    work().catch(() => response.destroy())
  })

  const control = serveControl({
    'GET /book': () => book.entries(),
    'GET /requests': () => requests,
    'POST /faults': (body) => faults.plan(plannedFault.parse(body)),
    'DELETE /faults': () => faults.clear(),
  })
  return { api, control, book, faults, requests }
}
