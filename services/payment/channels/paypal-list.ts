import { authorizationOf, paypalId } from '@countermand/providers/paypal-links.ts'
import { paypalMovement } from '@countermand/providers/paypal-money.ts'
import { z } from 'zod'
import { ChannelError, day, type Listed, type ListedFee, type ListedRefund, type Span } from './channel.ts'
import { issueOf, paymentObject } from './paypal-answers.ts'
import { type Client, read } from './paypal-client.ts'
import { isYes } from './way.ts'

/** What has moved with an account: refunds, and what PayPal took for itself. Transaction Search v1 (paypal/paypal-rest-api-specifications). */

/** PayPal writes offsets of time with a colon, and without. */
const moment = z
  .string()
  .transform((text) => text.replace(/([+-]\d\d)(\d\d)$/, '$1:$2'))
  .pipe(z.iso.datetime({ offset: true }))
  .transform((text) => new Date(text).toISOString())

const transaction = z.object({
  transaction_id: paypalId,
  /** Of a payment, or of something else that it has to do with. */
  paypal_reference_id: z.string().optional(),
  transaction_event_code: z.string(),
  transaction_initiation_date: moment,
  transaction_amount: paypalMovement,
  fee_amount: paypalMovement.optional(),
  transaction_status: z.string(),
  ...{ invoice_id: z.string().optional(), custom_field: z.string().optional() },
})
type Transaction = z.infer<typeof transaction>

const report = z.object({
  transaction_details: z.array(z.object({ transaction_info: transaction })).default([]),
  last_refreshed_datetime: moment.optional(),
  ...{ total_items: z.int().default(0), total_pages: z.int().default(0) },
})
type Report = z.infer<typeof report>

/** A refund that the seller made. What PayPal itself takes back, for a dispute most of all, is told as a dispute. */
const isRefund = ({ transaction_event_code, transaction_amount }: Transaction): boolean =>
  transaction_event_code === 'T1107' && transaction_amount.amount < 0

const states: Readonly<Record<string, ListedRefund['state']>> = { S: 'succeeded', D: 'failed', V: 'failed' }

/** A name that only we give; it is both, for a refund has the payment's own invoice where nobody gave it one. */
const ourName = ({ invoice_id, custom_field }: Transaction): string | undefined =>
  [invoice_id, custom_field].find((name) => /^ref_[0-9a-f]{24}$/.test(name ?? ''))

/** What a capture was an authorization of, before it was taken: orders may know it by that. */
const namesOf = async (client: Client, capture: string): Promise<readonly string[]> => {
  const answer = await client.get(`/v2/payments/captures/${capture}`, '/v2/payments/captures/{id}')
  // A payment of another interface of PayPal's has no capture, and no name beside its own.
  const authorization = answer.status === 404 ? undefined : authorizationOf(read(paymentObject, answer, 'payment'))
  return authorization === undefined ? [capture] : [capture, authorization]
}

const refundOf = async (client: Client, of: Transaction): Promise<ListedRefund> => {
  const { transaction_id: providerRef, transaction_amount } = of
  const askedAs = ourName(of)
  const capture = paypalId.safeParse(of.paypal_reference_id).data
  // One of ours is known by its own name.
  const paymentRefs = capture === undefined ? [] : askedAs ? [capture] : await namesOf(client, capture)
  return {
    ...{ kind: 'refund', providerRef, paymentRefs, ...(askedAs !== undefined && { askedAs }) },
    ...{ amount: -transaction_amount.amount, currency: transaction_amount.currency },
    ...{ state: states[of.transaction_status] ?? 'pending', at: of.transaction_initiation_date },
  }
}

/** Events that are fees and nothing else (T01nn), or give one back: their own amount is what was taken, and negative. */
const isOwnFee = /^T(01\d\d|1108|1109)$/

