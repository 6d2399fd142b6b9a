import {
  type AccountKind,
  alipaySettings,
  type Part,
  paypalSettings,
  webhookCarrierSettings,
  wechatPaySettings,
} from '@countermand/providers/account.ts'
import { alipay } from './alipay.ts'
import { paypal } from './paypal.ts'
import type { Sender } from './sender.ts'
import { standardWebhooks } from './standard-webhooks.ts'
import { stripe } from './stripe.ts'
import { ups } from './ups.ts'
import { wechatPay } from './wechat-pay.ts'

/** Who may tell us something, by the provider of its account. */
export const senders: ReadonlyMap<string, Sender> = new Map([
  ['stripe', stripe],
  ['paypal', paypal],
  ['alipay', alipay],
  ['wechat-pay', wechatPay],
  ['ups', ups],
  ['webhook-carrier', standardWebhooks],
])

/** Those of them that tell of parcels. */
export const carriers: readonly string[] = [...senders].flatMap(([provider, { ofParcels }]) =>
  ofParcels === true ? [provider] : [],
)

const kind: AccountKind = { secrets: ['webhook'] }
const kinds: ReadonlyMap<string, AccountKind> = new Map([
  // It signs by a certificate: there is no secret to check it with.
  ['paypal', { secrets: [], settings: paypalSettings }],
  // It signs by a key of its own.
  ['alipay', { secrets: [], settings: alipaySettings }],
  // So does this one, and encrypts with one that it shares with the merchant.
  ['wechat-pay', { secrets: ['apiV3Key'], settings: wechatPaySettings }],
  // A shop need not have it tell anything.
  ['ups', { secrets: [], optional: ['webhook'] }],
  ['webhook-carrier', { ...kind, settings: webhookCarrierSettings }],
])

/** The gateway's part of `ACCOUNTS_FILE`: what it checks signatures with. No key that could move money is ever read here. */
export const senderKinds: Part = new Map([...senders.keys()].map((provider) => [provider, kinds.get(provider) ?? kind]))
