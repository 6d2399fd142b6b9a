import { migrate } from '@countermand/database'
import { inventoryStore } from '@countermand/inventory/store.ts'
import { logisticsStore } from '@countermand/logistics/store.ts'
import { kitMigrations } from '@countermand/messaging'
import { orderStore } from '@countermand/order/store.ts'
import { store as paymentStore } from '@countermand/payment/store.ts'
import { type Databases, openDatabases } from '@countermand/tools/saga/databases.ts'
import type { Run } from '@countermand/tools/saga/runs.ts'
import { rules, type Verification, verify } from '@countermand/tools/saga/verify/index.ts'
import { type DatabaseOwner, databaseOwners } from '@countermand/tools/stack/settings.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import * as rows from './consistent-rows.ts'
import { freshDatabases } from './world.ts'

const run = (orderId: string, requestId: string, status: Run['status'], outcome?: string): Run => ({
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

const runs: Run[] = [
  run('ord-1', 'req-1', 'COMPLETED', 'cancelled'),
  run('ord-2', 'req-2', 'COMPLETED', 'compensated'),
  run('ord-3', 'req-3', 'RUNNING'),
]

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

interface Planted {
  readonly service: DatabaseOwner
  /** The rule that is broken, by how it begins. */
  readonly rule: string
  /** What the offending row names. */
  readonly names: string
  readonly sql: string
  readonly run?: Run
}

/** One row against each rule. Where the service's own constraints forbid it, they are dropped first: `verify` does not rely on them. */
const planted: readonly Planted[] = [
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
  { service: 'payment', rule: 'a cancellation is refunded in full', names: 'x-gone', sql: '' },
  { service: 'payment', rule: 'no money moved for', names: 'x-kept', sql: rows.refunded('x-kept', 'req-x-kept') },
  {
    service: 'payment',
    rule: 'a request that came to nothing is not',
    names: 'x-kept',
    sql: "insert into pivots (order_id, request_id, crossed_at) values ('x-kept', 'req-x-kept', now())",
  },
]

const endedElsewhere = [
  endedIn('x-gone', 'cancelled'),
  endedIn('x-part', 'cancelled'),
  endedIn('x-kept', 'compensated'),
]

const dropChecks = sql`
  do $$ declare each record; begin
    for each in select conrelid::regclass as "table", conname from pg_constraint where contype = 'c' and connamespace = 'public'::regnamespace loop
      execute format('alter table %s drop constraint %I', each."table", each.conname);
    end loop; end $$`

let fresh: Awaited<ReturnType<typeof freshDatabases>>
let databases: Databases
let broken: Verification

const insert = async (service: DatabaseOwner, statements: readonly string[]) => {
  for (const statement of statements.join(';').split(/;\s*(?=insert)/))
    if (statement.trim() !== '') await sql.raw(statement).execute(fresh.all[service].database)
}

beforeAll(async () => {
  fresh = await freshDatabases(inject('stack'))
  databases = openDatabases(fresh.urls)
  const stores = {
    order: orderStore,
    inventory: inventoryStore({ initialStock: 0 }),
    logistics: logisticsStore,
    payment: paymentStore,
  }
  for (const service of databaseOwners) {
    await migrate(fresh.all[service].database, { ...kitMigrations, ...stores[service].migrations })
    await insert(service, rows.consistent[service])
  }
})
afterAll(async () => {
  await databases?.close()
  await fresh?.drop()
})

describe('the invariants', () => {
  it('hold for rows as the services leave them', async () => {
    expect(await verify(databases, async () => runs)).toMatchObject({
      checked: 6,
      requests: 2,
      openSagas: 1,
      violations: [],
    })
  })

  it('are not broken by what is gone when it is read again: a saga went on meanwhile', async () => {
    let readings = 0
    const listRuns = async () => {
      readings += 1
      return readings === 1 ? runs.slice(0, 2) : runs
    }
    expect((await verify(databases, listRuns)).violations).toEqual([])
    expect(readings).toBe(2)
  })
})

describe('a broken invariant', () => {
  beforeAll(async () => {
    for (const service of databaseOwners) {
      await dropChecks.execute(fresh.all[service].database)
      await insert(
        service,
        planted.filter((each) => each.service === service).map((each) => each.sql),
      )
    }
    await insert('order', endedElsewhere)
    const all = [...runs, ...planted.flatMap((each) => (each.run === undefined ? [] : [each.run]))]
    broken = await verify(databases, async () => all)
  })

  it.for(planted)('is found in $service: $rule ($names)', ({ service, rule, names }) => {
    const found = broken.violations.filter((each) => each.service === service && each.says.startsWith(rule))
    expect(found.map(({ row }) => row.order_id ?? row.sku)).toContain(names)
  })

  it('is tried for every rule', () => {
    const untried = Object.entries(rules).flatMap(([service, list]) =>
      list.filter(({ says }) => !planted.some((each) => each.service === service && says.startsWith(each.rule))),
    )
    expect(untried).toEqual([])
  })

  it('is not seen in the rows of orders that are consistent', () => {
    expect(broken.violations.filter(({ row }) => ['ord-1', 'ord-2', 'ord-3'].includes(String(row.order_id)))).toEqual(
      [],
    )
  })
})
