import { paypalSettings } from '@countermand/providers/account.ts'
import { createTokens } from '@countermand/providers/oauth.ts'
import { authorizationOf, orderOf } from '@countermand/providers/paypal-links.ts'
import {
  type Channel,
  ChannelError,
  type ChannelFacts,
  day,
  keyOf,
  later,
  type Outside,
  type RefundCall,
  type RefundResult,
  type StatusResult,
  type TenderKind,
} from './channel.ts'
import * as answers from './paypal-answers.ts'
import { type Client, clientOf, read } from './paypal-client.ts'
import { listMoved } from './paypal-list.ts'
import { paymentIn, refundBody } from './paypal-requests.ts'
import { askingBy, isYes, notSetUp, wayTo } from './way.ts'

/** PayPal: docs/providers/paypal.md. */
const place = { baseUrl: 'https://api-m.paypal.com' }

/** "The server stores keys for 45 days." */
const facts: ChannelFacts = { keyLifeMs: 45 * day, asks: 'our-key', spacingMs: 0 }

const minute = 60_000
const polls = [10 * minute, 60 * minute, 360 * minute]

/** All that was taken and given back for the order of a payment. */
const paymentsBeside = async (client: Client, payment: answers.PaypalPayment) => {
  const order = orderOf(payment)
  if (order === undefined) throw new ChannelError(`nobody knows the order of payment ${payment.id}`, 'unknown')
  const answer = await client.get(`/v2/checkout/orders/${order}`, '/v2/checkout/orders/{id}')
  const units = read(answers.orderObject, answer, 'order').purchase_units.map(({ payments }) => payments)
  return { captures: units.flatMap(({ captures }) => captures), refunds: units.flatMap(({ refunds }) => refunds) }
}

const authorizationBy = async (client: Client, id: string): Promise<answers.PaypalPayment> => {
  const answer = await client.get(`/v2/payments/authorizations/${id}`, '/v2/payments/authorizations/{id}')
  return read(answers.paymentObject, answer, 'payment')
}

/** What was taken of an authorization. */
const captureOf = async (client: Client, authorization: answers.PaypalPayment): Promise<answers.PaypalPayment> => {
  const { captures } = await paymentsBeside(client, authorization)
  const taken = captures.filter(
    (each) => authorizationOf(each) === authorization.id && !/^(DECLINED|FAILED)$/.test(each.status),
  )
  const [only, ...others] = taken
  if (only !== undefined && others.length === 0) return only
  throw notSetUp(`payment ${authorization.id} was taken ${taken.length} times: expected the id of a capture`)
}

/** A refund of what was taken. An authorization that was taken has its capture's refunds. */
const refund = async (client: Client, call: RefundCall, known?: string): Promise<RefundResult> => {
  const capture = known ?? paymentIn(call.paymentRef)
  const path = `/v2/payments/captures/${capture}/refund`
  const answer = await client.post(path, '/v2/payments/captures/{id}/refund', refundBody(call), call.idempotencyKey)
  if (isYes(answer)) return answers.resultOf(answers.readBody(answers.refundObject, answer, 'refund'), call, capture)
  if (answer.status !== 404 || known !== undefined) return answers.refusalOf(answer, 'refund', Date.now())
  const { id } = await captureOf(client, await authorizationBy(client, capture))
  return await refund(client, call, id)
}

/** The refund with our id, among those of its payment. */
const find = async (client: Client, call: RefundCall, capture: answers.PaypalPayment): Promise<StatusResult> => {
  const { refunds } = await paymentsBeside(client, capture)
  const found = refunds.find(({ invoice_id }) => invoice_id === call.refundId)
  return found === undefined ? { outcome: 'absent' } : answers.resultOf(found, call, capture.id)
}

