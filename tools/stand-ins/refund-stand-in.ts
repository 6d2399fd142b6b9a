import type { Server } from 'node:http'
import { z } from 'zod'
import { serveControl } from './control.ts'
import { createFaults, type NoticeFault, type RequestFault } from './faults.ts'
import type { Kept } from './kept.ts'
import { providerControl } from './provider-control.ts'
import type { Refund, RefundBook } from './refund-book.ts'
import { type Answer, type Asked, type Serving, serveApi } from './serve-api.ts'
import { controlAt, listening } from './started.ts'
import { tellLater } from './told-later.ts'

/** What stand-ins are that keep a refund book: how they are asked, what goes wrong, and what they tell by themselves. */

const settings = z.object({
  slowMs: z.int().optional(),
  /** By how much its book's time is ahead. */
  aheadMs: z.int().optional(),
  /** By how much the clock is off that it signs by. */
  clockMs: z.int().optional(),
  told: z.object({ url: z.url() }).nullable().optional(),
})
const planted = z.object({ payment: z.string(), amount: z.int().positive(), number: z.string().default('by-hand') })
const becomes = z.object({ id: z.string(), status: z.string() })

/** By whom what it tells is signed: itself, somebody else, or by a key that nobody was told of. */
export type Signer = 'itself' | 'another' | 'unknown'

