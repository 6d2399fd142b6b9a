import type { Answer } from '../serve-api.ts'
import { iso, moneyOf, no, ok } from './answers.ts'
import { type Book, captureIdOf, type Payment, type Refund } from './book.ts'

/** The list of transactions, as its OpenAPI document has it. */

export interface Report {
  /** ms since the epoch: what came later is not in it yet. */
  readonly refreshedAt: number
  /** So many it gives for one question. */
  readonly most: number
}

interface Transaction {
  readonly at: number
  readonly [field: string]: unknown
}

/** Offsets are written without a colon. */
const initiated = (at: number): string => iso(at).replace('Z', '+0000')

/** 2.49 % and 35 hundredths, in coins that the currency has. */
const feeOf = (taken: number, currency: string): number => {
  const coin = moneyOf(100, currency).value === '1' ? 100 : 1
  return Math.round((taken * 0.0249 + 35) / coin) * coin
}

const capture = (payment: Payment & { readonly taken: number }): Transaction => ({
  ...{ at: payment.at, transaction_id: captureIdOf(payment), transaction_event_code: 'T0006' },
  ...{ paypal_reference_id: payment.order, paypal_reference_id_type: 'ODR', transaction_status: 'S' },
  transaction_amount: moneyOf(payment.taken, payment.currency),
  fee_amount: moneyOf(-feeOf(payment.taken, payment.currency), payment.currency),
})

/** One that came back is told as reversed; one that is under way, or never was, is in no balance. */
const refundOf = (refund: Refund, payment: Payment): Transaction => ({
  ...{ at: refund.at, transaction_id: refund.id, transaction_event_code: 'T1107' },
  ...{ paypal_reference_id: captureIdOf(payment), paypal_reference_id_type: 'TXN' },
  transaction_status: refund.status === 'COMPLETED' ? 'S' : 'V',
  transaction_amount: moneyOf(-refund.amount, refund.currency ?? payment.currency),
  ...(refund.invoiceId !== undefined && { invoice_id: refund.invoiceId }),
  ...(refund.customId !== undefined && { custom_field: refund.customId }),
})

const isTaken = (payment: Payment): payment is Payment & { readonly taken: number } => payment.taken !== undefined

const transactions = (book: Book): readonly Transaction[] => {
  const refunds = book.refunds().flatMap((refund): Transaction[] => {
    const payment = book.of(refund)
    const isInBalance = refund.status === 'COMPLETED' || refund.status === 'CANCELLED'
    return payment === undefined || !isInBalance ? [] : [refundOf(refund, payment)]
  })
  return [...book.payments().filter(isTaken).map(capture), ...refunds].toSorted((one, other) => one.at - other.at)
}

const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/
const mostDays = 31

const invalid = (issue: string): Answer => no(400, issue)

export const reportOf = (book: Book, query: URLSearchParams, { refreshedAt, most }: Report): Answer => {
  const [from, to] = [query.get('start_date') ?? '', query.get('end_date') ?? '']
  const [since, until] = [Date.parse(from), Date.parse(to)]
  if (![from, to].every((text) => moment.test(text)) || since > until) return invalid('INVALID_PARAMETER_SYNTAX')
  if (until - since > mostDays * 86_400_000) return invalid('INVALID_DATE_RANGE')
  const [size, page] = [Number(query.get('page_size') ?? 100), Number(query.get('page') ?? 1)]
  if (!Number.isInteger(size) || size < 1 || size > 500 || !Number.isInteger(page) || page < 1)
    return invalid('INVALID_PARAMETER_VALUE')
  if (since > refreshedAt)
    return {
      status: 400,
      body: { name: 'INVALID_REQUEST', message: 'Data for the given start date is not available.', details: [] },
    }
  const found = transactions(book).filter(({ at }) => at >= since && at <= until && at <= refreshedAt)
  if (found.length > most) return invalid('RESULTSET_TOO_LARGE')
  const shown = found.slice((page - 1) * size, page * size).map(({ at, ...of }) => ({
    transaction_info: { ...of, transaction_initiation_date: initiated(at), transaction_updated_date: initiated(at) },
  }))
  return ok({
    ...{ transaction_details: shown, account_number: 'ACCOUNT1', page },
    ...{ start_date: from, end_date: to, last_refreshed_datetime: new Date(refreshedAt).toISOString() },
    ...{ total_items: found.length, total_pages: Math.ceil(found.length / size), links: [] },
  })
}