const takenOf = async (client: Client, { paymentRef }: RefundCall): Promise<answers.PaypalPayment> => {
  const id = paymentIn(paymentRef)
  const answer = await client.get(`/v2/payments/captures/${id}`, '/v2/payments/captures/{id}')
  if (answer.status !== 404) return read(answers.paymentObject, answer, 'payment')
  return await captureOf(client, await authorizationBy(client, id))
}

const look = async (client: Client, call: RefundCall): Promise<StatusResult> => {
  const { providerRef } = call
  if (providerRef === undefined || !/^[A-Z0-9]+$/.test(providerRef))
    return await find(client, call, await takenOf(client, call))
  const answer = await client.get(`/v2/payments/refunds/${providerRef}`, '/v2/payments/refunds/{id}')
  return answers.resultOf(read(answers.refundObject, answer, 'refund'), call)
}

const released = { outcome: 'nothing-captured', reason: 'the payment was released at PayPal' } as const
const isHeld = (status: string): boolean => status === 'CREATED' || status === 'PENDING'
/** It was let go of, or never was: nothing is held. */
const isOver = (status: string): boolean => /^(VOIDED|DENIED|EXPIRED)$/.test(status)

/** Lets go of what is held. Of what was taken meanwhile the money is given back, as any refund is. */
const release = async (client: Client, call: RefundCall): Promise<RefundResult> => {
  const authorization = await authorizationBy(client, paymentIn(call.paymentRef))
  const { id, status } = authorization
  if (isOver(status)) return released
  if (status === 'CAPTURED') return await refund(client, call, (await captureOf(client, authorization)).id)
  if (!isHeld(status))
    throw new ChannelError(`the payment can be neither released nor given back: it is ${status}`, 'before-anything')
  const path = `/v2/payments/authorizations/${id}/void`
  const answer = await client.post(path, '/v2/payments/authorizations/{id}/void', '{}', keyOf(call))
  if (isYes(answer)) return released
  const { issue = '', words = '' } = answers.issueOf(answer) ?? {}
  if (issue === 'PREVIOUSLY_VOIDED') return released
  // A reauthorization: the payment is the authorization that it renews.
  if (issue === 'CANNOT_BE_VOIDED') throw notSetUp(`release: ${words}`)
  if (issue !== 'PREVIOUSLY_CAPTURED') answers.refusalOf(answer, 'release', Date.now())
  // It was taken between our two questions: the next call sees it.
  throw new ChannelError('the payment changed while it was to be released', 'unknown')
}

/** Whether it was released, or given back because it had been taken. */
const lookAtRelease = async (client: Client, call: RefundCall): Promise<StatusResult> => {
  if (call.providerRef !== undefined) return await look(client, call)
  const authorization = await authorizationBy(client, paymentIn(call.paymentRef))
  if (isOver(authorization.status)) return released
  if (authorization.status !== 'CAPTURED') return { outcome: 'absent' }
  return await find(client, call, await captureOf(client, authorization))
}

const open = (outside: Outside): Channel => {
  const tokens = createTokens()
  const way = wayTo('paypal', place, outside)
  const asking = askingBy(way, (ask, account) => clientOf(ask, account, tokens))
  return {
    facts,
    refund: asking((client, call) => (call.operation === 'void' ? release(client, call) : refund(client, call))),
    status: asking((client, call) => (call.operation === 'void' ? lookAtRelease(client, call) : look(client, call))),
    async *list(name, span) {
      const { account } = way({ account: name })
      // Each page has the time of a call: there may be many.
      const client = clientOf((request) => way({ account: name }).ask(request), account, tokens)
      yield* listMoved(client, span, Date.now())
    },
    // To a card 5 to 10 working days; to a balance at once.
    expectedBy: (now) => later(now, 14 * day),
    pollAfterMs: (attempt) => polls[attempt - 1] ?? day,
  }
}

/** Payments that were made with PayPal go back through it. */
export const paypal = {
  home: 'original',
  open,
  account: { secrets: ['clientSecret'], settings: paypalSettings },
} satisfies TenderKind