/** What is posted to the gateway. */
export interface Post {
  readonly type: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

interface Options<Status extends string> extends Pick<Serving, 'failure' | 'another' | 'instead'> {
  readonly kept: Kept
  /** ms since the epoch: the time of its book, and that by which it signs. */
  readonly times: {
    readonly now: () => number
    readonly clock: () => number
    set(aheadMs?: number, clockMs?: number): void
  }
  readonly book: RefundBook<Status>
  readonly answer: (asked: Asked, fault: RequestFault | undefined) => Answer
  /** The payment that a request is about which changes something, and the number of the refund that it asks for. */
  readonly asked: (asked: Asked) => { readonly payment: string; readonly number: string } | undefined
  /** What it tells of a refund, `offMs` away from the time; `undefined`: nothing of one that is so. */
  readonly notice: (refund: Refund<Status>, signer: Signer, offMs: number) => Post | undefined
  /** What it has to hear when it tells something; anything else is a no, whatever its status. Absent: any words do. */
  readonly yes?: string
}

/** The times of a stand-in. */
export const createTimes = () => {
  const off = { ahead: 0, clock: 0 }
  return {
    now: () => Date.now() + off.ahead,
    clock: () => Date.now() + off.clock,
    set: (aheadMs = off.ahead, clockMs = off.clock) => void Object.assign(off, { ahead: aheadMs, clock: clockMs }),
  }
}

const hour = 3_600_000
const signers: Partial<Record<NoticeFault, Signer>> = { 'wrong-signature': 'another', 'unknown-signer': 'unknown' }
const offMs: Partial<Record<NoticeFault, number>> = { old: -hour, 'ahead-of-time': hour }

export const refundStandIn = <Status extends string>(
  options: Options<Status>,
): { readonly api: Server; readonly control: Server } => {
  const { kept, times, book, asked: about, notice, yes, ...serving } = options
  const faults = createFaults()
  const requests: (Pick<Asked, 'method' | 'path' | 'body'> & { readonly query: string })[] = []
  const posts: { readonly type: string; readonly status: number }[] = []
  const met = new Map<string, number>()
  const told = new Set<string>()
  let slowMs = 10_000
  let url: string | undefined

  /** Resolves when it was posted, with how it was answered; 0: not at all. */
  const tellOf = async (id: string, fault?: NoticeFault): Promise<number | undefined> => {
    const refund = book.find(id)
    let last: number | undefined
    for (let times = fault === 'three-times' ? 3 : 1; times > 0; times--) {
      const post = refund && notice(refund, signers[fault ?? 'lost'] ?? 'itself', offMs[fault ?? 'lost'] ?? 0)
      if (url === undefined || post === undefined || fault === 'lost') return undefined
      const { type, headers, body } = post
      last = await fetch(url, { method: 'POST', headers, body }).then(
        async (response) =>
          !response.ok || yes === undefined || (await response.text()) === yes ? response.status : 0,
        () => 0,
      )
      posts.push({ type, status: last })
    }
    return last
  }
  /** What becomes of a refund later is told then. */
  const tellOnceDue = ({ id, at, next }: Refund<Status>) => {
    if (next !== undefined) void tellLater(Math.max(at + next.after - times.now(), 0) + 50, () => tellOf(id))
  }

  /** What the payment's id says of its first requests that change something. */
  const flaw = (asked: Asked): RequestFault | undefined => {
    const { payment = '' } = about(asked) ?? {}
    const { flaky = 0, lost = 0 } = book.payment(payment)?.behaviour ?? {}
    if (flaky + lost === 0) return undefined
    const times = (met.get(payment) ?? 0) + 1
    met.set(payment, times)
    if (times <= flaky) return '429'
    return times <= lost ? 'cut-after' : undefined
  }
  const done = async (asked: Asked): Promise<void> => {
    const { method, path, query, body } = asked
    requests.push({ method, path, query: String(query), body })
    const made = book.byNumber(about(asked)?.number ?? '')
    // Asked for again, it is no news.
    if (made === undefined || told.has(made.id)) return
    told.add(made.id)
    const fault = faults.ofNotice()
    const telling = tellOf(made.id, fault)
    tellOnceDue(made)
    if (fault === 'before-answer') await telling
  }
  const control = {
    ...providerControl({ book, requests, posts, faults, forgetKeys: () => {} }),
    'POST /settings': (body: unknown) => {
      const next = settings.parse(body)
      slowMs = next.slowMs ?? slowMs
      times.set(next.aheadMs, next.clockMs)
      if (next.told === undefined) return
      url = next.told?.url
      if (kept.isAgain)
        for (const refund of book.refunds())
          if (refund.next !== undefined) tellOnceDue(refund)
          else if (book.payment(refund.payment)?.behaviour.later !== undefined)
            void tellLater(0, () => tellOf(refund.id))
    },
    /** Somebody makes a refund in the vendor's own pages. */
    'POST /refunds': (body: unknown) => {
      const { payment: id, ...of } = planted.parse(body)
      const payment = book.payment(id)
      if (payment === undefined) throw new Error(`expected payment ${id}`)
      return book.enter(payment, of).id
    },
    'POST /becomes': async (body: unknown) => {
      const { id, status } = becomes.parse(body)
      const refund = book.find(id)
      if (refund === undefined) throw new Error(`expected refund ${id}`)
      Object.assign(refund, { status, next: undefined })
      await tellOf(id, faults.ofNotice())
    },
  }
  return {
    api: serveApi({ ...serving, faults, kept, flaw, done, slowMs: () => slowMs }),
    control: serveControl(control, kept),
  }
}

const row = z.object({ id: z.string(), number: z.string(), payment: z.string(), amount: z.int(), status: z.string() })

/** Says what a stand-in does that keeps a refund book, and reads that, by its control port. */
export const refundControlOf = (url: string) => {
  const control = controlAt(url)
  return {
    ...control,
    /** Somebody makes a refund in the vendor's own pages; its id. */
    enter: async (refund: { payment: string; amount: number; number?: string }) =>
      z.string().parse(await control.tell('POST /refunds', refund)),
    refunds: async () => z.array(row).parse(await control.tell('GET /book')),
  }
}

/** One in this process, for tests of what calls it. */
export const startRefundStandIn = async (servers: { readonly api: Server; readonly control: Server }) => {
  const { controlUrl, ...started } = await listening(servers)
  return { ...refundControlOf(controlUrl), ...started }
}

export type StartedRefundStandIn = Awaited<ReturnType<typeof startRefundStandIn>>
