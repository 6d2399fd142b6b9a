import { jsonIn } from '@countermand/contracts/json.ts'
import { type Account, wechatPaySettings } from '@countermand/providers/account.ts'
import type { Ask, ProviderAnswer } from '@countermand/providers/http.ts'
import { privateKeyIn } from '@countermand/providers/rsa.ts'
import {
  type WechatPaySettings,
  wechatPayAuthorization,
  wechatPayKeyId,
  wechatPaySigned,
} from '@countermand/providers/wechat-pay-signature.ts'
import { z } from 'zod'
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
import { askingBy, isYes, nothingLearned, notSetUp, waitOf, wayTo, wordsOf } from './way.ts'

/** WeChat Pay, API v3: docs/providers/wechat-pay.md. */
const place = { baseUrl: 'https://api.mch.weixin.qq.com' }

const minute = 60_000
/** A number refunds once, for ever; of one payment once a minute, 50 times, for 365 days. */
const facts: ChannelFacts = {
  ...{ keyLifeMs: Number.POSITIVE_INFINITY, asks: 'our-key', spacingMs: minute },
  ...{ windowDays: 365, maxPartials: 50 },
}
const polls = [1, 1, 1, 1, 1, 5, 10, 20, 30].map((minutes) => minutes * minute)

/** The body of a request for a refund: the same for a number, whenever and however often it is asked with. */
export const refundBody = (call: Content & Pick<RefundCall, 'paidTotal'>, notifyUrl?: string): string => {
  const { paymentRef, refundId, amount, currency, paidTotal, operation } = call
  if (operation === 'void') throw notSetUp('WeChat Pay holds no money: what was paid with it was taken')
  if (currency !== 'CNY') throw notSetUp(`WeChat Pay gives back CNY alone, not ${currency}`)
  if (!/^\w{1,32}$/.test(paymentRef))
    throw notSetUp(`payment ${paymentRef} is none of WeChat Pay's: expected its transaction_id`)
  if (amount > paidTotal)
    throw notSetUp(`expected no more than was paid: ${amount} of ${paidTotal} fen. Is paidTotal in yuan?`)
  return JSON.stringify({
    ...{ transaction_id: paymentRef, out_refund_no: refundId },
    ...(notifyUrl !== undefined && { notify_url: notifyUrl }),
    amount: { refund: amount, total: paidTotal, currency },
  })
}

const refundObject = z.object({
  ...{ refund_id: z.string().regex(/^\w{1,64}$/), out_refund_no: z.string(), transaction_id: z.string() },
  ...{ status: z.string(), user_received_account: z.string().default('') },
  amount: z.object({ refund: z.int(), currency: z.string() }),
})

const refused = (reason: string, cure: Refusal['cure']): RefundResult => ({
  outcome: 'refused',
  reason,
  key: 'dead',
  cure,
})

/** How a refund is that WeChat Pay has. A refund of another content is none of ours, whatever number it has. */
const resultOf = (refund: z.infer<typeof refundObject>, call: Content): RefundResult => {
  const { refund_id: providerRef, out_refund_no, transaction_id, status, user_received_account, amount } = refund
  const isOurs = out_refund_no === call.refundId && transaction_id === call.paymentRef
  if (!isOurs || amount.refund !== call.amount || amount.currency !== call.currency)
    throw new ChannelError(
      `WeChat Pay has ${providerRef} of ${amount.refund} ${amount.currency} for ${wordsOf(out_refund_no)}, of payment ${wordsOf(transaction_id)}, not ${call.amount} ${call.currency} for ${call.refundId}, of ${call.paymentRef}`,
      ...(['unknown', { trouble: 'setup' }] as const),
    )
  switch (status) {
    case 'PROCESSING':
      return { outcome: 'pending', providerRef, why: 'processing' }
    case 'SUCCESS':
      // "退还商户": what could not reach the customer, and the merchant had brought to an account of its own.
      return /^(退还)?商户/.test(user_received_account)
        ? refused(`WeChat Pay has given the money to the merchant: ${wordsOf(user_received_account)}`, 'elsewhere')
        : { outcome: 'succeeded', providerRef }
    case 'ABNORMAL':
      return {
        ...{ outcome: 'action-required', providerRef, who: 'merchant' },
        what: 'the bank does not take the money: in WeChat Pay’s merchant pages, have it brought to a bank card of the customer, or to your own account',
      }
    case 'CLOSED':
      return refused('WeChat Pay has closed the refund: for seven days the merchant had not the money', 'funds')
    default:
      throw new ChannelError(`WeChat Pay says of ${providerRef} that it is ${wordsOf(status)}`, 'unknown')
  }
}

const failed = z.object({ code: z.string(), message: z.string().default('') })

/** What helps against a no: the same number can be asked for again after it. */
const cures: Readonly<Record<string, Refusal['cure']>> = {
  ...{ NOT_ENOUGH: 'funds', USER_ACCOUNT_ABNORMAL: 'elsewhere', TRADE_OVERDUE: 'elsewhere' },
}
const busy = /^(FREQUENCY_LIMIT(ED|_EXCEED)?|RATELIMIT_EXCEEDED?|BIZERR_NEED_RETRY)$/
const setup = /^(PARAM_ERROR|SIGN_ERROR|NO_AUTH|MCH_NOT_EXISTS|APPID_MCHID_NOT_MATCH|RESOURCE_NOT_EXISTS)$/

