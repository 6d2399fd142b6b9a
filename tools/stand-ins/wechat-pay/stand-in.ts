import { createCipheriv, createPublicKey, type KeyObject, randomBytes, sign, verify } from 'node:crypto'
import { jsonIn } from '@countermand/contracts/json.ts'
import { z } from 'zod'
import { type RequestFault, requestFaults, signingFaults } from '../faults.ts'
import { type Kept, keptIn } from '../kept.ts'
import { newKey, standInKey } from '../keys.ts'
import { privateKey as anothersKey } from '../paypal/certificate.ts'
import { type Behaviours, createRefundBook, type Refund, type RefundBook } from '../refund-book.ts'
import { createTimes, type Post, refundStandIn, type Signer } from '../refund-stand-in.ts'
import type { Answer, Asked } from '../serve-api.ts'

/**
 * Stands for WeChat Pay, API v3: refunds on a book, signed both ways, and what it tells, encrypted. It shows that we have read the vendor's
 * documents, and no more.
 */

/** Of a merchant: what it signs by, and what it is told by. */
export interface Credentials {
  readonly mchid: string
  readonly serial: string
  /** Base64, as its account at WeChat Pay has it. */
  readonly publicKey: string
  readonly apiV3Key: string
}

/** By which name it signs, and one that nobody was told of. */
export const keyId = 'PUB_KEY_ID_0112345678901234567890123456789012'
const unknownKeyId = 'PUB_KEY_ID_0199999999999999999999999999999999'

/** What can go wrong here: WeChat Pay keeps no failure for a number. */
export const wechatPayFaults: readonly RequestFault[] = [
  ...requestFaults.filter((fault) => !fault.startsWith('kept-')),
  ...signingFaults,
]

const statuses = ['PROCESSING', 'SUCCESS', 'ABNORMAL', 'CLOSED', 'TO_MERCHANT'] as const
type Status = (typeof statuses)[number]

export const behaviours: Behaviours<Status> = {
  ok: () => ({ first: 'SUCCESS' }),
  late: (after) => ({ first: 'PROCESSING', later: { after, status: 'SUCCESS' } }),
  latefail: (after) => ({ first: 'PROCESSING', later: { after, status: 'CLOSED' } }),
  abnormal: () => ({ first: 'ABNORMAL' }),
  /** Its bank does not take it, and the merchant has it brought to its own account. */
  returned: (after) => ({ first: 'ABNORMAL', later: { after, status: 'TO_MERCHANT' } }),
  fail: () => ({ first: 'CLOSED' }),
  poor: () => ({ first: 'SUCCESS', no: 'NOT_ENOUGH' }),
  unrefundable: () => ({ first: 'SUCCESS', no: 'USER_ACCOUNT_ABNORMAL' }),
  flaky: (flaky) => ({ first: 'SUCCESS', flaky }),
  lost: (lost) => ({ first: 'SUCCESS', lost }),
}

const no = (status: number, code: string, message = code): Answer => ({ status, body: { code, message } })
const failure = no(500, 'SYSTEM_ERROR', '系统错误')
const instead: Partial<Record<RequestFault, Answer>> = {
  '429': { ...no(429, 'FREQUENCY_LIMITED', '频率限制'), headers: { 'retry-after': '1' } },
  '409': no(429, 'FREQUENCY_LIMITED', '频率限制'),
  '500-before': failure,
  'key-expired': no(401, 'SIGN_ERROR', '签名错误'),
  'other-account': no(404, 'MCH_NOT_EXISTS', '商户号不存在'),
}

/** As the vendor has times: those of Beijing. */
const beijing = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().replace(/\.\d+Z$/, '+08:00')

const refundAsked = z.strictObject({
  transaction_id: z.string().min(1).max(32),
  out_refund_no: z.string().regex(/^[\w\-|*@]{1,64}$/),
  reason: z.string().min(1).max(80).optional(),
  notify_url: z.url({ protocol: /^https$/ }).optional(),
  amount: z.strictObject({ refund: z.int().positive(), total: z.int().positive(), currency: z.literal('CNY') }),
})

const minute = 60_000
const partials = 50
const refunds = '/v3/refund/domestic/refunds'

