import { acceptedOrder, type EventData } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import { cancellationOf } from '../decide/cancellation.ts'
import { canWithdraw } from '../decide/next.ts'
import { orderOf } from '../decide/order.ts'
import { previewOf } from '../decide/preview.ts'
import { cancelPage } from '../pages/customer/cancel.ts'
import { cancellationPage, receiptPage } from '../pages/customer/cancellation.ts'
import { findPage, foundPage } from '../pages/customer/find.ts'
import { closedLinkPage, linkPage } from '../pages/customer/link.ts'
import { missingOrderPage, orderPage } from '../pages/customer/order.ts'
import { ordersPage } from '../pages/customer/orders.ts'
import { blockedPage, reviewPage } from '../pages/customer/review.ts'
import { troublePage } from '../pages/customer/trouble.ts'
import { linesOf, wholeWish } from '../pages/customer/wish.ts'
import { confirmWithdrawPage, withdrawnPage, withdrawPage } from '../pages/customer/withdraw.ts'
import type { Page, Surroundings } from '../pages/kit/page.ts'
import { at, type Heard, heard, orderId, requestId, shippedAsk, wholeLife } from './given.ts'

/** Every page of customers in every state, made of examples: what tests look at, and pictures are taken of. */

export const hostile = `<script>alert(1)</script>"'&amp;`

/** As a shop tells of it that knows its customers: with titles, in their times. */
export const shownExample = acceptedOrder.parse({
  ...exampleOrder,
  zone: 'Europe/Berlin',
  lines: exampleOrder.lines.map((line) => ({ ...line, title: 'Stoneware mug, blue' })),
})

const first: Heard = { type: 'order.accepted.v1', data: shownExample }
const [base] = wholeLife.flatMap((each) => (each.type === 'order.cancellation.started.v1' ? [each.data] : []))
if (base === undefined) throw new Error('expected a life that begins')

export const until = (type: Heard['type']) => wholeLife.slice(2, wholeLife.findIndex((each) => each.type === type) + 1)
const ended = (data: Partial<EventData<'order.cancellation.refused.v1'>>): Heard => ({
  type: 'order.cancellation.refused.v1',
  data: { ...base, at: at(9), outcome: 'refused', stage: 'verifying', code: 'window-closed', ...data },
})
const withdrawn: Heard = {
  type: 'order.cancellation.withdrawn.v1',
  data: { ...base, at: at(9), outcome: 'withdrawn', stage: 'confirming', by: 'cus-7' },
}
const refunded = {
  ...{ refundId: 'ref-1', requestId, orderId, tenderId: 't1', channel: 'sandbox-card', amount: 1391, currency: 'EUR' },
  ...{ destination: 'original', at: at(7), expectedBy: '2026-11-30T10:00:00.000Z' },
} satisfies Omit<EventData<'refund.pending.v1'>, 'state'>

/** A request in each of its states, by what a customer would call it. */
const lives: Readonly<Record<string, readonly Heard[]>> = {
  started: until('order.cancellation.started.v1'),
  'shop-decides': until('order.cancellation.awaiting-merchant.v1'),
  'shop-said-yes': until('order.cancellation.decided.v1'),
  attention: until('order.cancellation.needs-attention.v1'),
  pending: [
    ...until('order.cancellation.started.v1'),
    { type: 'refund.pending.v1', data: { ...refunded, state: 'pending' } },
  ],
  reversed: [
    ...until('order.cancellation.started.v1'),
    { type: 'refund.reversed.v1', data: { ...refunded, state: 'reversed' } },
  ],
  'refund-failed': [
    ...until('order.cancellation.started.v1'),
    { type: 'refund.failed.v1', data: { ...refunded, state: 'failed' } },
  ],
  completed: wholeLife.slice(2),
  refused: [...until('order.cancellation.started.v1'), ended({})],
  rejected: [
    ...until('order.cancellation.awaiting-merchant.v1'),
    ended({ code: 'merchant-rejected', stage: 'confirming', message: `We packed it already. ${hostile}` }),
  ],
  'not-stopped': [...until('order.cancellation.started.v1'), ended({ code: 'intercept-failed' })],
  withdrawn: [...until('order.cancellation.awaiting-merchant.v1'), withdrawn],
}

export const knownAfter = (...life: readonly Heard[]) => {
  const known = heard(first, ...life)
  if (known === undefined) throw new Error('expected something to be heard')
  return known
}
const orderIn = (...life: readonly Heard[]) => {
  const order = orderOf(orderId, knownAfter(...life))
  if (order === undefined) throw new Error('expected an order')
  return order
}

const now = at(12)
const cancellationIn =
  (life: readonly Heard[], isLive: boolean, more: object = {}) =>
  (around: Surroundings) => {
    const told = knownAfter(...life).told.get(requestId) ?? []
    const shown = cancellationOf(orderId, requestId, told)
    if (shown === undefined) throw new Error('expected a request')
    const feedback = shown.outcome === undefined ? ('none' as const) : ('asked' as const)
    const state = {
      now: shown,
      at: now,
      takenBack: false,
      mayTakeBack: canWithdraw(shown),
      wasTooLate: false,
      feedback,
    }
    return cancellationPage({ ...state, ...more }, isLive, around)
  }

