import { setTimeout as sleep } from 'node:timers/promises'
import { type Asked, type Promised, type Scenario, scenarios, total } from './scenarios.ts'

/** Each channel and each carrier that there is, straight and back: what their stand-ins do is in the names of payments and parcels. */

const cancelled = {
  ...{ outcome: 'cancelled', code: null, stage: 'closed', order: 'cancelled', refund: 'succeeded' },
} as const satisfies Partial<Promised>

const refused = {
  ...{ outcome: 'compensated', code: 'refund-refused', stage: 'refunding', order: 'paid', refund: 'failed' },
  stock: 'reserved',
} as const satisfies Partial<Promised>

const tooLate = {
  ...{ outcome: 'compensated', code: 'intercept-failed', stage: 'confirming', order: 'delivered', refund: 'none' },
  stock: 'shipped',
} as const satisfies Partial<Promised>

/** Payments of providers: how they behave, each of the order's whole sum. */
const stripe = (name: string) => ({ channel: 'stripe', paymentRef: `pi_${name}_of${total}` }) as const
const paypal = (name: string) => ({ channel: 'paypal', paymentRef: `${name}ZOF${total}` }) as const

const alipay = (name: string) => ({ channel: 'alipay', paymentRef: `${name}_of${total}`, currency: 'CNY' }) as const
const wechatPay = (name: string) =>
  ({ channel: 'wechat-pay', paymentRef: `${name}_of${total}`, currency: 'CNY' }) as const

const acme = (trackingNumber: string, status: 'label-created' | 'in-transit' | 'delivered') =>
  ({ carrier: 'acme', trackingNumber, status }) as const
/** `habit` begins with where it is: `L`, with a label, or `R`, on the road. */
const ups = (habit: string) =>
  ({
    ...{ carrier: 'ups', trackingNumber: `1Z${habit.padEnd(16, '0')}` },
    status: habit.startsWith('L') ? 'label-created' : 'in-transit',
  }) as const

const delivered = (trackingNumber: string) => ({ trackingNumber, status: 'delivered' }) as const
const intact = { status: 'delivered', stop: 'left-as-is' } as const

/** The customer wants it after all, as soon as the carrier is to bring it back. */
const withdrawOnceAsked = async ({ orderId, requestId, outside, inBook }: Asked): Promise<void> => {
  while ((await inBook()) !== 'return') await sleep(50)
  await outside.publish('order.cancel.withdrawn.v1', orderId, { requestId, orderId, by: 'cus-7' })
}

const ofStripe: readonly Scenario[] = [
  {
    name: 'stripe',
    title: 'Stripe, straight: its first answer is lost, and the same key brings it again',
    ...stripe('lost_1_x1'),
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'stripe-back',
    title:
      'Stripe, back: it refuses the refund. The label was voided by a carrier of the shop’s own, which sees to a new one',
    ...stripe('unrefundable_x2'),
    parcel: acme('OK-12', 'label-created'),
    inBook: 'as-sent',
    promise: { ...refused, parcel: { status: 'label-created', stop: 'resumed', trackingNumber: 'OK-12-N1' } },
  },
]

const ofPaypal: readonly Scenario[] = [
  {
    name: 'paypal',
    title: 'PayPal, straight: its first answer is lost',
    ...paypal('LOST1X3'),
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'paypal-back',
    title: 'PayPal, back: it refuses the refund, and the warehouse lets the parcel of UPS go that it has kept',
    ...paypal('UNREFUNDABLE4'),
    parcel: ups('LOK4'),
    promise: { ...refused, parcel: { status: 'label-created', stop: 'resumed' } },
  },
]

const ofAlipay: readonly Scenario[] = [
  {
    name: 'alipay',
    title: 'Alipay, straight: its first answer is lost, and the same number asks whether it has moved the money',
    ...alipay('lost_1_x32'),
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'alipay-back',
    title: 'Alipay, back: the time to give money back is over, and it says no',
    ...alipay('unrefundable_x33'),
    parcel: acme('OK-33', 'label-created'),
    inBook: 'as-sent',
    promise: { ...refused, parcel: { status: 'label-created', stop: 'resumed', trackingNumber: 'OK-33-N1' } },
  },
]

const ofWechatPay: readonly Scenario[] = [
  {
    name: 'wechat-pay',
    title: 'WeChat Pay, straight: it takes the refund on, and tells by an encrypted notification that it is made',
    ...wechatPay('late_1500_x30'),
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'wechat-pay-back',
    title: 'WeChat Pay, back: it has closed the customer’s account, and says no',
    ...wechatPay('unrefundable_x31'),
    parcel: acme('OK-31', 'label-created'),
    inBook: 'as-sent',
    promise: { ...refused, parcel: { status: 'label-created', stop: 'resumed', trackingNumber: 'OK-31-N1' } },
  },
]

