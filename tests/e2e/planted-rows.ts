import type { DatabaseOwner } from '@countermand/tools/stack/settings.ts'
import type { Run } from '@countermand/workflows/operations/find/runs.ts'
import * as rows from './consistent-rows.ts'

/** A run of a saga as Temporal lists it. */
export const run = (orderId: string, requestId: string, status: Run['status'], outcome?: string): Run => ({
  workflowId: `cancel-${orderId}-${requestId}`,
  runId: 'run',
  orderId,
  requestId,
  status,
  outcome,
  stage: undefined,
  merchantId: undefined,
  reasonCode: undefined,
  needsAttention: false,
  attentionReason: undefined,
  startedAt: new Date(),
  closedAt: undefined,
})

const { cancelledEnd, compensatedEnd } = rows
const refundsOf = (amount: number) => ({ ...cancelledEnd, refunds: [{ tenderId: 't1', amount }] })

/** An ended request without a trace of it elsewhere: each service's rules about it are broken beside. */
const endedIn = (name: string, outcome: 'cancelled' | 'compensated'): string =>
  [
    rows.order(name, outcome === 'cancelled' ? 'cancelled' : 'paid', null, outcome === 'cancelled' ? 2 : 0),
    rows.asked(
      `req-${name}`,
      name,
      outcome === 'cancelled' ? 'confirmed' : 'abandoned',
      outcome === 'cancelled' ? cancelledEnd : compensatedEnd,
    ),
    rows.told(name, `req-${name}`, outcome === 'cancelled' ? 'completed' : 'compensated', `end-${name}`),
  ].join(';')

export interface Planted {
  readonly service: DatabaseOwner
  /** The rule that is broken, by how it begins. */
  readonly rule: string
  /** What the offending row names. */
  readonly names: string
  readonly sql: string
  readonly run?: Run
}

