import { createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { jsonIn } from '@countermand/contracts/json.ts'
import { z } from 'zod'
import { openFaults, type RequestFault, requestFaults, signingFaults } from '../faults.ts'
import { type Kept, keptIn } from '../kept.ts'
import { newKey, standInKey } from '../keys.ts'
import { privateKey as anothersKey } from '../paypal/certificate.ts'
import { type Behaviours, createRefundBook, type Refund, type RefundBook } from '../refund-book.ts'
import { createTimes, type Post, refundStandIn, type Signer } from '../refund-stand-in.ts'
import type { Answer, Asked } from '../serve-api.ts'

/**
 * Stands for Alipay's gateway, mainland: refunds of trades on a book, signed both ways, and what it tells. It shows that we have read the
 * vendor's documents, and no more.
 */

/** Of an app, and whom it sells for. */
export interface Credentials {
  readonly appId: string
  readonly sellerId: string
  /** Base64, as the app's pages have it. */
  readonly publicKey: string
}

/** What can go wrong here: Alipay keeps no failure for a number, and names neither keys nor times in its answers. */
export const alipayFaults: readonly RequestFault[] = [
  ...requestFaults.filter((fault) => !fault.startsWith('kept-')),
  ...signingFaults.filter((fault) => fault === 'unsigned' || fault === 'other-key'),
  ...openFaults,
]

/** `PROCESSING`: nothing is said of it yet. `BOUNCED`: the bank sent it back, and the customer has it in their balance. */
type Status = 'PROCESSING' | 'SUCCESS' | 'BOUNCED'

export const behaviours: Behaviours<Status> = {
  ok: () => ({ first: 'SUCCESS' }),
  late: (after) => ({ first: 'PROCESSING', later: { after, status: 'SUCCESS' } }),
  bounce: (after) => ({ first: 'SUCCESS', later: { after, status: 'BOUNCED' } }),
  fail: () => ({ first: 'SUCCESS', no: 'ACQ.BUYER_ERROR' }),
  poor: () => ({ first: 'SUCCESS', no: 'ACQ.SELLER_BALANCE_NOT_ENOUGH' }),
  unrefundable: () => ({ first: 'SUCCESS', no: 'ACQ.TRADE_HAS_FINISHED' }),
  flaky: (flaky) => ({ first: 'SUCCESS', flaky }),
  lost: (lost) => ({ first: 'SUCCESS', lost }),
}

const yuan = (fen: number) => (fen / 100).toFixed(2)
/** As the vendor has times: those of Beijing, to the second, or to the millisecond with 23 characters. */
const beijing = (at: number, characters = 19): string =>
  new Date(at + 8 * 3_600_000).toISOString().slice(0, characters).replace('T', ' ')

/** What is signed: pairs in the order of their names. */
const textOf = (pairs: Readonly<Record<string, string>>): string =>
  Object.keys(pairs)
    .toSorted()
    .filter((name) => pairs[name] !== '')
    .map((name) => `${name}=${pairs[name]}`)
    .join('&')
const signatureOf = (text: string, key: KeyObject | string) =>
  sign('RSA-SHA256', Buffer.from(text), key).toString('base64')

type Content = Readonly<Record<string, unknown>>
const ok = (of: Content): Content => ({ code: '10000', msg: 'Success', ...of })
const no = (sub_code: string, sub_msg: string): Content => ({
  code: '40004',
  msg: 'Business Failed',
  sub_code,
  sub_msg,
})

/** The gateway's own no: nobody signs it. */
const error = (code: string, sub_code: string, sub_msg: string): Answer => ({
  status: 200,
  body: { error_response: { code, msg: 'Error', sub_code, sub_msg } },
})
const failure = error('20000', 'isp.unknow-error', '系统繁忙')
const instead: Partial<Record<RequestFault, Answer>> = {
  '429': error('40005', 'isv.app-call-limited', '应用调用次数超限'),
  '409': error('40005', 'isv.app-call-limited', '应用调用次数超限'),
  '500-before': failure,
  'key-expired': error('40002', 'isv.invalid-signature', '无效签名'),
  'other-account': error('40003', 'isv.insufficient-isv-permissions', 'ISV权限不足'),
}

const common = z.strictObject({
  ...{ app_id: z.string(), method: z.string(), sign: z.string(), timestamp: z.string() },
  ...{
    format: z.literal('JSON'),
    charset: z.literal('utf-8'),
    sign_type: z.literal('RSA2'),
    version: z.literal('1.0'),
  },
})
const refundAsked = z.strictObject({
  ...{ trade_no: z.string().min(1).max(64), out_request_no: z.string().min(1).max(64) },
  refund_amount: z.string().regex(/^\d{1,8}\.\d\d$/),
  refund_reason: z.string().max(256).optional(),
})
const queryAsked = z.strictObject({ trade_no: z.string(), out_request_no: z.string() })

const contentIn = ({ body }: Asked): unknown => jsonIn(new URLSearchParams(body).get('biz_content') ?? '')
const refundIn = (asked: Asked) =>
  asked.query.get('method') === 'alipay.trade.refund' ? refundAsked.safeParse(contentIn(asked)).data : undefined

const quarter = 900_000
const isAllowed = (asked: Asked, { appId, publicKey }: Credentials, now: number): boolean => {
  const { data } = common.safeParse(Object.fromEntries(asked.query))
  if (data === undefined || data.app_id !== appId) return false
  const { sign: signature, ...signed } = data
  const biz_content = new URLSearchParams(asked.body).get('biz_content') ?? ''
  const at = Date.parse(`${data.timestamp.replace(' ', 'T')}+08:00`)
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' })
  const text = Buffer.from(textOf({ ...signed, biz_content }))
  return Math.abs(now - at) <= quarter && verify('RSA-SHA256', text, key, Buffer.from(signature, 'base64'))
}

const threeSeconds = 3_000
const create = (book: RefundBook<Status>, now: number, asked: Asked): Content => {
  const wanted = refundIn(asked)
  if (wanted === undefined) return no('ACQ.INVALID_PARAMETER', '参数无效')
  const { trade_no, out_request_no: number, refund_amount } = wanted
  const payment = book.payment(trade_no)
  if (payment === undefined) return no('ACQ.TRADE_NOT_EXIST', '交易不存在')
  const amount = Math.round(Number(refund_amount) * 100)
  const known = book.of(payment).find((each) => each.number === number)
  const all = () => yuan(payment.amount - book.left(payment))
  if (known !== undefined)
    return known.amount === amount
      ? ok({ trade_no, fund_change: 'N', refund_fee: all() })
      : no('ACQ.DISCORDANT_REPEAT_REQUEST', '同一笔退款金额不一致')
  if (book.of(payment).some(({ at }) => now < at + threeSeconds)) return no('ACQ.SYSTEM_ERROR', '系统错误')
  if (amount > book.left(payment)) return no('ACQ.REASON_TRADE_REFUND_FEE_ERR', '退款金额无效')
  const { no: refusal } = payment.behaviour
  if (refusal !== undefined) return no(refusal, refusal)
  const { status } = book.enter(payment, { number, amount })
  return ok({ trade_no, fund_change: status === 'PROCESSING' ? 'N' : 'Y', refund_fee: all() })
}

const look = (book: RefundBook<Status>, asked: Asked): Content => {
  const { data } = queryAsked.safeParse(contentIn(asked))
  if (data === undefined) return no('ACQ.INVALID_PARAMETER', '参数无效')
  const payment = book.payment(data.trade_no)
  if (payment === undefined) return no('ACQ.TRADE_NOT_EXIST', '交易不存在')
  const found = book.of(payment).find(({ number }) => number === data.out_request_no)
  if (found === undefined || found.status === 'PROCESSING') return ok({})
  return ok({
    ...{ ...data, refund_status: 'REFUND_SUCCESS', refund_amount: yuan(found.amount) },
    ...(found.status === 'BOUNCED' && { deposit_back_info: { has_deposit_back: 'true', dback_status: 'F' } }),
  })
}

/** A notification as it is posted. */
export const noticeOf = (fields: Readonly<Record<string, string>>, key: KeyObject | string = standInKey): string =>
  String(new URLSearchParams({ ...fields, sign_type: 'RSA2', sign: signatureOf(textOf(fields), key) }))

export const createStandIn = (credentials: Credentials, kept: Kept = keptIn()) => {
  const { appId, sellerId } = credentials
  const times = createTimes()
  const book = createRefundBook({ behaviours, failed: [], now: times.now, kept, prefix: 'R' })

  /** The answer's object as its text is, and its signature. */
  const signed = (method: string, content: Content, fault?: RequestFault): Answer => {
    // Slashes are escaped, as the vendor's are.
    const text = JSON.stringify(content).replaceAll('/', '\\/')
    const signature = signatureOf(text, fault === 'other-key' ? anothersKey : standInKey)
    const body = `{"${method.replaceAll('.', '_')}_response":${text}${fault === 'unsigned' ? '' : `,"sign":"${signature}"`}}`
    return { status: 200, headers: { 'content-type': 'text/html;charset=utf-8' }, body }
  }
  const answer = (asked: Asked, fault?: RequestFault): Answer => {
    if (asked.method !== 'POST' || asked.path !== '/gateway.do') return { status: 404, body: '' }
    if (!isAllowed(asked, credentials, times.clock())) return error('40002', 'isv.invalid-signature', '无效签名')
    const method = asked.query.get('method') ?? ''
    if (method === 'alipay.trade.refund') {
      const content = create(book, times.now(), asked)
      return signed(
        method,
        fault === 'unsaid' && 'fund_change' in content ? { ...content, fund_change: 'N' } : content,
        fault,
      )
    }
    if (method === 'alipay.trade.fastpay.refund.query') return signed(method, look(book, asked), fault)
    return error('40002', 'isv.invalid-method', '不存在的方法名')
  }
  const notice = (
    { id, number, payment, amount, at, status }: Refund<Status>,
    signer: Signer,
    offMs: number,
  ): Post | undefined => {
    if (status !== 'SUCCESS') return undefined
    const total = book.payment(payment)
    const fields = {
      ...{ notify_id: `N${id}`, notify_type: 'trade_status_sync', notify_time: beijing(times.clock() + offMs) },
      ...{ app_id: appId, seller_id: sellerId, charset: 'utf-8', version: '1.0', trade_no: payment },
      ...{ out_trade_no: `shop-${payment}`, out_biz_no: number, trade_status: 'TRADE_SUCCESS' },
      ...{
        refund_fee: yuan(total === undefined ? amount : total.amount - book.left(total)),
        gmt_refund: beijing(at, 23),
      },
    }
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
    return {
      type: 'trade_status_sync',
      headers,
      body: noticeOf(fields, signer === 'itself' ? standInKey : anothersKey),
    }
  }

  return refundStandIn({
    ...{ kept, times, book, notice, failure, answer, yes: 'success', instead: (fault) => instead[fault] },
    another: (given, what) => {
      const [, name = '', text = ''] = /^\{"(\w+)_response":(\{.*\}),"sign"/.exec(String(given.body)) ?? []
      const content = z.looseObject({ trade_no: z.string() }).safeParse(jsonIn(text))
      const other = what === 'amount' ? { refund_fee: '0.01', refund_amount: '0.01' } : { refund_currency: 'USD' }
      return content.success ? signed(name, { ...content.data, ...other }) : given
    },
    asked: (asked) => {
      const wanted = refundIn(asked)
      return wanted && { payment: wanted.trade_no, number: wanted.out_request_no }
    },
  })
}

/** Whom it is for, unless somebody says otherwise. */
export const merchant = { appId: '2021001234567890', sellerId: '2088001234567890' }

/** Credentials that nobody has had before, with what signs by them. */
export const newCredentials = () => {
  const { privateKey, publicKey } = newKey()
  return { privateKey, credentials: { ...merchant, publicKey } }
}
