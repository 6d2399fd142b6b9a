import { jsonIn } from '@countermand/contracts/json.ts'
import { type Account, alipaySettings } from '@countermand/providers/account.ts'
import {
  alipayAnswerIn,
  alipayAnswerSigned,
  alipayRequest,
  fromYuan,
  toYuan,
} from '@countermand/providers/alipay-signature.ts'
import type { Ask, ProviderAnswer } from '@countermand/providers/http.ts'
import { privateKeyIn } from '@countermand/providers/rsa.ts'
import { z } from 'zod'
import { lookAfter } from './ask.ts'
import {
  type Channel,
  ChannelError,
  type ChannelFacts,
  type Content,
  day,
  later,
  type Outside,
  type RefundCall,
  type RefundResult,
  type Refusal,
  type StatusResult,
  type TenderKind,
} from './channel.ts'
import { askingBy, nothingLearned, notSetUp, wayTo, wordsOf } from './way.ts'

/** Alipay, mainland: docs/providers/alipay.md. */
const place = {
  baseUrl: 'https://openapi.alipay.com',
  // Its failures have the status 200, as all that it says.
  isAway: ({ status, body }: ProviderAnswer) => status >= 500 || /"code":"20000"/.test(body),
}

/** A number refunds once, for ever; of one payment one every three seconds. For how long, is in the merchant's contract. */
const facts: ChannelFacts = { keyLifeMs: Number.POSITIVE_INFINITY, asks: 'our-key', spacingMs: 3_000 }

const refundMethod = 'alipay.trade.refund'
const queryMethod = 'alipay.trade.fastpay.refund.query'

/** What is asked for: the same for a number, whenever and however often it is asked with. */
export const refundContent = ({ paymentRef, refundId, amount, currency, operation }: Content) => {
  if (operation === 'void') throw notSetUp('what is only held at Alipay is not released yet: it is no trade')
  if (currency !== 'CNY') throw notSetUp(`Alipay gives back CNY alone, not ${currency}`)
  if (!/^\w{1,64}$/.test(paymentRef)) throw notSetUp(`payment ${paymentRef} is none of Alipay's: expected its trade_no`)
  return { trade_no: paymentRef, refund_amount: toYuan(amount), out_request_no: refundId }
}

const failed = z.object({
  ...{ code: z.string(), msg: z.string().default('') },
  ...{ sub_code: z.string().default(''), sub_msg: z.string().default('') },
})
const made = z.object({ fund_change: z.string().optional(), trade_no: z.string() })
const found = z.object({
  refund_status: z.string().optional(),
  ...{ trade_no: z.string().optional(), out_request_no: z.string().optional(), refund_amount: z.string().optional() },
})

/** What Alipay says by an answer, once it is Alipay's; otherwise it is open what was done. */
const saidBy = (answer: ProviderAnswer, method: string, { publicKeys }: Settings) => {
  const { status, body, outage } = answer
  const unclear = (words: string) =>
    new ChannelError(`${method}: Alipay answers ${status} ${words}`, 'unknown', outage ?? {})
  const text = alipayAnswerIn(body, method)
  const { data } = failed.safeParse(jsonIn(text ?? ''))
  if (text === undefined || data === undefined) throw unclear('with what cannot be read')
  const { sign = '' } = z.object({ sign: z.string().optional() }).safeParse(jsonIn(body)).data ?? {}
  const isSigned = alipayAnswerSigned(text, sign, publicKeys)
  if (data.code === '10000' && !isSigned) throw unclear('and has not signed it')
  return { ...data, content: jsonIn(text), outage: outage ?? {} }
}
type Said = ReturnType<typeof saidBy>
type Settings = z.infer<typeof alipaySettings>

const cures: Readonly<Record<string, Refusal['cure']>> = {
  ...{ 'ACQ.SELLER_BALANCE_NOT_ENOUGH': 'funds', 'ACQ.REFUND_CHARGE_ERROR': 'funds' },
  ...{ 'ACQ.TRADE_HAS_FINISHED': 'elsewhere', 'ACQ.REFUND_ACCOUNT_NOT_EXIST': 'elsewhere' },
  ...{
    'ACQ.BUYER_ERROR': 'elsewhere',
    'ACQ.BUYER_NOT_EXIST': 'elsewhere',
    'ACQ.ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND': 'elsewhere',
  },
}
const busy = /^(isv\.(app-)?call-limited|ACQ\.ENTERPRISE_PAY_BIZ_BUSY)/
const failure = /^(isp\.|aop\.ACQ\.|ACQ\.(SYSTEM|AOP)_ERROR$)/
const setup = /^(isv\.|ACQ\.(INVALID_PARAMETER|TRADE_NOT_EXIST|NOT_ALLOW_\w+|TRADE_SETTLE_ERROR)$)/