const ofCredits: readonly Scenario[] = [
  ...(['gift-card', 'store-credit'] as const).flatMap((channel): Scenario[] => [
    {
      ...{ name: channel, title: `What was paid by ${channel} goes back to it`, channel, paymentRef: `${channel}-5` },
      promise: { ...cancelled, stock: 'onSale' },
    },
    {
      ...{ name: `${channel}-back`, title: `Paid by ${channel}, and delivered: too late`, channel },
      ...{ paymentRef: `${channel}-6`, parcel: delivered(`OK-${channel}`), merchant: 'approve' },
      promise: { ...tooLate, parcel: intact },
    },
  ]),
]

const ofCash: readonly Scenario[] = [
  {
    ...{ name: 'cash-on-delivery', title: 'Cash on delivery that nobody has collected: nothing goes back' },
    ...{ channel: 'cash-on-delivery', paymentRef: 'cash-1' },
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    name: 'collected',
    title:
      'Cash that was collected: by a file that two people have looked at it goes to a bank account, and the bank says that it has',
    ...{ channel: 'cash-on-delivery', paymentRef: 'cash-2', paid: true },
    promise: { ...cancelled, stock: 'onSale' },
  },
  {
    ...{ name: 'collected-back', title: 'Cash that was collected, and the parcel is delivered: too late' },
    ...{ channel: 'cash-on-delivery', paymentRef: 'cash-3', paid: true },
    ...{ parcel: delivered('OK-cash'), merchant: 'approve' },
    promise: { ...tooLate, parcel: intact },
  },
]

const ofUps: readonly Scenario[] = [
  {
    name: 'ups',
    title:
      'UPS, straight: it takes the intercept on, and tells by an alert that the parcel comes back; Stripe gives the money back',
    ...stripe('ok_x7'),
    parcel: ups('ROK7'),
    merchant: 'approve',
    inBook: 'return',
    promise: { ...cancelled, stock: 'aside', parcel: { status: 'returning', stop: 'intercepted' } },
  },
  {
    name: 'ups-label',
    title: 'UPS, straight: the warehouse keeps the parcel, PayPal gives the money back, then its label is voided',
    ...paypal('OK8'),
    parcel: ups('LOK8'),
    inBook: 'void',
    promise: { ...cancelled, stock: 'onSale', parcel: { status: 'label-created', stop: 'released' } },
  },
  {
    name: 'ups-back',
    title: 'UPS, back: the customer wants the parcel after all while UPS is to bring it back, and UPS is told not to',
    ...stripe('ok_x9'),
    parcel: ups('RSILENT9'),
    merchant: 'approve',
    during: withdrawOnceAsked,
    inBook: 'return, cancel',
    promise: {
      ...{ outcome: 'withdrawn', code: null, stage: 'confirming', order: 'shipped', stock: 'shipped' },
      ...{ refund: 'none', parcel: { status: 'in-transit', stop: 'resumed' } },
    },
  },
]

const ofOwnCarrier: readonly Scenario[] = [
  {
    name: 'own-carrier',
    title:
      'A carrier of the shop’s own, straight: it turns the parcel round after a second, and PayPal gives the money back',
    ...paypal('OK10'),
    parcel: acme('SLOW-1000-10', 'in-transit'),
    merchant: 'approve',
    inBook: 'intercepted',
    promise: { ...cancelled, stock: 'aside', parcel: { status: 'returning', stop: 'intercepted' } },
  },
  {
    name: 'own-carrier-back',
    title:
      'A carrier of the shop’s own, back: it has turned the parcel round, Stripe refuses the refund, and it goes to the customer after all',
    ...stripe('poor_x11'),
    parcel: acme('OK-11', 'in-transit'),
    merchant: 'approve',
    inBook: 'as-sent',
    promise: { ...refused, order: 'shipped', stock: 'shipped', parcel: { status: 'in-transit', stop: 'resumed' } },
  },
]

/** The sandbox's own are among the scenarios of every demo. */
const ofSandbox = scenarios.filter(({ name }) => ['label-voided', 'intercepted', 'refund-refused'].includes(name))

export const channelScenarios: readonly Scenario[] = [
  ...[
    ...ofSandbox,
    ...ofStripe,
    ...ofPaypal,
    ...ofAlipay,
    ...ofWechatPay,
    ...ofCredits,
    ...ofCash,
    ...ofUps,
    ...ofOwnCarrier,
  ],
]