/** One row against each rule. Where the service's own constraints forbid it, they are dropped first: `verify` does not rely on them. */
export const planted: readonly Planted[] = [
  {
    service: 'order',
    rule: 'an order is on hold exactly',
    names: 'x-hold',
    sql: rows.asked('req-x-hold', 'x-hold', 'holding', null),
    run: run('x-hold', 'req-x-hold', 'RUNNING'),
  },
  {
    service: 'order',
    rule: 'the saga of a request that holds',
    names: 'x-lost',
    sql: `${rows.asked('req-x-lost', 'x-lost', 'holding', null)};${rows.order('x-lost', 'on-hold', 'req-x-lost', 0)}`,
    run: run('x-lost', 'req-x-lost', 'TERMINATED'),
  },
  {
    service: 'order',
    rule: 'a request that was heard of',
    names: 'x-asked',
    sql: rows.asked('req-x-asked', 'x-asked', 'asked', null),
  },
  {
    service: 'order',
    rule: 'a saga that is over',
    names: 'x-over',
    sql: '',
    run: run('x-over', 'req-x-over', 'FAILED'),
  },
  {
    service: 'order',
    rule: 'a saga that is over',
    names: 'x-other',
    sql: endedIn('x-other', 'compensated'),
    run: run('x-other', 'req-x-other', 'COMPLETED', 'cancelled'),
  },
  {
    service: 'order',
    rule: 'a request that ended is told',
    names: 'x-twice',
    sql: `${endedIn('x-twice', 'compensated')};${rows.told('x-twice', 'req-x-twice', 'completed', 'another')}`,
  },
  {
    service: 'order',
    rule: 'a request that ended is told',
    names: 'x-silent',
    sql: `${rows.order('x-silent', 'paid', null, 0)};${rows.asked('req-x-silent', 'x-silent', 'abandoned', compensatedEnd)}`,
  },
  {
    service: 'order',
    rule: 'the refunds of a cancellation add up',
    names: 'x-sum',
    sql: `${rows.order('x-sum', 'cancelled', null, 2)};${rows.asked('req-x-sum', 'x-sum', 'confirmed', refundsOf(499))}`,
  },
  {
    service: 'order',
    rule: 'the units cancelled of a line',
    names: 'x-units',
    sql: rows.order('x-units', 'partially-cancelled', null, 1),
  },
  {
    service: 'order',
    rule: 'an order is cancelled exactly',
    names: 'x-left',
    sql: rows.order('x-left', 'cancelled', null, 1),
  },
  {
    service: 'inventory',
    rule: 'on sale + reserved',
    names: 'X-SUM',
    sql: "insert into stock (sku, received, on_sale) values ('X-SUM', 1000, 999)",
  },
  {
    service: 'inventory',
    rule: 'nothing is on sale while',
    names: 'X-SOLD',
    sql: "insert into stock (sku, received, on_sale, backordered) values ('X-SOLD', 1000, 1001, 1)",
  },
  {
    service: 'inventory',
    rule: 'each unit of a line',
    names: 'x-line',
    sql: `${rows.stock('X-LINE', { reserved: 1, aside: 0 })};${rows.reserved('x-line', [], { aside: 0, reserved: 1 }, 'X-LINE')}`,
  },
  {
    service: 'inventory',
    rule: "a SKU's stock is what",
    names: 'X-DIFF',
    sql: rows.stock('X-DIFF', { reserved: 3, aside: 0 }),
  },
  {
    service: 'inventory',
    rule: 'the stock of a cancellation',
    names: 'x-gone',
    sql: `${rows.reserved('x-gone', [rows.hold('req-x-gone', true, 1)], { aside: 2, reserved: 0 })}`,
  },
  {
    service: 'inventory',
    rule: 'a request that came to nothing holds',
    names: 'x-kept',
    sql: rows.reserved('x-kept', [rows.hold('req-x-kept', false)], { aside: 2, reserved: 0 }),
  },
  { service: 'logistics', rule: 'a cancellation left a stop mark', names: 'x-gone', sql: '' },
  {
    service: 'logistics',
    rule: "a cancellation's parcels",
    names: 'x-part',
    sql: rows.stopped('x-part', 'req-x-part', 'stopping', 'failed', 'as-sent'),
  },
  {
    service: 'logistics',
    rule: "the carrier's book agrees that a parcel was",
    names: 'x-book',
    sql: rows.stopped('x-book', 'req-x-book', 'stopping', 'intercepted', 'as-sent'),
  },
  {
    service: 'logistics',
    rule: 'a request that came to nothing has let',
    names: 'x-kept',
    sql: rows.stopped('x-kept', 'req-x-kept', 'resumed', 'resume-stuck', 'intercepted'),
  },
  {
    service: 'logistics',
    rule: 'a parcel that comes back',
    names: 'x-late',
    sql: rows.stopped('x-late', 'req-x-late', 'resumed', 'late-intercepted', 'intercepted'),
  },
  {
    service: 'logistics',
    rule: "the carrier's book agrees that a parcel goes",
    names: 'x-back',
    sql: rows.stopped('x-back', 'req-x-back', 'resumed', 'resumed', 'intercepted'),
  },
  { service: 'payment', rule: 'refunded ≤ captured', names: 'x-much', sql: rows.tender('x-much', 501) },
  {
    service: 'payment',
    rule: "a tender's totals",
    names: 'x-total',
    sql: `${rows.tender('x-total', 0)};${rows.entry('x-total', null, 'capture', 400)}`,
  },
  {
    service: 'payment',
    rule: 'the ledger has each refund',
    names: 'x-entry',
    sql: rows.refund('x-entry', 'req-x-entry', 'succeeded'),
  },
  {
    service: 'payment',
    rule: 'each posting of the ledger',
    names: 'x-sum',
    sql: [
      "insert into postings (posting_id, event, order_id, at) values ('x-sum/captured', 'captured', 'x-sum', now())",
      "insert into accounts values ('a/x/EUR', 'provider', 'x', 'EUR'), ('b/x/EUR', 'sales', 'x', 'EUR')",
      "insert into entries values ('x-sum/captured', 'a/x/EUR', 5), ('x-sum/captured', 'b/x/EUR', -4)",
    ].join(';'),
  },
  {
    service: 'payment',
    rule: 'what the ledger has in transit',
    names: 'x-way',
    sql: rows.refund('x-way', 'req-x-way', 'pending'),
  },
  {
    service: 'payment',
    rule: 'what the ledger has in suspense',
    names: 'x-claim',
    sql: [
      'insert into tenders (order_id, tender_id, position, channel, payment_ref, captured, refunded, claims)',
      `values ('x-claim', 't1', 0, 'sandbox-card', 'pay_ok', 0, 0, '[{"ref": "re_1", "kind": "foreign-refund", "state": "done", "amount": 5}]')`,
    ].join(' '),
  },
  {
    service: 'payment',
    rule: 'what a customer can spend',
    names: 'store-credit/x/EUR',
    sql: "insert into credit_accounts values ('store-credit/x/EUR', 'sc_x', null, null, 'EUR', 5)",
  },
  {
    service: 'payment',
    rule: 'the channel knows only',
    names: 'x-known',
    sql: rows.booked('x-known', 'req-x-known', 'moves_at'),
  },
  {
    service: 'payment',
    rule: 'the channel says of each',
    names: 'x-says',
    sql: `${rows.tender('x-says', 0)};${rows.refund('x-says', 'req-x-says', 'failed')};${rows.booked('x-says', 'req-x-says', 'moves_at')}`,
  },
  {
    service: 'payment',
    rule: 'the channel never gave back',
    names: 'x-more',
    sql: `${rows.tender('x-more', 0)};${rows.booked('x-more', 'req-x-more', 'moves_at', 501)}`,
  },
  { service: 'payment', rule: 'what was refunded and what people gave', names: 'x-gone', sql: '' },
  {
    service: 'payment',
    rule: 'a refund that was reversed',
    names: 'x-part',
    sql: [
      rows.tender('x-part', 0),
      rows.refund('x-part', 'req-x-part', 'reversed'),
      rows.entry('x-part', 'req-x-part', 'refund', 500),
      rows.entry('x-part', 'req-x-part', 'reversal', 500, "now() - interval '1 hour'"),
    ].join(';'),
  },
  {
    service: 'payment',
    rule: 'a refund that ended otherwise',
    names: 'x-fail',
    sql: [
      "insert into pivots (order_id, request_id, crossed_at, closed_at) values ('x-fail', 'req-x-fail', now(), now() - interval '1 day')",
      rows.refund('x-fail', 'req-x-fail', 'failed'),
    ].join(';'),
  },
  {
    service: 'payment',
    rule: 'a refund that ended otherwise',
    names: 'x-unseen',
    sql: `${rows.refunded('x-unseen', 'req-x-unseen')};${rows.closedUnseen('x-unseen', 'req-x-unseen', "now() - interval '1 day'")}`,
  },
  { service: 'payment', rule: 'no money moved for', names: 'x-kept', sql: rows.refunded('x-kept', 'req-x-kept') },
  {
    service: 'payment',
    rule: 'a request that came to nothing is not',
    names: 'x-kept',
    sql: "insert into pivots (order_id, request_id, crossed_at) values ('x-kept', 'req-x-kept', now())",
  },
  {
    service: 'payment',
    rule: 'no channel is asked for a refund of a request',
    names: 'x-early',
    sql: [
      "insert into pivots (order_id, request_id) values ('x-early', 'req-x-early')",
      rows.refund('x-early', 'req-x-early', 'submitted'),
    ].join(';'),
  },
]

/** Requests that ended: what the other services keep of them breaks their rules. */
export const endedElsewhere = [
  endedIn('x-gone', 'cancelled'),
  endedIn('x-part', 'cancelled'),
  endedIn('x-kept', 'compensated'),
  endedIn('x-late', 'compensated'),
  endedIn('x-fail', 'cancelled'),
  endedIn('x-unseen', 'cancelled'),
  rows.skippedUnseen('req-x-unseen'),
  "update requests set ended_at = now() - interval '1 day' where order_id in ('x-part', 'x-late', 'x-fail', 'x-unseen')",
]