/** What an answer that is no yes says; what leaves it open, or has to be set up, is thrown. */
export const refusalOf = (
  { code, msg, sub_code, sub_msg, outage }: Omit<Said, 'content'>,
  what: string,
): RefundResult => {
  const words = wordsOf(`${sub_code || code}: ${sub_msg || msg}`)
  if (code === '40005' || busy.test(sub_code)) throw new ChannelError(`${what}: ${words}`, 'before-anything')
  if (code === '20000' || failure.test(sub_code)) throw new ChannelError(`${what}: ${words}`, 'unknown', outage)
  // Alipay has the number with another amount.
  if (sub_code === 'ACQ.DISCORDANT_REPEAT_REQUEST')
    throw new ChannelError(`${what}: ${words}`, 'unknown', { trouble: 'setup' })
  if (code !== '40004' || setup.test(sub_code)) throw notSetUp(`${what}: ${words}`)
  const cure = cures[sub_code] ?? 'none'
  return { outcome: 'refused', reason: `Alipay: ${words}`, key: 'alive', cure, unsure: true }
}

interface Client {
  readonly ask: (method: string, content: object) => Promise<Said>
}

const clientOf = (ask: Ask, { settings: given, secrets }: Account): Client => {
  const settings = alipaySettings.parse(given)
  const key = privateKeyIn(secrets.get('privateKey')?.[0]?.reveal() ?? '')
  if (key === undefined) throw notSetUp('secrets.privateKey is no RSA key: expected that of the app')
  const headers = { 'content-type': 'application/x-www-form-urlencoded;charset=utf-8', 'user-agent': 'countermand' }
  return {
    ask: async (method, content) => {
      const { path, body } = alipayRequest({ method, content }, settings.appId, key)
      const answer = await ask({ method: 'POST', path, route: `/gateway.do ${method}`, headers, body })
      return saidBy(answer, method, settings)
    },
  }
}

const look = async ({ ask }: Client, { paymentRef, refundId, amount }: RefundCall): Promise<StatusResult> => {
  const said = await ask(queryMethod, { trade_no: paymentRef, out_request_no: refundId })
  if (said.code !== '10000') {
    throw nothingLearned(refusalOf(said, 'look'), 'look')
  }
  const refund = found.parse(said.content)
  // "Nothing in this field: it was not received, or has failed."
  if (refund.refund_status === undefined || refund.refund_status === '') return { outcome: 'absent' }
  const isOurs = refund.out_request_no === refundId && refund.trade_no === paymentRef
  if (!isOurs || fromYuan(refund.refund_amount ?? '') !== amount)
    throw new ChannelError(
      `Alipay has ${wordsOf(refund.refund_amount ?? '')} yuan for ${wordsOf(refund.out_request_no ?? '')}, of payment ${wordsOf(refund.trade_no ?? '')}, not ${toYuan(amount)} for ${refundId}, of ${paymentRef}`,
      ...(['unknown', { trouble: 'setup' }] as const),
    )
  // What a bank sends back goes to the customer's balance at Alipay by itself: the customer has it.
  if (refund.refund_status === 'REFUND_SUCCESS') return { outcome: 'succeeded', providerRef: refundId }
  throw new ChannelError(`Alipay says of ${refundId} that it is ${wordsOf(refund.refund_status)}`, 'unknown')
}

const refund = async (client: Client, call: RefundCall): Promise<RefundResult> => {
  const said = await client.ask(refundMethod, refundContent(call))
  if (said.code !== '10000') return refusalOf(said, 'refund')
  const { data } = made.safeParse(said.content)
  if (data?.trade_no !== call.paymentRef)
    throw new ChannelError('refund: Alipay says yes of another payment', 'unknown', { trouble: 'setup' })
  if (data.fund_change === 'Y') return { outcome: 'succeeded', providerRef: call.refundId }
  // Not by this question: an earlier one may have moved it, or this one will. Its own book says.
  const known = await lookAfter(look(client, call), 'Alipay has not said whether it has made the refund')
  if (known.outcome === 'absent')
    throw new ChannelError('Alipay does not say yet whether money has moved', 'unknown', { retryAfterMs: 10_000 })
  return known
}

const open = (outside: Outside): Channel => {
  const asking = askingBy(wayTo('alipay', place, outside), clientOf)
  return {
    facts,
    refund: asking(refund),
    status: asking(look),
    // To a balance at once, to a bank card in one to three working days.
    expectedBy: (now) => later(now, 5 * day),
    // What it has made, it has made: nothing is pending there.
    pollAfterMs: () => day,
  }
}

/** Payments that were made with Alipay go back through it. */
export const alipay = {
  home: 'original',
  open,
  account: { secrets: ['privateKey'], settings: alipaySettings },
} satisfies TenderKind