/** A refund as the API has it. `total`: of its payment. */
const objectOf = ({ id, number, payment, amount, at, status }: Refund<Status>, total: number) => ({
  ...{ refund_id: id, out_refund_no: number, transaction_id: payment, out_trade_no: `shop-${payment}` },
  ...{ channel: 'ORIGINAL', create_time: beijing(at), funds_account: 'AVAILABLE' },
  status: status === 'TO_MERCHANT' ? 'SUCCESS' : status,
  user_received_account: status === 'TO_MERCHANT' ? '退还商户:商户结算银行账户' : '支付用户零钱',
  ...(status === 'SUCCESS' && { success_time: beijing(at) }),
  amount: {
    ...{ total, refund: amount, payer_total: total, payer_refund: amount, discount_refund: 0 },
    ...{ settlement_total: total, settlement_refund: amount, currency: 'CNY' },
  },
})

/** What comes with a body. `at`: ms since the epoch. */
export const signedBy = (body: string, at: number, key: KeyObject | string = standInKey, name = keyId) => {
  const [seconds, nonce] = [Math.floor(at / 1000), randomBytes(16).toString('hex')]
  const signature = sign('RSA-SHA256', Buffer.from(`${seconds}\n${nonce}\n${body}\n`), key).toString('base64')
  return {
    ...{ 'wechatpay-serial': name, 'wechatpay-timestamp': String(seconds), 'wechatpay-nonce': nonce },
    ...{ 'wechatpay-signature': signature, 'wechatpay-signature-type': 'WECHATPAY2-SHA256-RSA2048' },
  }
}
const signedAnswer = ({ status, body }: Answer, at: number, fault?: RequestFault): Answer => {
  const text = JSON.stringify(body)
  if (fault === 'unsigned') return { status, body: text }
  const signedAt = at - (fault === 'hour-old' ? 60 * minute : 0)
  const key = fault === 'other-key' ? anothersKey : standInKey
  return { status, body: text, headers: signedBy(text, signedAt, key, fault === 'unknown-key' ? unknownKeyId : keyId) }
}

const authorization =
  /^WECHATPAY2-SHA256-RSA2048 mchid="(\d+)",nonce_str="(\w{1,32})",timestamp="(\d+)",serial_no="(\w+)",signature="([\w+/=]+)"$/
const isAllowed = ({ method, path, query, headers, body }: Asked, of: Credentials, now: number): boolean => {
  const [, from, nonce, at, by, signature = ''] = authorization.exec(headers.authorization ?? '') ?? []
  const url = query.size > 0 ? `${path}?${query}` : path
  const text = Buffer.from(`${method}\n${url}\n${at}\n${nonce}\n${body}\n`)
  const isNow = Math.abs(now - Number(at) * 1000) <= 5 * minute
  const key = createPublicKey({ key: Buffer.from(of.publicKey, 'base64'), format: 'der', type: 'spki' })
  const isOurs = from === of.mchid && by === of.serial && isNow
  return isOurs && verify('RSA-SHA256', text, key, Buffer.from(signature, 'base64'))
}

/** As a notification has it: AES-256-GCM, its tag at the end. */
const encrypted = (text: string, key: string) => {
  const [nonce, associated_data] = [randomBytes(6).toString('hex'), 'refund']
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(associated_data))
  const bytes = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()])
  const ciphertext = bytes.toString('base64')
  return { original_type: 'refund', algorithm: 'AEAD_AES_256_GCM', ciphertext, associated_data, nonce }
}

/** A notification as it is posted: `told` is what it says, encrypted. */
export const noticeOf = (id: string, type: string, told: object, key: string, at: number): string =>
  JSON.stringify({
    ...{ id, create_time: beijing(at), resource_type: 'encrypt-resource', event_type: type, summary: '退款' },
    resource: encrypted(JSON.stringify(told), key),
  })

