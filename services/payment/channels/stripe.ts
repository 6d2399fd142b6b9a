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
import * as answers from './stripe-answers.ts'
import { type Client, clientOf, listed, read } from './stripe-client.ts'
import { listMoved } from './stripe-list.ts'
import { paymentIn, refundForm, stripeSettings } from './stripe-requests.ts'
import { askingBy, isYes, notSetUp, wayTo } from './way.ts'

/** Stripe: docs/providers/stripe.md. */
const place = { baseUrl: 'https://api.stripe.com', isAway: answers.isAway }

const facts: ChannelFacts = { keyLifeMs: day, asks: 'our-key', spacingMs: 0 }

const minute = 60_000
const polls = [minute, 5 * minute, 30 * minute, 120 * minute, 360 * minute]

const refund = async (client: Client, call: RefundCall): Promise<RefundResult> => {
  const answer = await client.post('/v1/refunds', '/v1/refunds', refundForm(call, client.settings), call.idempotencyKey)
  if (!isYes(answer)) return answers.refusalOf(answer, 'refund', Date.now())
  return answers.resultOf(answers.readBody(answers.refundObject, answer, 'refund'), call)
}

/** More refunds than one payment has. */
const mostPages = 20

/** The refund with our id, among those of its payment. */
const find = async (client: Client, call: RefundCall): Promise<StatusResult> => {
  for await (const refund of listed(client, '/v1/refunds', answers.refundList, paymentIn(call.paymentRef), mostPages))
    if (refund.metadata?.refundId === call.refundId) return answers.resultOf(refund, call)
  return { outcome: 'absent' }
}

const look = async (client: Client, call: RefundCall): Promise<StatusResult> => {
  const { providerRef } = call
  if (providerRef === undefined || !/^\w+$/.test(providerRef)) return await find(client, call)
  const answer = await client.get(`/v1/refunds/${providerRef}`, '/v1/refunds/{id}')
  return answers.resultOf(read(answers.refundObject, answer, 'refund'), call)
}

const intentOf = async (client: Client, { paymentRef }: RefundCall) => {
  const given = paymentIn(paymentRef)
  const { payment_intent = await intentOfCharge(client, given.charge ?? '') } = given
  const answer = await client.get(`/v1/payment_intents/${payment_intent}`, '/v1/payment_intents/{id}')
  return read(answers.intentObject, answer, 'payment')
}

const intentOfCharge = async (client: Client, charge: string): Promise<string> => {
  const answer = await client.get(`/v1/charges/${charge}`, '/v1/charges/{id}')
  const { payment_intent } = read(answers.chargeObject, answer, 'charge')
  if (payment_intent === null || !/^pi_\w+$/.test(payment_intent))
    throw notSetUp(`charge ${charge} has no payment that could be released`)
  return payment_intent
}

const released = { outcome: 'nothing-captured', reason: 'the payment was released at Stripe' } as const
const isTaken = (status: string): boolean => status === 'succeeded'

/** Lets go of what is held. Of what was taken meanwhile the money is given back, as any refund is. */
const release = async (client: Client, call: RefundCall): Promise<RefundResult> => {
  const { id, status, amount_received } = await intentOf(client, call)
  if (status === 'canceled') return released
  if (isTaken(status)) return await refund(client, call)
  if (status !== 'requires_capture' || amount_received > 0)
    throw new ChannelError(`the payment can be neither released nor given back: it is ${status}`, 'before-anything')
  const form = new URLSearchParams({ cancellation_reason: 'requested_by_customer' })
  const answer = await client.post(
    `/v1/payment_intents/${id}/cancel`,
    '/v1/payment_intents/{id}/cancel',
    form,
    keyOf(call),
  )
  if (isYes(answer) && answers.readBody(answers.intentObject, answer, 'release').status === 'canceled') return released
  if (!isYes(answer)) answers.refusalOf(answer, 'release', Date.now())
  // It was taken, or let go of, between our two questions: the next call sees which.
  throw new ChannelError('the payment changed while it was to be released', 'unknown')
}

/** Whether it was released, or given back because it had been taken. */
const lookAtRelease = async (client: Client, call: RefundCall): Promise<StatusResult> => {
  if (call.providerRef !== undefined) return await look(client, call)
  const { status } = await intentOf(client, call)
  if (status === 'canceled') return released
  return isTaken(status) ? await find(client, call) : { outcome: 'absent' }
}

const open = (outside: Outside): Channel => {
  const way = wayTo('stripe', place, outside)
  const asking = askingBy(way, clientOf)
  return {
    facts,
    refund: asking((client, call) => (call.operation === 'void' ? release(client, call) : refund(client, call))),
    status: asking((client, call) => (call.operation === 'void' ? lookAtRelease(client, call) : look(client, call))),
    async *list(name, span) {
      const { account } = way({ account: name })
      // Each page has the time of a call: there may be many.
      yield* listMoved(
        clientOf((request) => way({ account: name }).ask(request), account),
        span,
      )
    },
    // 5 to 10 working days, as Stripe tells customers.
    expectedBy: (now) => later(now, 14 * day),
    pollAfterMs: (attempt) => polls[attempt - 1] ?? day,
  }
}

/** Payments that were made with Stripe go back through it. */
export const stripe = {
  home: 'original',
  open,
  account: { secrets: ['apiKey'], settings: stripeSettings },
} satisfies TenderKind
