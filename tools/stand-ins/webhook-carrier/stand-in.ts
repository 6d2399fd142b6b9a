import { createHmac, timingSafeEqual } from 'node:crypto'
import { id, shipmentStatus } from '@countermand/contracts'
import { z } from 'zod'
import { serveControl } from '../control.ts'
import { createFaults, plannedFault, type RequestFault } from '../faults.ts'
import { type Kept, keptIn } from '../kept.ts'
import { type Answer, type Asked, serveApi } from '../serve-api.ts'
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

const isSigned = ({ headers, body }: Asked, secret: string, now: number): boolean => {
  const { 'webhook-id': name, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers
  if (Math.abs(now / 1000 - Number(at)) > 300 || typeof signatures !== 'string') return false
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const expected = createHmac('sha256', key).update(`${name}.${at}.${body}`).digest()
  return signatures.split(' ').some((each) => {
    const given = Buffer.from(each.replace(/^v1,/, ''), 'base64')
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

const failed = (status: number, error: string, headers: Record<string, string> = {}): Answer => ({
  ...{ status, headers, body: { error } },
})

/** Answers in the place of the carrier; nothing was done. */
const instead: Partial<Record<RequestFault, Answer>> = {
  ...{ '429': failed(429, 'too many', { 'retry-after': '0' }), '500-before': failed(500, 'it fails') },
  ...{ 'key-expired': failed(401, 'who are you'), 'other-account': failed(404, 'no such account') },
}

/** `now`: by whose clock what is taken on takes effect, in ms since the epoch. */
export const createStandIn = (secret: string, slowMs = 10_000, now: () => number = Date.now, kept: Kept = keptIn()) => {
  const book = createBook(now, kept)
  const faults = createFaults()
  const requests: { readonly path: string; readonly webhookId: string; readonly body: unknown }[] = []

  const answer = (request: Asked): Answer => {
    const { method, path, body } = request
    if (!isSigned(request, secret, Date.now())) return failed(401, 'not signed')
    const read = asked.safeParse(JSON.parse(body))
    if (!read.success || path !== `/${read.data.operation}` || method !== 'POST')
      return failed(400, z.prettifyError(read.error ?? new z.ZodError([])))
    requests.push({ path, webhookId: String(request.headers['webhook-id']), body: read.data })
    const { operation, key, shipment, round } = read.data
    const said = book.ask(operation, { key, round, parcel: shipment })
    return said === undefined ? failed(503, 'it fails') : { status: 200, body: said }
  }
  const api = serveApi({
    ...{ faults, kept, answer, failure: failed(500, 'it fails'), slowMs: () => slowMs },
    flaw: () => undefined,
    instead: (fault) => instead[fault],
    done: async () => {},
    another: (same) => same,
  })

  const control = serveControl(
    {
      'GET /book': () => book.entries(),
      'GET /requests': () => requests,
      'POST /faults': (body) => faults.plan(plannedFault.parse(body)),
      'DELETE /faults': () => faults.clear(),
    },
    kept,
  )
  return { api, control, book, faults, requests }
}
