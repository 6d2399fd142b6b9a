import { z } from 'zod'
import { serveControl } from '../control.ts'
import { createFaults, type NoticeFault, type RequestFault, requestFaults } from '../faults.ts'
import { type Kept, keptIn } from '../kept.ts'
import { providerControl } from '../provider-control.ts'
import { type Answer, type Asked, serveApi } from '../serve-api.ts'
import { tellLater } from '../told-later.ts'
import { badToken, failure, inProgress, missing, moneyOf, tooMany } from './answers.ts'
import { type Api, type Credentials, createApi } from './api.ts'
import { behaviourOf, refundStatuses } from './behaviour.ts'
import { type Book, createBook, type Refund } from './book.ts'
import { createTeller, type Teller } from './notices.ts'
import { objectOf } from './refunds.ts'

/**
 * Stands for PayPal: its API as far as we call it, on a book, with tokens, keys, events and faults. Beside the API's port it has one of
 * its own, by which a test says what goes wrong, and reads the book. It shows that we have read the vendor's documents, and no more.
 */

/** What can go wrong here: PayPal keeps no failure for a key. */
export const paypalFaults: readonly RequestFault[] = requestFaults.filter((fault) => !fault.startsWith('kept-'))

const becomes = z.object({ id: z.string(), status: z.enum(refundStatuses) })
/** As somebody enters it in the vendor's own pages, or as its books are by mistake. */
const planted = z.object({
  ...{ capture: z.string(), amount: z.int().positive(), invoiceId: z.string().exactOptional() },
  times: z.int().positive().default(1),
})
const settings = z.object({
  /** How late the report is, and how many transactions it gives for one question. */
  reportLateMs: z.int().optional(),
  reportMost: z.int().optional(),
  slowMs: z.int().optional(),
  aheadMs: z.int().optional(),
  told: z.object({ url: z.url(), webhookId: z.string() }).nullable().optional(),
})

/** What the payment's id says of its first requests that change something. */
const flaws = () => {
  const met = new Map<string, number>()
  return ({ method, path }: Asked): RequestFault | undefined => {
    const id = /\/(?:captures|authorizations)\/(\w+)\//.exec(path)?.[1] ?? ''
    const { flaky = 0, lost = 0 } = behaviourOf(id) ?? {}
    if (method !== 'POST' || flaky + lost === 0) return undefined
    const times = (met.get(id) ?? 0) + 1
    met.set(id, times)
    if (times <= flaky) return '429'
    return times <= lost ? 'cut-after' : undefined
  }
}

const refundIn = z.looseObject({ id: z.string().startsWith('REFUND'), amount: z.object({ value: z.string() }) })
const another = (answer: Answer, what: 'amount' | 'currency'): Answer => {
  const refund = refundIn.safeParse(answer.body)
  if (!refund.success) return answer
  const amount = what === 'amount' ? moneyOf(1, 'EUR') : { ...refund.data.amount, currency_code: 'USD' }
  return { ...answer, body: { ...refund.data, amount } }
}

const types = {
  ...{ COMPLETED: 'PAYMENT.CAPTURE.REFUNDED', PENDING: 'PAYMENT.REFUND.PENDING' },
  ...{ FAILED: 'PAYMENT.REFUND.FAILED', CANCELLED: 'PAYMENT.REFUND.FAILED' },
} as const

/** What is told of refunds, now and when their time comes. */
const tellingOf = (book: Book, teller: Teller, now: () => number) => {
  const tellOf = async (id: string, fault?: NoticeFault): Promise<number | undefined> => {
    const refund = book.find(id)
    return refund && (await teller.tell(types[refund.status], objectOf(book, refund), fault))
  }
  /** What becomes of a refund later is told then. */
  const tellOnceDue = (id: string) => {
    const { at = 0, next } = book.find(id) ?? {}
    if (next !== undefined) void tellLater(Math.max(at + next.after - now(), 0) + 50, () => tellOf(id))
  }
  const tellAgain = ({ id, payment, next }: Refund) => {
    if (next !== undefined) tellOnceDue(id)
    else if (behaviourOf(payment)?.later !== undefined) void tellLater(0, () => tellOf(id))
  }
  return { tellOf, tellOnceDue, tellAgain }
}