const create = (book: RefundBook<Status>, now: number, { body }: Asked): Answer => {
  const asked = refundAsked.safeParse(jsonIn(body))
  if (!asked.success) return no(400, 'PARAM_ERROR', z.prettifyError(asked.error))
  const { transaction_id, out_refund_no: number, amount } = asked.data
  const payment = book.payment(transaction_id)
  if (payment === undefined) return no(404, 'RESOURCE_NOT_EXISTS', '订单不存在')
  const known = book.byNumber(number)
  if (known !== undefined)
    return known.payment === transaction_id && known.amount === amount.refund
      ? { status: 200, body: objectOf(known, payment.amount) }
      : no(400, 'INVALID_REQUEST', '订单金额或退款金额与之前请求不一致，请核实后再试')
  if (amount.total !== payment.amount) return no(400, 'INVALID_REQUEST', '订单金额不一致')
  const others = book.of(payment)
  if (others.some(({ at }) => now < at + minute)) return no(429, 'FREQUENCY_LIMITED', '频率限制')
  if (others.length >= partials) return no(400, 'INVALID_REQUEST', '部分退款次数超过限制')
  if (amount.refund > book.left(payment)) return no(400, 'INVALID_REQUEST', '申请退款金额大于可退金额')
  if (payment.behaviour.no !== undefined) return no(403, payment.behaviour.no)
  return { status: 200, body: objectOf(book.enter(payment, { number, amount: amount.refund }), payment.amount) }
}

const by = {
  itself: [standInKey, keyId],
  another: [anothersKey, keyId],
  unknown: [anothersKey, unknownKeyId],
} as const

const refundIn = z.looseObject({ refund_id: z.string(), amount: z.looseObject({}) })
const others = { amount: { refund: 1 }, currency: { currency: 'USD' } }
const changed = (body: unknown, what: keyof typeof others): unknown => {
  const { data } = refundIn.safeParse(body)
  return data === undefined ? body : { ...data, amount: { ...data.amount, ...others[what] } }
}

export const createStandIn = (credentials: Credentials, kept: Kept = keptIn()) => {
  const times = createTimes()
  const book = createRefundBook({
    ...{ behaviours, failed: ['CLOSED', 'TO_MERCHANT'], now: times.now, kept, prefix: '5030000000' },
  })
  const shown = (refund: Refund<Status>) => objectOf(refund, book.payment(refund.payment)?.amount ?? refund.amount)

  const answerOf = (asked: Asked): Answer => {
    const { method, path, headers } = asked
    if (headers.accept !== 'application/json' || (headers['user-agent'] ?? '') === '')
      return no(400, 'PARAM_ERROR', 'Http头缺少Accept或User-Agent')
    if (!isAllowed(asked, credentials, times.clock())) return no(401, 'SIGN_ERROR', '签名错误')
    if (method === 'POST' && path === refunds) return create(book, times.now(), asked)
    const [, number = ''] = path.split(`${refunds}/`)
    const found = method === 'GET' ? book.byNumber(number) : undefined
    return found === undefined ? no(404, 'RESOURCE_NOT_EXISTS', '退款单不存在') : { status: 200, body: shown(found) }
  }
  const notice = (refund: Refund<Status>, signer: Signer, offMs: number): Post | undefined => {
    if (refund.status === 'PROCESSING') return undefined
    const { status, amount, create_time, channel, funds_account, ...of } = shown(refund)
    const { currency, ...fen } = amount
    const told = { mchid: credentials.mchid, ...of, refund_status: status, amount: fen }
    const type = `REFUND.${status}`
    const body = noticeOf(`EV-${refund.id}-${refund.status}`, type, told, credentials.apiV3Key, times.now())
    const headers = signedBy(body, times.clock() + offMs, ...by[signer])
    return { type, headers: { 'content-type': 'application/json', ...headers }, body }
  }

  return refundStandIn({
    ...{ kept, times, book, notice, failure, instead: (fault) => instead[fault] },
    answer: (asked, fault) => signedAnswer(answerOf(asked), times.clock(), fault),
    another: ({ status, body }, what) =>
      signedAnswer({ status, body: changed(jsonIn(String(body)), what) }, times.clock()),
    asked: ({ method, body }) => {
      const { data } = refundAsked.safeParse(jsonIn(body))
      return method === 'POST' && data ? { payment: data.transaction_id, number: data.out_refund_no } : undefined
    },
  })
}

/** Of the merchant that it is for, unless somebody says otherwise. */
export const merchant = { mchid: '1900000109', serial: '5157F09EFDC096DE15EBE81A47057A72' }

/** Credentials that nobody has had before, with what signs by them. */
export const newCredentials = () => {
  const { privateKey, publicKey } = newKey()
  const apiV3Key = randomBytes(16).toString('hex')
  return { privateKey, credentials: { ...merchant, publicKey, apiV3Key } }
}
