import { z } from 'zod'
import { serveControl } from '../control.ts'
import { createFaults, plannedFault, type RequestFault } from '../faults.ts'
import { type Answer, type Asked, serveApi } from '../serve-api.ts'
import { badToken, type Credentials, createApi, failure, tooMany } from './api.ts'
import { createBook } from './book.ts'

/**
 * Stands for UPS: tokens, void, Delivery Intercept and Track, on a book in memory. It shows that we have read the vendor's documents, and
 * no more.
 */

/** Those that this stand-in plays, of all that its kind knows. */
export const upsFaults = [
  ...(['cut-before', '429', '500-before', 'hang-before', 'key-expired'] as const),
  ...(['cut-after', 'cut-half', '500-after', 'hang-after', 'html-502', 'slow'] as const),
] satisfies RequestFault[]

const instead: Partial<Record<RequestFault, Answer>> = {
  ...{ '429': tooMany, '500-before': failure, 'key-expired': badToken },
}

const moved = z.object({
  trackingNumber: z.string(),
  place: z.enum(['label', 'road', 'out', 'returning', 'returned', 'delivered']),
})

/** `now`: by whose clock parcels move and tokens end, in ms since the epoch. */
export const createStandIn = (credentials: Credentials, slowMs = 10_000, now: () => number = Date.now) => {
  const book = createBook(now)
  const api = createApi(book, credentials, now)
  const faults = createFaults()
  const requests: Asked[] = []
  const control = serveControl({
    'GET /book': () => book.parcels(),
    'GET /requests': () => requests.map(({ method, path, body }) => ({ method, path, body })),
    'POST /faults': (body) => faults.plan(plannedFault.parse(body)),
    'DELETE /faults': () => faults.clear(),
    'POST /moved': (body) => {
      const { trackingNumber, place } = moved.parse(body)
      book.isAt(trackingNumber, place)
    },
    'POST /forget-tokens': () => api.forgetTokens(),
  })
  return {
    ...{ control, book, faults, requests, forgetTokens: api.forgetTokens },
    api: serveApi({
      ...{ faults, failure, slowMs: () => slowMs },
      flaw: () => undefined,
      instead: (fault) => instead[fault],
      answer: (asked) => api.answer(asked),
      done: async (asked) => void requests.push(asked),
      another: (answer) => answer,
    }),
  }
}
