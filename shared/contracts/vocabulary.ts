import { z } from 'zod'

/** Where a saga is. `undoing` is the road back. */
export const sagaStage = z.enum(['requested', 'verifying', 'confirming', 'refunding', 'closing', 'closed', 'undoing'])
export type SagaStage = z.infer<typeof sagaStage>

/** How a saga ends. Needing attention is no end. */
export const sagaOutcome = z.enum(['cancelled', 'lines-cancelled', 'refused', 'withdrawn', 'compensated'])
export type SagaOutcome = z.infer<typeof sagaOutcome>

/** Why a request was refused or undone. */
export const refusalCode = z.enum([
  'order-not-found',
  'already-cancelled',
  'cancellation-in-progress',
  'window-closed',
  'account-blocked',
  'quantity-exceeded',
  'not-cancellable',
  'merchant-rejected',
  'merchant-silent',
  'intercept-failed',
  'stock-missing',
  'refund-refused',
  /** A person had it taken back, because a step could not go on. Who and why are not public. */
  'turned-back-by-operator',
])
export type RefusalCode = z.infer<typeof refusalCode>

/** Why a saga waits for a person. Each has a page in `docs/runbooks`. */
export const attentionReason = z.enum([
  'step-failed',
  'undo-failed',
  'refund-in-doubt',
  'refund-refused-after-pivot',
  'refund-overdue',
  'refund-reversed',
  'refunded-twice',
  'workflow-task-failing',
])
export type AttentionReason = z.infer<typeof attentionReason>

/** What a person may decide for it: try again, leave it out, send the money elsewhere, go back. */
export const remedy = z.enum(['retry', 'skip', 'refund-elsewhere', 'undo'])
export type Remedy = z.infer<typeof remedy>

/** Where an order is. `on-hold`: a saga is open for it. */
export const orderStatus = z.enum([
  'placed',
  'paid',
  'shipped',
  'delivered',
  'on-hold',
  'cancelled',
  'partially-cancelled',
])
export type OrderStatus = z.infer<typeof orderStatus>

/** Where a parcel is, as carriers say it. */
export const shipmentStatus = z.enum([
  'label-created',
  'handed-over',
  'in-transit',
  'out-for-delivery',
  'delivered',
  'returning',
  'returned',
  'lost',
])
export type ShipmentStatus = z.infer<typeof shipmentStatus>

/** The ways that money goes. The sandbox’s behave by the `paymentRef` that they are given. */
export const channelName = z.enum([
  'sandbox-card',
  'sandbox-wallet',
  'stripe',
  'paypal',
  'alipay',
  'wechat-pay',
  'store-credit',
  'gift-card',
  'cash-on-delivery',
])
export type ChannelName = z.infer<typeof channelName>

/** What is known of a refund. `submitted`: asked for, and nothing is known; `pending`: taken on; `action-required`: somebody has to do something outside; `reversed`: it came back after it had succeeded. */
export const refundState = z.enum(['submitted', 'pending', 'action-required', 'succeeded', 'failed', 'reversed'])
export type RefundState = z.infer<typeof refundState>

/** What would help where a channel has said no: money at the merchant, time, another destination, the end of a dispute. */
export const refundCure = z.enum(['funds', 'wait', 'elsewhere', 'dispute', 'none'])
export type RefundCure = z.infer<typeof refundCure>

/** Where a refund goes. `none`: nowhere, for cash that was never collected. */
export const refundDestination = z.enum(['original', 'store-credit', 'gift-card', 'bank-transfer', 'none'])
export type RefundDestination = z.infer<typeof refundDestination>

/** Who may ask for a cancellation. */
export const initiatorKind = z.enum(['customer', 'merchant', 'support', 'system'])

/** By which way whoever asks has reached the shop. */
export const requestVia = z.enum(['web', 'api', 'phone', 'mail', 'chat', 'marketplace'])
export type RequestVia = z.infer<typeof requestVia>

/** Why a cancellation is asked for, to count by. */
export const reasonCode = z.enum([
  'changed-mind',
  'ordered-by-mistake',
  'duplicate-order',
  'found-cheaper',
  'too-slow',
  'address-problem',
  'payment-declined',
  'fraud-suspected',
  'out-of-stock',
  'price-error',
  'other',
])
export type ReasonCode = z.infer<typeof reasonCode>

/** Why a decision, a withdrawal or a resolution changed nothing. */
export const inputRejection = z.enum([
  'too-early',
  'too-late',
  'already-decided',
  'unknown-request',
  /** It was not theirs to decide. */
  'not-allowed',
])
export type InputRejection = z.infer<typeof inputRejection>

/**
 * Why a change of an order was not made: nothing is left of the order, or would be; a line that it names is not there, is there already, or
 * was cancelled further; a line is on its way; the money does not add up, or was given back already.
 */
export const orderChangeRefusal = z.enum(['nothing-left', 'lines', 'on-its-way', 'money'])
export type OrderChangeRefusal = z.infer<typeof orderChangeRefusal>

/** The four services. */
export const serviceName = z.enum(['order', 'inventory', 'logistics', 'payment'])
export type ServiceName = z.infer<typeof serviceName>

/** Those that the kit runs: the services, and the console, which hears of everything and is asked nothing. */
export type KitName = ServiceName | 'console'

/** Whether it has a topic of commands. */
export const takesCommands = (name: KitName): name is ServiceName => name !== 'console'

/** What a line of an order is. Only goods are kept in stock, are in a parcel, and go back on sale. */
export const lineKind = z.enum(['goods', 'service', 'fee', 'digital'])
export type LineKind = z.infer<typeof lineKind>

/** Whether a line is of goods: what does not say what it is, is. */
export const isGoods = ({ kind = 'goods' }: { readonly kind?: LineKind | undefined }): boolean => kind === 'goods'
