import { reasonCode } from '@countermand/contracts'
import { countsOf } from '../decide/counts.ts'
import { fileOf, type Kept } from '../decide/file.ts'
import { canWithdraw } from '../decide/next.ts'
import { orderOf } from '../decide/order.ts'
import { previewOf } from '../decide/preview.ts'
import { type ReportName, reportNames, reportOf } from '../decide/report.ts'
import { storyOf } from '../decide/story.ts'
import { waysOf } from '../http/staff/cancel.ts'
import { cancelPage } from '../pages/customer/cancel.ts'
import { cancellationPage } from '../pages/customer/cancellation.ts'
import { orderPage } from '../pages/customer/order.ts'
import { reviewPage } from '../pages/customer/review.ts'
import { linesOf, wholeWish } from '../pages/customer/wish.ts'
import type { Page } from '../pages/kit/page.ts'
import { casePage, linkMadePage, type ShownCase } from '../pages/staff/case.ts'
import { decidePage, goneResultPage, type Result, resultsPage } from '../pages/staff/decide.ts'
import { type Inbox, inboxPage } from '../pages/staff/inbox.ts'
import type { MayDo, StaffAround } from '../pages/staff/parts.ts'
import { reportPage, type ShownReport } from '../pages/staff/report.ts'
import { searchPage } from '../pages/staff/search.ts'
import { type ShownStatements, statementsPage } from '../pages/staff/statements.ts'
import { noMerchantsPage, signedOutPage, staffTroublePage, staffTroubles } from '../pages/staff/trouble.ts'
import type { Cancellation } from '../state.ts'
import { speech } from '../words/languages.ts'
import { at, type Heard, orderId, requestId, shippedAsk, wholeLife } from './given.ts'
import { everyOperationsPage } from './operations-pages.ts'
import { hostile, knownAfter, until } from './pages.ts'

/** Every page of staff in every state, made of examples: what tests look at, and pictures are taken of. */

const now = at(12)
const batch = '6f1d3c1e-0b7a-4f0a-8d55-2f3b9a1c7e10'
const member = { name: 'Ann Agent', roles: ['support'], merchants: null } as const

const orderIn = (...life: readonly Heard[]) => {
  const order = orderOf(orderId, knownAfter(...life))
  if (order === undefined) throw new Error('expected an order')
  return order
}

const asked = until('order.cancellation.awaiting-merchant.v1')
const waitingOrder = orderIn(...asked)
const [waitingOne] = waitingOrder.cancellations
if (waitingOne === undefined) throw new Error('expected a request that waits')

/** As several customers would have asked. */
const waiting: readonly Cancellation[] = [
  waitingOne,
  { ...waitingOne, orderId: 'ord-1002', requestId: 'req-2', reason: { code: 'too-slow', note: hostile }, amount: 4990 },
  {
    ...waitingOne,
    orderId: 'ord-1003',
    requestId: 'req-3',
    reason: { code: 'duplicate-order' },
    amount: 1200,
    currency: 'JPY',
  },
]

const inbox =
  (more: Partial<Inbox> = {}) =>
  (around: StaffAround): Page =>
    inboxPage(
      {
        ...{
          mayDecide: true,
          all: 3,
          filters: {},
          merchants: ['mer-3', 'mer-9'],
          chosen: new Set<string>(),
          errors: [],
        },
        ...{
          at: at(2),
          waiting: waiting.map((request, place) => ({ request, order: place === 2 ? undefined : waitingOrder })),
        },
        ...more,
      },
      around,
    )

const result = (changes: Partial<Result['deed']>, more: Partial<Result> = {}): Result => ({
  deed: {
    ...{ at: now, subject: 'ann', name: 'Ann Agent', deed: 'approve', orderId, requestId, came: 'sent' },
    ...{ via: undefined, detail: undefined, batch, ...changes },
  },
  ...more,
})

const results: readonly Result[] = [
  result({}, { now: orderIn(...until('order.cancellation.decided.v1')).cancellations[0] }),
  result({ orderId: 'ord-1002' }),
  result(
    { orderId: 'ord-1003', came: 'already-decided' },
    { first: { decision: 'reject', who: 'Bob', at: at(3), isSilence: false } },
  ),
  result(
    { orderId: 'ord-1004', came: 'again' },
    { first: { decision: 'approve', who: hostile, at: at(3), isSilence: false } },
  ),
  result(
    { orderId: 'ord-1005', came: 'already-decided' },
    { first: { decision: 'approve', who: 'policy', at: at(3), isSilence: true } },
  ),
  result({ orderId: 'ord-1006', came: 'too-late' }),
  result({ orderId: undefined, requestId: hostile, came: 'request-not-found' }),
]

