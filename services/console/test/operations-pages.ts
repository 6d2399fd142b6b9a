import type {
  OperationAnswer,
  OperationWanted,
  RepairedSaga,
  ShownLetter,
  SystemState,
  WholeLetter,
} from '@countermand/contracts'
import { orderOf } from '../decide/order.ts'
import type { Page } from '../pages/kit/page.ts'
import { attentionPage, type ShownAttention } from '../pages/staff/attention.ts'
import { letterPage, lettersPage, noLetterPage, type ShownLetters } from '../pages/staff/letters.ts'
import { operationPage, type ShownOperation } from '../pages/staff/operation.ts'
import type { StaffAround } from '../pages/staff/parts.ts'
import { type ShownSystem, systemPage } from '../pages/staff/system.ts'
import type { Operation } from '../state.ts'
import type { Stuck } from '../store/attention.ts'
import { at, orderId, requestId } from './given.ts'
import { hostile, knownAfter, until } from './pages.ts'

/** Every page of operators in every state, made of examples. */

const operationId = '6f1d3c1e-0b7a-4f0a-8d55-2f3b9a1c7e10'
const ann = { subject: 'ann', name: 'Ann Agent' }
const bob = { subject: 'bob', name: 'Bob Operator' }

const [request] = orderOf(orderId, knownAfter(...until('order.cancellation.needs-attention.v1')))?.cancellations ?? []
if (request === undefined) throw new Error('expected a request that is stuck')

const stuckOf = (nth: number, more: Partial<Stuck> & { readonly reason: string }): Stuck => ({
  request: {
    ...{ ...request, orderId: `ord-100${nth}`, requestId: `${requestId}-${nth}`, amount: 3_351 * nth },
    attention: { reason: more.reason, since: at(-90 * nth) },
  },
  error: more.error ?? 'the carrier answered 503 (after 20 attempts)',
  remedies: more.remedies ?? ['retry', 'undo'],
})

const stuck: readonly Stuck[] = [
  stuckOf(1, {
    ...{ reason: 'refund-in-doubt', remedies: ['retry', 'skip'] },
    error: 'sandbox-card: the answer was lost 20 times; the money may have moved',
  }),
  stuckOf(2, { reason: 'refund-refused-after-pivot', remedies: ['retry', 'refund-elsewhere', 'skip'] }),
  stuckOf(3, { reason: 'step-failed', error: hostile }),
]

const repaired: readonly RepairedSaga[] = [
  {
    ...{ orderId: 'ord-1001', requestId, result: 'would', text: 'retry do refund, round 1 (refund-in-doubt)' },
    parked: {
      ...{ step: 'refund', direction: 'do', round: 1, reason: 'refund-in-doubt', since: at(-90) },
      ...{ error: 'sandbox-card: the answer was lost 20 times', remedies: ['retry', 'skip'] },
    },
    done: [
      ...['do hold-order: CancellationBegun', 'do stop-parcels: ParcelsStopped'],
      'do set-stock-aside: StockSetAside',
    ],
  },
  { ...{ orderId: 'ord-1002', requestId, result: 'nothing-done', text: 'nothing: it goes on' }, done: [] },
  { ...{ orderId: 'ord-1003', requestId, result: 'refused', text: `expected … ${hostile}` }, done: [] },
]
const sagas = repaired.map((each) => ({ orderId: each.orderId, requestId }))

const operation = (more: Partial<Operation> = {}): Operation => ({
  ...{ operationId, wanted: { kind: 'retry', sagas }, author: ann, at: at(0), state: 'looking' },
  stake: { sums: [{ amount: 20_106, currency: 'EUR' }], unknown: false },
  ...more,
})

const plan: OperationAnswer = { kind: 'sagas', sagas: [...repaired] }
const came: OperationAnswer = {
  kind: 'sagas',
  sagas: [
    { ...{ orderId: 'ord-1001', requestId, result: 'done', text: 'it has ended: cancelled' }, done: [] },
    {
      ...{ orderId: 'ord-1002', requestId, result: 'unsettled', done: [] },
      text: 'it has not helped so far: it needs attention again (refund, step-failed): the bank is away',
    },
  ],
}
const elsewhere: OperationWanted = { kind: 'resolve', decision: 'refund-elsewhere', to: 'store-credit', sagas }

