import { type Kept as Keeping, keptIn } from '../kept.ts'
import type { Answer, Asked } from '../serve-api.ts'
import { badKey, failure, no } from './answers.ts'
import type { Book } from './book.ts'
import * as refunds from './refunds.ts'

/** The version that the vendor's own client of our release pins. */
export const apiVersion = '2026-10-28.endive'

interface Route {
  readonly is: RegExp
  readonly method: 'GET' | 'POST'
  readonly takes: readonly (string | RegExp)[]
  readonly does: (book: Book, id: string, given: URLSearchParams) => Answer
}

const routes: readonly Route[] = [
  {
    ...{ method: 'POST', is: /^\/v1\/refunds$/ },
    takes: [
      ...['payment_intent', 'charge', 'amount', 'reason', 'refund_application_fee', 'reverse_transfer'],
      /^metadata\[\w{1,40}\]$/,
    ],
    does: (book, _, given) => refunds.createRefund(book, given),
  },
  {
    ...{ method: 'GET', is: /^\/v1\/refunds$/ },
    takes: ['payment_intent', 'charge', 'limit', 'starting_after', 'created[gte]', 'created[lt]'],
    does: (book, _, given) => refunds.listRefunds(book, given),
  },
  {
    ...{ method: 'GET', is: /^\/v1\/balance_transactions$/ },
    takes: ['limit', 'starting_after', 'created[gte]', 'created[lt]'],
    does: (book, _, given) => refunds.listBalance(book, given),
  },
  { method: 'GET', is: /^\/v1\/refunds\/(\w+)$/, takes: [], does: (book, id) => refunds.retrieveRefund(book, id) },
  { method: 'POST', is: /^\/v1\/refunds\/(\w+)\/cancel$/, takes: [], does: refunds.cancelRefund },
  { method: 'GET', is: /^\/v1\/payment_intents\/(\w+)$/, takes: [], does: refunds.retrievePayment },
  {
    ...{ method: 'POST', is: /^\/v1\/payment_intents\/(\w+)\/cancel$/, takes: ['cancellation_reason'] },
    does: (book, id, given) => refunds.endPayment(book, id, 'cancel', given),
  },
  {
    ...{ method: 'POST', is: /^\/v1\/payment_intents\/(\w+)\/capture$/, takes: ['amount_to_capture'] },
    does: (book, id, given) => refunds.endPayment(book, id, 'capture', given),
  },
  { method: 'GET', is: /^\/v1\/charges\/(\w+)$/, takes: [], does: refunds.retrieveCharge },
]

const reasons = ['duplicate', 'fraudulent', 'requested_by_customer']

/** What is wrong with what was given: nothing of it is kept for the key. */
const invalid = (route: Route, given: URLSearchParams): Answer | undefined => {
  const unknown = [...given.keys()].find(
    (name) => !route.takes.some((each) => (typeof each === 'string' ? each === name : each.test(name))),
  )
  if (unknown !== undefined)
    return no(400, `Received unknown parameter: ${unknown}`, { code: 'parameter_unknown', param: unknown })
  const amount = given.get('amount')
  if (amount !== null && !/^[1-9]\d{0,11}$/.test(amount))
    return no(400, `Invalid integer: ${amount}`, { code: 'parameter_invalid_integer', param: 'amount' })
  const reason = given.get('reason')
  if (reason !== null && !reasons.includes(reason)) return no(400, `Invalid reason: ${reason}`, { param: 'reason' })
  const long = [...given].find(([name, value]) => name.startsWith('metadata[') && value.length > 500)
  return long === undefined ? undefined : no(400, `Metadata values can have up to 500 characters`, { param: long[0] })
}

interface Kept {
  readonly request: string
  readonly answer: Answer
}

export interface Credentials {
  readonly apiKey: string
  /** `acct_…`; absent: it asks for itself. */
  readonly connectedAccount?: string
}

const unauthorized = ({ headers }: Asked, { apiKey, connectedAccount }: Credentials): Answer | undefined => {
  if (headers.authorization !== `Bearer ${apiKey}`) return badKey
  if (headers['stripe-account'] !== connectedAccount)
    return no(403, 'The provided key does not have access to this account', { code: 'account_invalid' })
  return headers['stripe-version'] === apiVersion
    ? undefined
    : no(400, `Invalid Stripe API version: ${headers['stripe-version']}`)
}

/** How a request is answered, beside what it does. `fails`: it is answered with a failure that is kept, its work done or not. */
export type Way = 'as it is' | 'fails' | 'fails when done'

/** The provider's API on its book. */
export const createApi = (book: Book, credentials: Credentials, keeping: Keeping = keptIn()) => {
  const keys = keeping.map<Kept>('keys')

  const once = (asked: Asked, key: string, does: () => Answer): Answer => {
    const request = `${asked.method} ${asked.path} ${asked.body}`
    const kept = keys.get(key)
    if (kept === undefined) {
      const answer = does()
      keys.set(key, { request, answer })
      return answer
    }
    if (kept.request !== request)
      return no(
        400,
        'Keys for idempotent requests can only be used with the same parameters they were first used with',
        {
          type: 'idempotency_error',
        },
      )
    return { ...kept.answer, headers: { ...kept.answer.headers, 'idempotent-replayed': 'true' } }
  }

  const answer = (asked: Asked, way: Way = 'as it is'): Answer => {
    const refused = unauthorized(asked, credentials)
    if (refused !== undefined) return refused
    const route = routes.find(({ method, is }) => method === asked.method && is.test(asked.path))
    if (route === undefined) return no(404, `Unrecognized request URL (${asked.method}: ${asked.path})`)
    const id = route.is.exec(asked.path)?.[1] ?? ''
    const given = asked.method === 'GET' ? asked.query : new URLSearchParams(asked.body)
    const wrong = invalid(route, given)
    if (wrong !== undefined) return wrong
    if (asked.method === 'GET') return route.does(book, id, given)
    const key = asked.headers['idempotency-key'] ?? ''
    // The real one makes a key of its own; a client of ours that forgets one is to be found out.
    if (!/^[\x21-\x7e]{1,255}$/.test(key)) return no(400, 'Expected an idempotency key')
    const echoed = once(asked, key, () => {
      if (way === 'fails') return failure
      const done = route.does(book, id, given)
      return way === 'fails when done' ? failure : done
    })
    return { ...echoed, headers: { ...echoed.headers, 'idempotency-key': key } }
  }

  return {
    answer,
    /** It may forget keys after a day. */
    forgetKeys: () => keys.clear(),
  }
}

export type Api = ReturnType<typeof createApi>