const feesOf = (of: Transaction): ListedFee[] => {
  const { transaction_id: providerRef, transaction_event_code, transaction_amount, fee_amount } = of
  const own = isOwnFee.test(transaction_event_code) ? transaction_amount : undefined
  const { currency } = fee_amount ?? transaction_amount
  const amount = 0 - (fee_amount?.amount ?? 0) - (own?.amount ?? 0)
  return amount === 0 ? [] : [{ kind: 'fee', providerRef, amount, currency, at: of.transaction_initiation_date }]
}

const path = '/v1/reporting/transactions'
/** The most that PayPal gives in one answer, and for one question, however many pages it has. */
const ofPage = 500
const ofQuestion = 10_000
/** The longest span of one question. */
const longest = 31 * day
const mostPages = 200

/** All pages of what was asked for: 100,000 transactions. */
interface Reading {
  readonly client: Client
  pages: number
  until: number
}

const iso = (ms: number): string => new Date(ms).toISOString()

/** `undefined`: it is more than PayPal gives for one question. `early`: of that time it has nothing yet. */
const page = async (reading: Reading, from: number, to: number, number: number) => {
  if (++reading.pages > mostPages)
    throw new ChannelError(`PayPal lists more than ${mostPages * ofPage}: that is more than anybody reads`, 'unknown')
  const query = new URLSearchParams({
    // Its end is in it, and times are in seconds or parts of them.
    ...{ start_date: iso(from), end_date: iso(to - 1), fields: 'transaction_info' },
    ...{ balance_affecting_records_only: 'Y', page_size: String(ofPage), page: String(number) },
  })
  const answer = await reading.client.get(`${path}?${query}`, path)
  const no = isYes(answer) ? undefined : issueOf(answer)
  if (no?.issue === 'RESULTSET_TOO_LARGE') return undefined
  if (answer.status === 400 && /start date is not available/i.test(no?.words ?? '')) return 'early'
  return read(report, answer, 'list of transactions')
}

/** It takes three hours at most until a transaction is in the report: the report itself says how far it is. */
const reportDelay = 3 * 3_600_000

const heard = (reading: Reading, { last_refreshed_datetime }: Report): void => {
  const until = last_refreshed_datetime === undefined ? Date.now() - reportDelay : Date.parse(last_refreshed_datetime)
  reading.until = Math.min(reading.until, until)
}

async function* transactions(reading: Reading, from: number, to: number): AsyncGenerator<Transaction> {
  const first = await page(reading, from, to, 1)
  if (first === 'early') {
    reading.until = Math.min(reading.until, from)
    return
  }
  if (first === undefined || first.total_items >= ofQuestion) {
    const middle = Math.floor((from + to) / 2)
    if (to - from < 2_000)
      throw new ChannelError(`PayPal has more than ${ofQuestion} transactions in a second`, 'unknown')
    yield* transactions(reading, from, middle)
    yield* transactions(reading, middle, to)
    return
  }
  heard(reading, first)
  yield* first.transaction_details.map((each) => each.transaction_info)
  for (let number = 2; number <= first.total_pages; number++) {
    const next = await page(reading, from, to, number)
    if (next === undefined || next === 'early')
      throw new ChannelError('PayPal’s list changed as it was read', 'unknown')
    heard(reading, next)
    yield* next.transaction_details.map((each) => each.transaction_info)
  }
}

/** `now`: ms since the epoch; PayPal is asked of no later time. */
export async function* listMoved(client: Client, span: Span, now: number): AsyncGenerator<Listed> {
  const reading: Reading = { client, pages: 0, until: now }
  // What is of this very moment is in it.
  const end = Math.min(Date.parse(span.to), now + 1)
  for (let from = Date.parse(span.from); from < end; from += longest)
    for await (const each of transactions(reading, from, Math.min(from + longest, end))) {
      if (isRefund(each)) yield await refundOf(client, each)
      yield* feesOf(each)
    }
  yield { kind: 'until', at: iso(reading.until) }
}