const shown =
  (
    more: Partial<Operation> = {},
    how: Omit<Partial<ShownOperation>, 'is'> & { readonly is?: Partial<ShownOperation['is']> } = {},
  ) =>
  (around: StaffAround): Page => {
    const { is, ...rest } = how
    return operationPage(
      {
        ...{ operation: operation(more), errors: [], at: at(0), ...rest },
        is: { own: true, fresh: true, dangerous: false, second: false, ...is },
      },
      around,
    )
  }

const attention =
  (more: Partial<ShownAttention> = {}) =>
  (around: StaffAround): Page =>
    attentionPage(
      { ...{ stuck, all: 3, proposed: [], lately: [], chosen: new Set<string>(), errors: [], at: at(0) }, ...more },
      around,
    )

const state: SystemState = {
  ...{ at: at(0), intake: { paused: false, held: 0 }, open: 12, unread: [], lag: [], letters: [] },
  attention: [
    { reason: 'refund-in-doubt', sagas: 1, since: at(-90), money: [{ amount: 3_351, currency: 'EUR' }] },
    { reason: 'step-failed', sagas: 4, since: at(-30), money: [{ amount: 12_040, currency: 'EUR' }] },
  ],
}

const system =
  (more: Partial<ShownSystem> = {}) =>
  (around: StaffAround): Page =>
    systemPage({ ...{ system: state, isOld: false, own: [], errors: [] }, ...more }, around)

const letter: ShownLetter = {
  ...{ letterId: 'orders.placed.v1:2:4711', topic: 'orders.placed.v1', key: 'ord-1009', type: 'order.placed.v1' },
  ...{ reason: 'invalid-data', service: 'order', failedAt: at(-10), state: 'open', redrives: 0 },
  error: 'tenders: expected a sum of 3351, got 3350',
}
const list: readonly ShownLetter[] = [
  letter,
  { ...letter, letterId: 'orders.placed.v1:0:12', key: hostile, error: hostile, redrives: 2 },
  { ...letter, letterId: 'payment.commands.v1:1:9', topic: 'payment.commands.v1', reason: 'processing-failed' },
]
const whole: WholeLetter = {
  ...letter,
  headers: [
    { name: 'ce_type', value: 'order.placed.v1' },
    { name: 'ce_id', value: 'evt-77' },
  ],
  value: `{\n  "orderId": "ord-1009",\n  "note": ${JSON.stringify(hostile)}\n}`,
  failures: [{ service: 'order', reason: 'invalid-data', error: letter.error, failedAt: at(-10) }],
  log: [],
}
const letters =
  (more: Partial<ShownLetters> = {}) =>
  (around: StaffAround): Page =>
    lettersPage(
      {
        ...{ letters: list, all: 3, isOld: false, filters: {} },
        ...{ topics: ['orders.placed.v1', 'payment.commands.v1'], reasons: ['invalid-data', 'processing-failed'] },
        ...more,
      },
      around,
    )

const proposed = {
  wanted: elsewhere,
  plan,
  state: 'proposed',
  reason: 'card closed, ticket 4711',
  proposedAt: at(0),
} as const

/** A dead letter that is to be sent with another value. */
const edited = {
  wanted: { kind: 'redrive', letterId: letter.letterId, value: `{"total": 3351, "note": ${JSON.stringify(hostile)}}` },
  stake: { sums: [], unknown: true },
  plan: { kind: 'handled', letterId: letter.letterId, result: 'would', text: 'it goes to orders.placed.v1' },
} as const

