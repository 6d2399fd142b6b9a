import { createHmac, randomUUID } from 'node:crypto'
import { jsonIn } from '@countermand/contracts/json.ts'
import { z } from 'zod'
import {
  type AccountKind,
  alipaySettings,
  paypalSettings,
  webhookCarrierSettings,
  wechatPaySettings,
} from '../account.ts'
import { alipayAnswerIn, alipayAnswerSigned, alipayRequest } from '../alipay-signature.ts'
import type { Ask, ProviderAnswer } from '../http.ts'
import { privateKeyIn } from '../rsa.ts'
import { wechatPayAuthorization, wechatPayKeyId, wechatPaySigned } from '../wechat-pay-signature.ts'
import { type Look, NotAsIs, noIn, secretOf } from './look.ts'

/** How each provider that there is is looked at: a question that changes nothing, with the credentials that payment or logistics asks with. */

const basic = (id: string, secret: string) => `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
const form = 'application/x-www-form-urlencoded'
const token = z.object({ access_token: z.string() })

/** A token for the app's own credentials, or what is wrong with them. */
const tokenFor = async (ask: Ask, path: string, title: string, id: string, secret: string): Promise<string> => {
  const headers = { authorization: basic(id, secret), 'content-type': form }
  const answer = await ask({ method: 'POST', path, route: path, headers, body: 'grant_type=client_credentials' })
  const given = token.safeParse(jsonIn(answer.body))
  if (answer.status === 200 && given.success) return given.data.access_token
  const no = noIn({ title, reads: 'a token' }, answer)
  throw new NotAsIs(
    no?.what ?? 'credentials',
    no?.words ?? `${title} gives no token for the client id and its secret (${answer.status})`,
  )
}

const stripe: Look = {
  ...{ title: 'Stripe', baseUrl: 'https://api.stripe.com', reads: 'refunds' },
  look: (account, ask) => {
    const { connectedAccount } = z.object({ connectedAccount: z.string().exactOptional() }).parse(account.settings)
    const headers = {
      ...{ authorization: `Bearer ${secretOf(account, 'apiKey')}`, 'stripe-version': '2026-10-28.endive' },
      ...(connectedAccount !== undefined && { 'stripe-account': connectedAccount }),
    }
    return ask({ method: 'GET', path: '/v1/refunds?limit=1', route: '/v1/refunds', headers })
  },
  notifications: (account) =>
    /^whsec_.{8,}$/.test(secretOf(account, 'webhook'))
      ? undefined
      : 'secrets.webhook is no signing secret of a webhook: it begins with whsec_, and stands at the endpoint in the dashboard',
  nothing: (account, now) => {
    const at = Math.floor(now / 1000)
    const body = JSON.stringify({
      id: `evt_${randomUUID()}`,
      type: 'countermand.check',
      created: at,
      data: { object: {} },
    })
    const v1 = createHmac('sha256', secretOf(account, 'webhook')).update(`${at}.${body}`).digest('hex')
    return { headers: { 'content-type': 'application/json', 'stripe-signature': `t=${at},v1=${v1}` }, body }
  },
}

/** PayPal has no such refund, and says so to who may read refunds. */
const noRefund = '0CHECK00000000000'

const paypal: Look = {
  ...{ title: 'PayPal', baseUrl: 'https://api-m.paypal.com', reads: 'refunds' },
  look: async (account, ask) => {
    const { clientId } = paypalSettings.parse(account.settings)
    const bearer = await tokenFor(ask, '/v1/oauth2/token', 'PayPal', clientId, secretOf(account, 'clientSecret'))
    const headers = { authorization: `Bearer ${bearer}` }
    const answer = await ask({
      method: 'GET',
      path: `/v2/payments/refunds/${noRefund}`,
      route: '/v2/payments/refunds/{id}',
      headers,
    })
    return asFound(answer)
  },
  notifications: ({ settings }) =>
    paypalSettings.parse(settings).webhookId === undefined
      ? 'settings.webhookId is missing: nothing that PayPal tells is believed'
      : undefined,
}

/** What is looked for need not be there: that somebody may ask for it is what shows. */
const asFound = (answer: ProviderAnswer): ProviderAnswer => {
  const isAnswer = answer.status === 404 && typeof jsonIn(answer.body) === 'object' && jsonIn(answer.body) !== null
  return isAnswer ? { ...answer, status: 200 } : answer
}

/** There is no refund of this number, and who may read refunds is told so. */
const noRefundNumber = 'ref_countermand_check'

const wechatPay: Look = {
  ...{ title: 'WeChat Pay', baseUrl: 'https://api.mch.weixin.qq.com', reads: 'refunds' },
  look: async (account, ask) => {
    const settings = wechatPaySettings.parse(account.settings)
    const key = privateKeyIn(secretOf(account, 'privateKey'))
    if (key === undefined)
      throw new NotAsIs('credentials', 'secrets.privateKey is no RSA key: it is what apiclient_key.pem holds')
    const route = '/v3/refund/domestic/refunds'
    const [method, path] = ['GET', `${route}/${noRefundNumber}`] as const
    const serial = wechatPayKeyId(settings)
    const headers = {
      ...{ accept: 'application/json', 'user-agent': 'countermand' },
      authorization: wechatPayAuthorization({ method, path, body: '' }, settings, key),
      ...(serial !== undefined && { 'wechatpay-serial': serial }),
    }
    const answer = await ask({ method, path, route: `${route}/{out_refund_no}`, headers })
    const { 'wechatpay-serial': signer } = answer.headers
    if (signer !== undefined && wechatPaySigned(answer.headers, answer.body, settings, Date.now()) === 'unknown-key')
      throw new NotAsIs('settings', `WeChat Pay signs by ${signer.slice(0, 64)}: put that key into settings.publicKeys`)
    return asFound(answer)
  },
  notifications: (account) =>
    Buffer.byteLength(secretOf(account, 'apiV3Key')) === 32
      ? undefined
      : 'secrets.apiV3Key is no APIv3 key: it has 32 characters, and is set in the merchant pages',
}

const alipayAnswer = z.object({ code: z.string(), sub_code: z.string().default('') })

/** It answers with 200 whatever it says; what it says, as statuses that others answer with. */
const statusOf = ({ code, sub_code }: z.infer<typeof alipayAnswer>): number => {
  if (/^isv\.(invalid-(signature|app-id)|missing-signature)/.test(sub_code)) return 401
  if (code === '40003' || code === '40006') return 403
  return code === '20000' ? 503 : 200
}

const alipay: Look = {
  ...{ title: 'Alipay', baseUrl: 'https://openapi.alipay.com', reads: 'refunds' },
  look: async (account, ask) => {
    const { appId, publicKeys } = alipaySettings.parse(account.settings)
    const key = privateKeyIn(secretOf(account, 'privateKey'))
    if (key === undefined)
      throw new NotAsIs('credentials', 'secrets.privateKey is no RSA key: it is the one of the app')
    const method = 'alipay.trade.fastpay.refund.query'
    const content = { trade_no: noRefundNumber, out_request_no: noRefundNumber }
    const headers = { 'content-type': `${form};charset=utf-8` }
    const { path, body } = alipayRequest({ method, content }, appId, key)
    const answer = await ask({ method: 'POST', path, route: `/gateway.do ${method}`, headers, body })
    const text = alipayAnswerIn(answer.body, method)
    const said = alipayAnswer.safeParse(jsonIn(text ?? ''))
    if (text === undefined || !said.success || answer.status !== 200) return answer
    const { sign = '' } = z.object({ sign: z.string().optional() }).parse(jsonIn(answer.body))
    const status = statusOf(said.data)
    if (status === 200 && !alipayAnswerSigned(text, sign, publicKeys))
      throw new NotAsIs(
        'settings',
        'none of settings.publicKeys is what Alipay signs by: it is in the pages of the app',
      )
    return { ...answer, status }
  },
  // It signs by the key that its answers are signed by.
  notifications: () => undefined,
}

const upsAccount = z.object({ clientId: z.string(), accountNumber: z.string().exactOptional() })
/** Of UPS's own test environment. */
const upsTestNumber = '1ZCIETST0111111114'

const ups: Look = {
  ...{ title: 'UPS', baseUrl: 'https://onlinetools.ups.com', reads: 'where parcels are' },
  look: async (account, ask) => {
    const { clientId } = upsAccount.parse(account.settings)
    const bearer = await tokenFor(ask, '/security/v1/oauth/token', 'UPS', clientId, secretOf(account, 'clientSecret'))
    const headers = {
      authorization: `Bearer ${bearer}`,
      transid: randomUUID().slice(0, 14),
      transactionsrc: 'countermand',
    }
    const route = '/api/track/v1/details'
    return asFound(
      await ask({ method: 'GET', path: `${route}/${upsTestNumber}?locale=en_US`, route: `${route}/{number}`, headers }),
    )
  },
  // A shop need not have it tell anything.
  notifications: (account) =>
    secretOf(account, 'webhook') !== '' && secretOf(account, 'webhook') === secretOf(account, 'clientSecret')
      ? 'secrets.webhook is the client secret: take another one for the credential of Track Alert'
      : undefined,
  // It has no parcel in it: who takes the credential says that it cannot be read.
  nothing: (account) => ({
    ...{ headers: { 'content-type': 'application/json', credential: secretOf(account, 'webhook') }, body: '{}' },
  }),
}

const isSigning = (secret: string): boolean =>
  /^whsec_[A-Za-z0-9+/]+=*$/.test(secret) && Buffer.from(secret.slice(6), 'base64').length >= 24

const signedBy = (secret: string, now: number, body: string) => {
  const [id, at] = [`check_${randomUUID()}`, Math.floor(now / 1000)]
  const signature = createHmac('sha256', Buffer.from(secret.slice(6), 'base64')).update(`${id}.${at}.${body}`)
  return {
    ...{ 'content-type': 'application/json', 'webhook-id': id, 'webhook-timestamp': `${at}` },
    'webhook-signature': `v1,${signature.digest('base64')}`,
  }
}

/** It has never heard of it. */
const noParcel = {
  ...{ orderId: 'check', shipmentId: 'check', trackingNumber: 'CHECK', status: 'in-transit' },
}

const webhookCarrier: Look = {
  ...{ title: 'the carrier', reads: 'what has become of a stop' },
  look: async (account, ask) => {
    const { carriers } = webhookCarrierSettings.parse(account.settings)
    if (!isSigning(secretOf(account, 'signing')))
      throw new NotAsIs(
        'credentials',
        'secrets.signing is no signing secret: expected whsec_ and 24 bytes or more as base64',
      )
    const shipment = { ...noParcel, carrier: carriers[0] }
    const body = JSON.stringify({ operation: 'status', key: 'check', round: 1, shipment })
    const headers = signedBy(secretOf(account, 'signing'), Date.now(), body)
    const answer = await ask({ method: 'POST', path: '/status', route: '/status', headers, body })
    const { result } = z.object({ result: z.string().exactOptional() }).catch({}).parse(jsonIn(answer.body))
    if (answer.status !== 200 || result === 'none') return answer
    throw new NotAsIs(
      'address',
      `the carrier knows a parcel that there is not: expected { "result": "none" }, got ${result ?? 'no result'}`,
    )
  },
  notifications: (account) => {
    if (!isSigning(secretOf(account, 'webhook')))
      return 'secrets.webhook is no signing secret: expected whsec_ and 24 bytes or more as base64'
    return secretOf(account, 'webhook') === secretOf(account, 'signing')
      ? 'secrets.webhook is secrets.signing too: whoever breaks into the gateway could ask the carrier for anything'
      : undefined
  },
  nothing: (account, now) => {
    const body = JSON.stringify({ type: 'countermand.check' })
    return { headers: signedBy(secretOf(account, 'webhook'), now, body), body }
  },
}

const kind = (required: readonly string[], optional: readonly string[] = []): AccountKind => ({
  secrets: required,
  optional,
})

/** By provider: how it is looked at, and which secrets are read for it. */
export const looks: ReadonlyMap<string, Look & { readonly account: AccountKind }> = new Map([
  ['stripe', { ...stripe, account: kind(['apiKey', 'webhook']) }],
  ['paypal', { ...paypal, account: { ...kind(['clientSecret']), settings: paypalSettings } }],
  ['alipay', { ...alipay, account: { ...kind(['privateKey']), settings: alipaySettings } }],
  ['wechat-pay', { ...wechatPay, account: { ...kind(['privateKey', 'apiV3Key']), settings: wechatPaySettings } }],
  ['ups', { ...ups, account: { ...kind(['clientSecret'], ['webhook']), settings: upsAccount } }],
  [
    'webhook-carrier',
    { ...webhookCarrier, account: { ...kind(['signing', 'webhook']), settings: webhookCarrierSettings } },
  ],
])