const deed = { ...{ subject: 'ann', name: 'Ann Agent', came: 'sent', orderId }, at: at(3) } as const
const kept: Kept = {
  deeds: [
    { ...deed, deed: 'approve', requestId, via: 'phone' },
    { ...deed, deed: 'note', detail: `Called twice. ${hostile}`, came: 'done', at: at(5) },
    { ...deed, deed: 'withdraw', requestId, came: 'too-late', at: at(7), name: hostile },
  ],
  beside: [
    {
      at: at(-5),
      type: 'statement',
      requestId,
      data: { name: hostile, contract: `My mugs ${hostile}`, contact: 'a@b.example' },
    },
    { at: at(-4), type: 'mail', data: { subject: 'Receipt of your withdrawal', state: 'sent' } },
    { at: at(4), type: 'webhook', data: { type: 'order.cancellation.started.v1', state: 'waiting' } },
    { at: at(6), type: 'link', data: { used: false } },
    { at: at(10), type: 'feedback', requestId, data: { score: 2, text: hostile } },
  ],
}

/** As a real day has it, for pictures. */
const shown: Kept = {
  deeds: [
    { ...deed, deed: 'note', detail: 'Called: moves house next week, and is fine with a refund.', came: 'done' },
    { ...deed, deed: 'approve', requestId, via: 'phone', at: at(5) },
  ],
  beside: [
    { at: at(1), type: 'mail', data: { subject: 'Receipt of your withdrawal', state: 'sent' } },
    { at: at(2), type: 'link', data: { used: true } },
  ],
}
const shownWaiting = waiting.map((request, place) => ({
  request: place === 1 ? { ...request, reason: { code: 'too-slow', note: 'I need it on Friday' } as const } : request,
  order: waitingOrder,
}))

const everything: MayDo = { decide: true, support: true, operations: true }

const caseIn =
  (life: readonly Heard[], more: Partial<ShownCase> = {}, keptHere: Kept = kept) =>
  (around: StaffAround): Page => {
    const known = knownAfter(...life)
    const order = orderIn(...life)
    const said = speech('de', 'Europe/Berlin')
    const theirs = { ...around, speech: said, formKey: undefined }
    const [newest] = order.cancellations
    const page =
      newest === undefined
        ? orderPage(order, now, true, theirs, true)
        : cancellationPage(
            {
              ...{ now: newest, at: now, mayTakeBack: false, takenBack: false, wasTooLate: false },
              ...{ feedback: 'none', isLookedAt: true },
            },
            false,
            theirs,
          )
    return casePage(
      {
        ...{ order, entries: fileOf(storyOf(known), keptHere), at: now, may: everything, errors: [] },
        takeable: new Set(order.cancellations.filter(canWithdraw).map((each) => each.requestId)),
        customer: { page, speech: said },
        ...more,
      },
      around,
    )
  }

const statement = {
  ...{ id: batch, name: `Kim ${hostile}`, contract: `The blue mugs of last week. ${hostile}`, orderId: undefined },
  ...{ contact: 'kim@example.org', language: 'en', receivedAt: at(-60) },
}
const statements =
  (more: Partial<ShownStatements> = {}) =>
  (around: StaffAround): Page =>
    statementsPage(
      {
        ...{ mails: true, errors: [] },
        all: [
          { statement, candidates: [orderIn()] },
          { statement: { ...statement, name: 'Lee' }, candidates: [] },
        ],
        ...more,
      },
      around,
    )

const cancelling = (around: StaffAround) => {
  const order = orderIn()
  const wish = wholeWish(order)
  const ways = waysOf(order, 'phone', around)
  return { order, wish: { ...wish, reason: reasonCode.parse('out-of-stock') }, ways }
}

const reportOfExample = (name: ReportName, more: Partial<ShownReport> = {}) => {
  const counts = [0, 1, 2, 3, 4, 5].flatMap((each) => {
    const known = knownAfter(...wholeLife)
    const [asked] = orderIn(...wholeLife.slice(2)).cancellations
    if (asked === undefined) throw new Error('expected a request')
    const code = reasonCode.options[each] ?? 'other'
    return Array.from({ length: 12 - 2 * each }, (_, nth) =>
      countsOf(
        {
          ...{ ...asked, reason: { code }, ...(each === 4 && { outcome: 'refused', code: 'window-closed' }) },
          ...(each % 3 === 1 && { decided: { decision: 'approve', by: 'policy:silence', at: at(1_440) } }),
          ...(each % 3 === 2 && { decided: { decision: 'reject', by: 'mer-3', at: at(95 + 60 * nth) } }),
          refunds: asked.refunds.map((refund) => ({
            ...{ ...refund, channel: ['sandbox-card', 'paypal', 'bank-transfer'][nth % 3] ?? 'paypal' },
            ...{ at: at(60 + 700 * nth * (1 + (nth % 3))), expectedBy: at(8_000) },
          })),
        },
        known,
        [],
        1 + ((each + nth) % 5),
      ),
    ).flat()
  })
  return (around: StaffAround): Page =>
    reportPage(
      {
        ...{ report: reportOf(name, counts), filter: { from: '2026-11-01', to: '2026-11-30' } },
        ...{ merchants: ['mer-3', hostile], markets: ['DE', 'AT'], ...more },
      },
      around,
    )
}

