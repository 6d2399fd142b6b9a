import type { Account } from '@countermand/providers/account.ts'
import { CallFailed } from '@countermand/providers/call-failed.ts'
import type { Ask, ProviderAnswer } from '@countermand/providers/http.ts'
import type { z } from 'zod'
import { accountOf } from './accounts.ts'
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
import {
  notOfStripe,
  paymentIn,
  refundForm,
  type StripeSettings,
  stripeSettings,
  stripeVersion,
} from './stripe-requests.ts'

/** Stripe: docs/providers/stripe.md. */
const place = { baseUrl: 'https://api.stripe.com', isAway: answers.isAway }

const facts: ChannelFacts = { keyLifeMs: day, asks: 'our-key', spacingMs: 0 }

const minute = 60_000
const polls = [minute, 5 * minute, 30 * minute, 120 * minute, 360 * minute]

/** Stripe, as one call asks it. */
interface Client {
  readonly settings: StripeSettings
  get(path: string, route: string): Promise<ProviderAnswer>
  post(path: string, route: string, form: URLSearchParams, key: string): Promise<ProviderAnswer>
}

const technical = (error: unknown): never => {
  throw error instanceof CallFailed ? new ChannelError(error.message, error.reached, error.facts) : error
}

const clientOf = (ask: Ask, { settings: given, secrets }: Account): Client => {
  const settings = stripeSettings.parse(given)
  const headers = {
    authorization: `Bearer ${secrets.get('apiKey')?.[0]?.reveal() ?? ''}`,
    'stripe-version': stripeVersion,
    ...(settings.connectedAccount !== undefined && { 'stripe-account': settings.connectedAccount }),
  }
  const posting = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  return {
    settings,
    get: (path, route) => ask({ method: 'GET', path, route, headers }).catch(technical),
    post: (path, route, form, key) => {
      const withKey = { ...posting, 'idempotency-key': key }
      return ask({ method: 'POST', path, route, headers: withKey, body: form.toString() }).catch(technical)
    },
  }
}

const isYes = ({ status }: ProviderAnswer): boolean => status >= 200 && status < 300

/** What was looked up; what Stripe does not show could not be learned. */
const read = <Type>(schema: z.ZodType<Type>, answer: ProviderAnswer, what: string): Type => {
  if (isYes(answer)) return answers.readBody(schema, answer, what)
  const no = answers.refusalOf(answer, what, Date.now())
  throw new ChannelError('reason' in no ? no.reason : what, 'unknown')
}

const refund = async (client: Client, call: RefundCall): Promise<RefundResult> => {
  const answer = await client.post('/v1/refunds', '/v1/refunds', refundForm(call, client.settings), call.idempotencyKey)
  if (!isYes(answer)) return answers.refusalOf(answer, 'refund', Date.now())
  return answers.resultOf(answers.readBody(answers.refundObject, answer, 'refund'), call)
}

const ofPage = 100
const mostPages = 20

/** The refund with our id, among those of its payment. */
const find = async (client: Client, call: RefundCall): Promise<StatusResult> => {
  const query = new URLSearchParams({ ...paymentIn(call.paymentRef), limit: String(ofPage) })
  for (let page = 0; page < mostPages; page++) {
    const listed = await client.get(`/v1/refunds?${query}`, '/v1/refunds')
    const { data, has_more } = read(answers.refundList, listed, 'list of refunds')
    const found = data.find(({ metadata }) => metadata?.refundId === call.refundId)
    if (found !== undefined) return answers.resultOf(found, call)
    const last = data.at(-1)
    if (!has_more || last === undefined) return { outcome: 'absent' }
    query.set('starting_after', last.id)
  }
  throw new ChannelError(`payment ${call.paymentRef} has more refunds than anybody lists`, 'unknown')
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
    throw notOfStripe(`charge ${charge} has no payment that could be released`)
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

const open = ({ accounts, http }: Outside): Channel => {
  const asking =
    <Result>(ask: (client: Client, call: RefundCall) => Promise<Result>) =>
    async (call: RefundCall): Promise<Result> => {
      const account = accountOf('stripe', call, accounts)
      if (http === undefined) throw notOfStripe('there is no way to providers from here')
      return await ask(clientOf(http.call(account, place), account), call)
    }
  return {
    facts,
    refund: asking((client, call) => (call.operation === 'void' ? release(client, call) : refund(client, call))),
    status: asking((client, call) => (call.operation === 'void' ? lookAtRelease(client, call) : look(client, call))),
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