/** Answers in the place of the API; nothing was done. */
const insteadOf =
  (api: Pick<Api, 'revokeTokens'>) =>
  (fault: RequestFault): Answer | undefined => {
    // Whoever asks for a new one has it.
    if (fault === 'key-expired') api.revokeTokens()
    const answers: Partial<Record<RequestFault, Answer>> = {
      ...{ '429': tooMany, '409': inProgress, '500-before': failure },
      ...{ 'key-expired': badToken, 'other-account': missing },
    }
    return answers[fault]
  }

export const createStandIn = (credentials: Credentials, kept: Kept = keptIn()) => {
  let slowMs = 10_000
  let aheadMs = 0
  const now = () => Date.now() + aheadMs
  const book = createBook(now, kept)
  let reportLateMs = 0
  let reportMost = 10_000
  const api = createApi(book, credentials, () => ({ refreshedAt: now() - reportLateMs, most: reportMost }), kept)
  const faults = createFaults()
  const certUrl = () => {
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    return `http://127.0.0.1:${port}/v1/notifications/certs/CERT-1`
  }
  const teller = createTeller(now, certUrl)
  const requests: (Pick<Asked, 'method' | 'path' | 'body'> & { readonly query: string })[] = []

  const { tellOf, tellOnceDue, tellAgain } = tellingOf(book, teller, now)
  const done = async ({ method, path, query, body }: Asked, answer: Answer): Promise<void> => {
    requests.push({ method, path, query: String(query), body })
    const made = refundIn.safeParse(answer.body)
    if (answer.status !== 201 || !made.success) return
    const fault = faults.ofNotice()
    const telling = tellOf(made.data.id, fault)
    tellOnceDue(made.data.id)
    if (fault === 'before-answer') await telling
  }
  const instead = insteadOf(api)

  const serving = {
    faults,
    kept,
    done,
    failure,
    another,
    instead,
    answer: api.answer,
    flaw: flaws(),
    slowMs: () => slowMs,
  }
  const server = serveApi(serving)
  return {
    api: server,
    /** By whom its book is read and its ways are changed. */
    control: serveControl(
      {
        ...providerControl({ book, requests, posts: teller.posts, faults, forgetKeys: api.forgetKeys }),
        'POST /settings': (body) => {
          const next = settings.parse(body)
          slowMs = next.slowMs ?? slowMs
          reportLateMs = next.reportLateMs ?? reportLateMs
          reportMost = next.reportMost ?? reportMost
          aheadMs = next.aheadMs ?? aheadMs
          if (next.told === undefined) return
          teller.to(next.told ?? undefined)
          if (kept.isAgain) for (const refund of book.refunds()) tellAgain(refund)
        },
        'POST /refunds': (body) => {
          const { capture, times, ...of } = planted.parse(body)
          const payment = book.capture(capture)
          if (payment === undefined) throw new Error(`expected capture ${capture}`)
          for (let more = 1; more < times; more++) book.enter(payment, of)
          return book.enter(payment, of).id
        },
        'POST /taken': (body) => {
          const payment = book.authorization(z.object({ authorization: z.string() }).parse(body).authorization)
          if (payment === undefined) throw new Error('expected an authorization')
          payment.taken = payment.amount
        },
        'POST /becomes': async (body) => {
          const { id, status } = becomes.parse(body)
          const refund = book.find(id)
          if (refund === undefined) throw new Error(`expected refund ${id}`)
          Object.assign(refund, { status, next: undefined })
          await tellOf(id, faults.ofNotice())
        },
      },
      kept,
    ),
  }
}
