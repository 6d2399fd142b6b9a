import { z } from 'zod'
import { serveControl } from '../control.ts'
import { createFaults, plannedFault, type RequestFault } from '../faults.ts'
import { type Kept, keptIn } from '../kept.ts'
import { type Answer, type Asked, serveApi } from '../serve-api.ts'
import { tellLater } from '../told-later.ts'
import { badToken, type Credentials, createApi, failure, tooMany } from './api.ts'
import { createBook, type Parcel } from './book.ts'
import { createTeller } from './notices.ts'

/**
 * Stands for UPS: tokens, void, Delivery Intercept, Track and Track Alert, on a book. It shows that we have read the vendor's documents, and
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

const settings = z.object({ told: z.object({ url: z.url(), credential: z.string() }).nullable() })

export interface UpsWays {
  /** When it brings a parcel back that it was asked for. */
  readonly turnsAfterMs?: number
  readonly kept?: Kept
}

/** `now`: by whose clock parcels move and tokens end, in ms since the epoch. */
export const createStandIn = (
  credentials: Credentials,
  slowMs = 10_000,
  now: () => number = Date.now,
  { turnsAfterMs, kept = keptIn() }: UpsWays = {},
) => {
  const book = createBook(now, turnsAfterMs, kept)
  const teller = createTeller()
  const api = createApi(book, credentials, now)
  const faults = createFaults()
  const requests: Asked[] = []
  const control = serveControl(
    {
      'GET /book': () => book.parcels(),
      'GET /requests': () => requests.map(({ method, path, body }) => ({ method, path, body })),
      'POST /faults': (body) => faults.plan(plannedFault.parse(body)),
      'DELETE /faults': () => faults.clear(),
      'GET /posts': () => teller.posts,
      'POST /settings': (body) => {
        teller.to(settings.parse(body).told ?? undefined)
        if (kept.isAgain) for (const parcel of book.parcels()) tellAgain(parcel)
      },
      'POST /moved': async (body) => {
        const { trackingNumber, place } = moved.parse(body)
        book.isAt(trackingNumber, place)
        await teller.tell(book.parcelOf(trackingNumber))
      },
      'POST /forget-tokens': () => api.forgetTokens(),
    },
    kept,
  )
  /** Whoever hears of alerts hears of a parcel that it has turned round. */
  const tellOfReturn = (trackingNumber: string) => {
    const { intercept } = book.parcelOf(trackingNumber)
    if (typeof intercept !== 'number' || !teller.isHeard()) return
    void tellLater(intercept - now() + 50, () => teller.tell(book.parcelOf(trackingNumber)))
  }
  const tellAgain = ({ trackingNumber, place }: Parcel) => {
    if (place === 'returning') void tellLater(0, () => teller.tell(book.parcelOf(trackingNumber)))
    else tellOfReturn(trackingNumber)
  }
  return {
    ...{ control, book, faults, requests, forgetTokens: api.forgetTokens },
    api: serveApi({
      ...{ faults, kept, failure, slowMs: () => slowMs },
      flaw: () => undefined,
      instead: (fault) => instead[fault],
      answer: (asked) => api.answer(asked),
      done: async (asked) => {
        requests.push(asked)
        const number = /^\/api\/deliveryintercept\/v2\/return\/(\w+)$/.exec(asked.path)?.[1]
        if (number !== undefined) tellOfReturn(number)
      },
      another: (answer) => answer,
    }),
  }
}