/** What an answer that is no yes says; what leaves it open, or has to be set up, is thrown. No such answer need be signed. */
export const refusalOf = (answer: ProviderAnswer, what: string, now: number): RefundResult => {
  const { status, outage = {} } = answer
  const { code = '', message = '' } = failed.safeParse(jsonIn(answer.body)).data ?? {}
  if (status === 429 || busy.test(code))
    throw new ChannelError(`${what}: WeChat Pay answers ${code || status}`, 'before-anything', waitOf(answer, now))
  if (code === '' || status >= 500 || status < 400)
    throw new ChannelError(`${what}: WeChat Pay answers ${status}`, 'unknown', outage)
  const words = wordsOf(`${code}: ${message}`)
  if (status === 401 || setup.test(code)) throw notSetUp(`${what}: ${words}`)
  const cure = cures[code] ?? 'none'
  return { outcome: 'refused', reason: `WeChat Pay: ${words}`, key: 'alive', cure, unsure: true }
}

/** What a yes says, once it is WeChat Pay's; otherwise it is open what was done. */
const readYes = ({ status, headers, body }: ProviderAnswer, settings: WechatPaySettings, what: string) => {
  const signed = wechatPaySigned(headers, body, settings, Date.now())
  const read = refundObject.safeParse(jsonIn(body))
  if (signed === 'yes' && read.success) return read.data
  const words = {
    ...{ yes: 'with what cannot be read', no: 'and has not signed it' },
    'unknown-key': `signed by the key ${wordsOf(headers['wechatpay-serial'] ?? '')}, which settings.publicKeys does not have`,
    stale: 'at a time that is more than five minutes from our clock',
  }
  const isSetup = signed === 'unknown-key' || signed === 'stale'
  const facts = isSetup ? ({ trouble: 'setup' } as const) : {}
  throw new ChannelError(`${what}: WeChat Pay answers ${status} ${words[signed]}`, 'unknown', facts)
}

interface Client {
  readonly settings: WechatPaySettings
  readonly get: (path: string, route: string) => Promise<ProviderAnswer>
  readonly post: (path: string, body: string) => Promise<ProviderAnswer>
}

const clientOf = (ask: Ask, { settings: given, secrets }: Account): Client => {
  const settings = wechatPaySettings.parse(given)
  const key = privateKeyIn(secrets.get('privateKey')?.[0]?.reveal() ?? '')
  if (key === undefined) throw notSetUp('secrets.privateKey is no RSA key: expected apiclient_key.pem')
  const serial = wechatPayKeyId(settings)
  const send = (method: 'GET' | 'POST', path: string, route: string, body = '') => {
    const headers = {
      ...{ accept: 'application/json', 'content-type': 'application/json', 'user-agent': 'countermand' },
      authorization: wechatPayAuthorization({ method, path, body }, settings, key),
      ...(serial !== undefined && { 'wechatpay-serial': serial }),
    }
    return ask({ method, path, route, headers, ...(body !== '' && { body }) })
  }
  return {
    settings,
    get: (path, route) => send('GET', path, route),
    post: (path, body) => send('POST', path, path, body),
  }
}

const refunds = '/v3/refund/domestic/refunds'

const refund = async ({ settings, post }: Client, call: RefundCall): Promise<RefundResult> => {
  const answer = await post(refunds, refundBody(call, settings.notifyUrl))
  if (!isYes(answer)) return refusalOf(answer, 'refund', Date.now())
  return resultOf(readYes(answer, settings, 'refund'), call)
}

const look = async ({ settings, get }: Client, call: RefundCall): Promise<StatusResult> => {
  const answer = await get(`${refunds}/${encodeURIComponent(call.refundId)}`, `${refunds}/{out_refund_no}`)
  if (isYes(answer)) return resultOf(readYes(answer, settings, 'look'), call)
  const { code } = failed.safeParse(jsonIn(answer.body)).data ?? {}
  if (answer.status === 404 && code === 'RESOURCE_NOT_EXISTS') return { outcome: 'absent' }
  throw nothingLearned(refusalOf(answer, 'look', Date.now()), 'look')
}

const open = (outside: Outside): Channel => {
  const asking = askingBy(wayTo('wechat-pay', place, outside), clientOf)
  return {
    facts,
    refund: asking(refund),
    status: asking(look),
    // To a balance at once, to a bank card in one to three working days.
    expectedBy: (now) => later(now, 5 * day),
    pollAfterMs: (attempt) => polls[attempt - 1] ?? 60 * minute,
  }
}

/** Payments that were made with WeChat Pay go back through it. */
export const wechatPay = {
  home: 'original',
  open,
  account: { secrets: ['privateKey'], settings: wechatPaySettings },
} satisfies TenderKind
