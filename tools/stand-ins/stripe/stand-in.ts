import { z } from 'zod'
import { serveControl } from '../control.ts'
import { createFaults, type NoticeFault, type RequestFault } from '../faults.ts'
import { type Kept, keptIn } from '../kept.ts'
import { providerControl } from '../provider-control.ts'
import { type Answer, type Asked, serveApi } from '../serve-api.ts'
import { tellLater } from '../told-later.ts'
import { badKey, failure, inUse, missing, tooMany } from './answers.ts'
import { type Credentials, createApi, type Way } from './api.ts'
import { behaviourOf } from './behaviour.ts'
import { createBook, type Refund, refundObject } from './book.ts'
import { createTeller } from './notices.ts'

/**
 * Stands for Stripe: its API as far as we call it, on a book, with keys, events and faults. Beside the API's port it has one of its
 * own, by which a test says what goes wrong, and reads the book. It shows that we have read the vendor's documents, and no more.
 */

const becomes = z.object({
  id: z.string(),
  status: z.enum(['pending', 'no-funds', 'requires_action', 'succeeded', 'failed', 'canceled']),
})
/** As somebody enters it in the vendor's own pages, or as its books are by mistake. */
const planted = z.object({
  payment: z.string(),
  amount: z.int().positive(),
  metadata: z.record(z.string(), z.string()).default({}),
})
const settings = z.object({
  slowMs: z.int().optional(),
  aheadMs: z.int().optional(),
  told: z.object({ url: z.url(), secret: z.string() }).nullable().optional(),
})

const referenceOf = ({ path, body, query }: Asked): string => {
  const form = new URLSearchParams(body)
  const given = form.get('payment_intent') ?? form.get('charge') ?? query.get('payment_intent')
  return given ?? /\/((?:pi|ch)_\w+)/.exec(path)?.[1] ?? ''
}

/** What the payment's id says of its first requests that change something. */
const flaws = () => {
  const met = new Map<string, number>()
  return (asked: Asked): RequestFault | undefined => {
    const reference = referenceOf(asked)
    const { flaky = 0, lost = 0 } = behaviourOf(reference) ?? {}
    if (asked.method !== 'POST' || flaky + lost === 0) return undefined
    const times = (met.get(reference) ?? 0) + 1
    met.set(reference, times)
    if (times <= flaky) return '429'
    return times <= lost ? 'cut-after' : undefined
  }
}

/** Answers in the place of the API; nothing was done. */
const instead: Partial<Record<RequestFault, Answer>> = {
  ...{ '429': tooMany, '409': inUse, '500-before': failure, 'key-expired': badKey },
  'other-account': missing('payment_intent', 'pi_x'),
}

const ways: Partial<Record<RequestFault, Way>> = { 'kept-500': 'fails', 'kept-500-after': 'fails when done' }

const refundIn = z.looseObject({ object: z.literal('refund') })
const others = { amount: { amount: 1 }, currency: { currency: 'xts' } }
const another = (answer: Answer, what: keyof typeof others): Answer => {
  const refund = refundIn.safeParse(answer.body)
  return refund.success ? { ...answer, body: { ...refund.data, ...others[what] } } : answer
}

const events = { POST: 'refund.created', change: 'refund.updated', failed: 'refund.failed' } as const

export const createStandIn = (credentials: Credentials, kept: Kept = keptIn()) => {
  let slowMs = 10_000
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const book = createBook(now, kept)
  const api = createApi(book, credentials, kept)
  const faults = createFaults()
  const teller = createTeller(now)
  const requests: Pick<Asked, 'method' | 'path' | 'body'>[] = []

  const tellOf = async (id: string, type: string, fault?: NoticeFault): Promise<number | undefined> => {
    const refund = book.find(id)
    const payment = refund && book.paymentOf(refund.payment)
    if (refund === undefined || payment === undefined) return undefined
    return await teller.tell(type, refundObject(refund, payment), fault)
  }
  /** What becomes of a refund later is told then. */
  const tellOnceDue = (id: string) => {
    const { at = 0, next } = book.find(id) ?? {}
    if (next === undefined) return
    const type = next.status === 'failed' ? events.failed : events.change
    void tellLater(Math.max(at + next.after - now(), 0) + 50, () => tellOf(id, type))
  }
  const tellAgain = ({ id, payment, status, next }: Refund) => {
    if (next !== undefined) return tellOnceDue(id)
    const type = status === 'failed' ? events.failed : events.change
    if (behaviourOf(payment)?.later !== undefined) void tellLater(0, () => tellOf(id, type))
  }
  const done = async (asked: Asked, { status, body, headers }: Answer): Promise<void> => {
    const { method, path } = asked
    requests.push({ method, path, body: asked.body })
    const made = z.object({ object: z.literal('refund'), id: z.string() }).safeParse(body)
    if (method !== 'POST' || status !== 200 || !made.success || headers?.['idempotent-replayed'] === 'true') return
    const fault = faults.ofNotice()
    const telling = tellOf(made.data.id, events.POST, fault)
    tellOnceDue(made.data.id)
    if (fault === 'before-answer') await telling
  }

  /** By whom its book is read and its ways are changed. */
  const control: Record<string, (body: unknown) => unknown> = {
    ...providerControl({ book, requests, posts: teller.posts, faults, forgetKeys: api.forgetKeys }),
    'POST /settings': (body) => {
      const next = settings.parse(body)
      slowMs = next.slowMs ?? slowMs
      aheadMs = next.aheadMs ?? aheadMs
      if (next.told === undefined) return
      teller.to(next.told ?? undefined)
      if (kept.isAgain) for (const refund of book.refunds()) tellAgain(refund)
    },
    'POST /refunds': (body) => {
      const { payment: reference, ...of } = planted.parse(body)
      const payment = book.paymentOf(reference)
      if (payment === undefined) throw new Error(`expected payment ${reference}`)
      return book.enter(payment, { ...of, reason: null }).id
    },
    'POST /becomes': async (body) => {
      const { id, status } = becomes.parse(body)
      const refund = book.find(id)
      if (refund === undefined) throw new Error(`expected refund ${id}`)
      Object.assign(refund, { status, next: undefined })
      await tellOf(id, status === 'failed' ? events.failed : events.change, faults.ofNotice())
    },
  }

  const serving = { faults, kept, done, failure, another, flaw: flaws(), slowMs: () => slowMs }
  return {
    api: serveApi({
      ...serving,
      instead: (fault) => instead[fault],
      answer: (asked, fault) => api.answer(asked, fault && ways[fault]),
    }),
    control: serveControl(control, kept),
  }
}