export const everyOperationsPage: Readonly<Record<string, (around: StaffAround) => Page>> = {
  attention: attention({
    proposed: [operation(proposed)],
    lately: [operation({ state: 'sent', sentAt: at(-9), answer: came })],
  }),
  'attention.shown': attention({ stuck: stuck.slice(0, 2), all: 2 }),
  'attention.error': attention({ errors: [{ field: 'request', detail: hostile }], way: 'skip', reason: 'step-failed' }),
  'attention.none': attention({ stuck: [], all: 0 }),
  'attention.none-such': attention({ stuck: [], all: 0, reason: 'refunded-twice' }),
  'operation.looking': shown(),
  'operation.silent': shown({}, { at: at(1) }),
  'operation.planned': shown({ plan }),
  'operation.shown': shown({ plan: { kind: 'sagas', sagas: repaired.slice(0, 1) } }, { is: { dangerous: true } }),
  'operation.stale': shown({ plan, wanted: elsewhere }, { is: { dangerous: true, fresh: false } }),
  'operation.second': shown({ plan, wanted: elsewhere }, { is: { dangerous: true, second: true } }),
  'operation.error': shown({ plan }, { errors: [{ field: 'reason', detail: hostile }], draft: hostile }),
  'operation.nothing': shown({ plan: { kind: 'sagas', sagas: repaired.slice(1) } }, { was: 'nothing' }),
  'operation.refused': shown({ plan: { kind: 'refused', text: hostile } }),
  'operation.proposed-own': shown(proposed),
  'operation.proposed': shown(proposed, { is: { own: false } }),
  'operation.proposed-stale': shown(proposed, { is: { own: false, fresh: false }, was: 'stale' }),
  'operation.dropped': shown({ ...proposed, state: 'dropped', second: bob }),
  'operation.lapsed': shown({ ...proposed, state: 'dropped' }),
  'operation.sent': shown({ state: 'sent', reason: hostile, sentAt: at(0) }),
  'operation.late': shown({ state: 'sent', sentAt: at(-2) }),
  'operation.came': shown({ state: 'sent', sentAt: at(-1), answer: came, reason: 'the bank is back', second: bob }),
  'operation.intake': shown({
    ...{ wanted: { kind: 'pause-intake' }, state: 'sent', sentAt: at(0), reason: 'the bank is away' },
    answer: { kind: 'intake', result: 'done', text: 'intake is paused', intake: { paused: true } },
  }),
  'operation.redrive': shown({
    wanted: { kind: 'redrive', letterId: letter.letterId },
    plan: { kind: 'handled', letterId: letter.letterId, result: 'would', text: 'it goes to orders.placed.v1' },
  }),
  'operation.redrive-planned': shown(edited, { is: { dangerous: true, second: true } }),
  'operation.redrive-proposed': shown(
    { ...edited, state: 'proposed', reason: 'the sum was wrong', proposedAt: at(0) },
    { is: { own: false } },
  ),
  'operation.redrive-sent': shown({ ...edited, state: 'sent', sentAt: at(0) }),
  system: system(),
  'system.paused': system({
    system: {
      ...{ ...state, intake: { paused: true, by: 'Ann Agent', reason: hostile, since: at(-20), held: 4_321 } },
      letters: [{ reason: 'invalid-data', letters: 3, oldest: at(-200) }],
      lag: [{ reader: 'countermand-payment', topic: 'payment.commands.v1', messages: 812 }],
      unread: [{ part: 'attention', error: 'expected Temporal to answer on temporal:7233' }],
    },
    own: ['kafka: the broker has not answered for 20 s'],
  }),
  'system.old': system({ isOld: true, errors: [{ field: 'reason', detail: hostile }] }),
  'system.never': system({ system: undefined, isOld: true }),
  letters: letters({ all: 4_321 }),
  'letters.none': letters({ letters: [], all: 0 }),
  'letters.none-such': letters({ letters: [], all: 0, filters: { topic: 'orders.placed.v1' } }),
  'letters.old': letters({ isOld: true }),
  'letters.never': letters({ letters: undefined, isOld: true }),
  letter: (around) => letterPage({ letter: whole, errors: [] }, around),
  'letter.error': (around) =>
    letterPage({ letter: whole, errors: [{ field: 'reason', detail: hostile }], draft: { reason: hostile } }, around),
  'letter.redriven': (around) =>
    letterPage(
      {
        letter: { ...whole, state: 'redriven', log: [{ what: 'redriven', by: 'Ann', why: hostile, at: at(-3) }] },
        errors: [],
      },
      around,
    ),
  'letter.no-value': (around) => {
    const { value: _, ...none } = whole
    return letterPage({ letter: none, errors: [] }, around)
  },
  'letter.gone': (around) => noLetterPage(false, around),
  'letter.away': (around) => noLetterPage(true, around),
}