const reviewIn =
  (known = knownAfter(), more: { readonly isChanged?: boolean } = {}) =>
  (around: Surroundings) => {
    const order = orderOf(orderId, known)
    if (order === undefined) throw new Error('expected an order')
    const wish = wholeWish(order)
    const preview = previewOf(orderId, known, {
      lines: linesOf(order, wish),
      refundTo: wish.refundTo,
      approvalOf: shippedAsk,
      at: now,
    })
    if (preview === undefined) throw new Error('expected a preview')
    const reviewed = { order, wish, preview, seen: 'seen', ...(more.isChanged && { note: hostile }) }
    return reviewPage(reviewed, { isChanged: false, errors: [], ...more }, around)
  }

const link = { scope: { orderId }, expiresAt: at(600), state: 'fresh' } as const

const stated = { name: 'Ada Example', contract: hostile, email: 'ada@example.org' }

/** By name: `page` or `page.state`. */
export const everyPage: Readonly<Record<string, (around: Surroundings) => Page>> = {
  link: (around) => linkPage(link, '/c/token', around),
  ...Object.fromEntries(
    (['expired', 'used', 'unknown', 'signedOut'] as const).map((why) => [
      `link.${why}`,
      (around: Surroundings) => closedLinkPage(why, around),
    ]),
  ),
  orders: (around) => ordersPage([orderIn()], 'open', around),
  'orders.none': (around) => ordersPage([], 'open', around),
  'orders.cancelled': (around) =>
    ordersPage([{ ...orderIn(...wholeLife.slice(2)), status: 'cancelled' }], 'cancelled', around),
  order: (around) => orderPage(orderIn(), now, true, around),
  'order.in-part': (around) => orderPage(orderIn(...wholeLife.slice(2)), now, false, around),
  'order.on-hold': (around) => orderPage(orderIn(...until('order.cancellation.started.v1')), now, true, around),
  'order.missing': (around) => missingOrderPage('/orders/ord-1', around),
  cancel: (around) => cancelPage(orderIn(), wholeWish(orderIn()), [], around),
  'cancel.error': (around) =>
    cancelPage(
      orderIn(),
      wholeWish(orderIn()),
      [{ field: 'line-1', detail: around.speech.words.cancel.chooseSomething }],
      around,
    ),
  review: reviewIn(),
  'review.changed': reviewIn(knownAfter(), { isChanged: true }),
  'review.rest': reviewIn(knownAfter(...wholeLife.slice(2))),
  blocked: (around) => blockedPage(orderIn(), { code: 'cancellation-in-progress', requestId }, around),
  ...Object.fromEntries(
    Object.entries(lives).map(([name, life]) => [`cancellation.${name}`, cancellationIn(life, name === 'pending')]),
  ),
  'cancellation.taking-back': cancellationIn(lives.started ?? [], true, { takenBack: true }),
  'cancellation.thanks': cancellationIn(lives.completed ?? [], false, { feedback: 'given' }),
  'cancellation.error': cancellationIn(lives.completed ?? [], false, {
    feedbackErrors: [{ field: 'score', detail: hostile }],
  }),
  receipt: (around) => {
    const told = knownAfter(...wholeLife.slice(2)).told.get(requestId) ?? []
    const shown = cancellationOf(orderId, requestId, told)
    if (shown === undefined) throw new Error('expected a request')
    const noted = { ...shown, reason: { code: 'other', note: hostile } } as const
    return receiptPage(noted, { at: now, items: [`1 × ${hostile}`] }, around)
  },
  find: (around) => findPage({}, around),
  'find.error': (around) =>
    findPage({ order: hostile, email: hostile, errors: [{ field: 'email', detail: hostile }] }, around),
  'find.sent': (around) => foundPage(around),
  withdraw: (around) => withdrawPage({ name: '', contract: '', email: '' }, [], around),
  'withdraw.error': (around) => withdrawPage(stated, [{ field: 'name', detail: hostile }], around),
  'withdraw.review': (around) => confirmWithdrawPage(stated, around),
  'withdraw.done': (around) => withdrawnPage({ ...stated, id: requestId, receivedAt: now, isMailed: true }, around),
  'withdraw.not-mailed': (around) =>
    withdrawnPage({ ...stated, id: requestId, receivedAt: now, isMailed: false }, around),
  'trouble.limit-until': (around) => troublePage('limit', undefined, around, at(60)),
  ...Object.fromEntries(
    (['notFound', 'away', 'tooLarge', 'foreign', 'limit', 'broken'] as const).map((trouble) => [
      `trouble.${trouble}`,
      (around: Surroundings) => troublePage(trouble, '/orders', around),
    ]),
  ),
}