export const everyStaffPage: Readonly<Record<string, (around: StaffAround) => Page>> = {
  inbox: inbox(),
  'inbox.shown': inbox({ waiting: shownWaiting }),
  'inbox.all-chosen': inbox({ chosen: 'all', filters: { reason: 'too-slow' } }),
  'inbox.error': inbox({ errors: [{ field: 'request', detail: hostile }] }),
  'inbox.looks-on': inbox({ mayDecide: false }),
  'inbox.many': inbox({
    ...{ all: 4_321 },
    waiting: Array.from({ length: 8 }, (_, nth) => ({
      request: { ...waitingOne, requestId: `req-${nth}`, orderId: `ord-${nth}` },
      order: waitingOrder,
    })),
  }),
  'inbox.empty': inbox({ waiting: [], all: 0, merchants: [] }),
  'inbox.none-such': inbox({ waiting: [], all: 0, filters: { merchant: 'mer-9' } }),
  'decide.approve': (around) => decidePage({ decision: 'approve', requests: waiting, message: '', errors: [] }, around),
  'decide.reject': (around) => decidePage({ decision: 'reject', requests: waiting, message: '', errors: [] }, around),
  'decide.error': (around) =>
    decidePage(
      {
        decision: 'reject',
        requests: [{ ...waitingOne, amount: undefined }],
        message: hostile,
        errors: [{ field: 'message', detail: hostile }],
      },
      around,
    ),
  'decide.gone': goneResultPage,
  results: (around) => resultsPage(results, around),
  'results.shown': (around) => resultsPage([...results.slice(0, 3), ...results.slice(4, 6)], around),
  'results.over': (around) => resultsPage(results.slice(2), around),
  search: (around) => searchPage({ text: '', found: [], recent: waiting, member, at: now }, around),
  'search.nothing-yet': (around) => searchPage({ text: '', found: [], recent: [], member, at: now }, around),
  'search.found': (around) =>
    searchPage({ text: 'cus-7', found: [orderIn(), waitingOrder], recent: [], member, at: now }, around),
  'search.none': (around) => searchPage({ text: hostile, found: [], recent: [], member, at: now }, around),
  'case.fresh': caseIn([], {}, { deeds: [], beside: [] }),
  'case.waits': caseIn(asked),
  'case.shown': caseIn(asked, {}, shown),
  'case.error': caseIn(asked, {
    ...{
      draft: hostile,
      errors: [
        { field: 'message', detail: hostile },
        { field: 'note', detail: hostile },
      ],
    },
  }),
  'case.attention': caseIn(until('order.cancellation.needs-attention.v1')),
  'case.completed': caseIn(wholeLife.slice(2), { came: 'sent' }),
  'case.too-late': caseIn(wholeLife.slice(2), { came: 'too-late' }),
  'case.of-merchant': caseIn(asked, { may: { decide: true, support: false, operations: false } }),
  link: (around) =>
    linkMadePage({ orderId, url: `http://127.0.0.1:8087/c/${'x'.repeat(43)}`, expiresAt: at(1_440) }, around),
  cancel: (around) => {
    const { order, wish, ways } = cancelling(around)
    return cancelPage(order, wish, [], around, ways)
  },
  'cancel.review': (around) => {
    const { order, wish, ways } = cancelling(around)
    const preview = previewOf(orderId, knownAfter(), {
      lines: linesOf(order, wish),
      refundTo: 'original',
      approvalOf: shippedAsk,
      at: now,
    })
    if (preview === undefined) throw new Error('expected a preview')
    const reviewed = { order, wish, preview, seen: 'seen', note: hostile }
    return reviewPage(reviewed, { isChanged: false, errors: [] }, around, ways)
  },
  statements: statements(),
  'statements.none': statements({ all: [], came: 'closed' }),
  'statements.error': statements({ mails: false, came: 'gone', errors: [{ field: 'order-1', detail: hostile }] }),
  'trouble.no-merchants': (around) => noMerchantsPage(hostile, around),
  ...everyOperationsPage,
  ...Object.fromEntries(reportNames.map((name) => [`report.${name}`, reportOfExample(name)])),
  'report.texts': reportOfExample('feedback', {
    texts: [
      { orderId, score: 2, text: hostile, at: at(5) },
      { orderId: 'ord-1002', score: 5, text: 'That was quick, thank you.', at: at(9) },
    ],
  }),
  'report.none': (around) =>
    reportPage(
      {
        ...{ report: reportOf('reasons', []), filter: { from: '2026-11-01', to: '2026-11-30', merchant: 'mer-3' } },
        ...{ merchants: [], markets: [] },
      },
      around,
    ),
  'signed-out': (around) => signedOutPage('https://id.example/session/end', around),
  ...Object.fromEntries(
    staffTroubles.map((trouble) => [
      `trouble.${trouble}`,
      (around: StaffAround) => staffTroublePage(trouble, trouble === 'away' ? '/inbox' : undefined, around),
    ]),
  ),
}
