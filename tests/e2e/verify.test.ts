import { most, serviceName } from '@countermand/contracts'
import { migrate } from '@countermand/database'
import { store as inventoryStore } from '@countermand/inventory/store/store.ts'
import { store as logisticsStore } from '@countermand/logistics/store/store.ts'
import { allEnded } from '@countermand/order/store/checks.ts'
import { store as orderStore } from '@countermand/order/store/store.ts'
import { store as paymentStore } from '@countermand/payment/store/store.ts'
import { kitMigrations } from '@countermand/service'
import { knownOf, offendingRows } from '@countermand/service/checks.ts'
import type { DatabaseOwner } from '@countermand/tools/stack/settings.ts'
import { identifyByPrefix } from '@countermand/workflows/operations/find/by-prefix.ts'
import type { Run } from '@countermand/workflows/operations/find/runs.ts'
import { type Databases, openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { timelineOf } from '@countermand/workflows/operations/story/timeline.ts'
import { rules, type Verification, verify } from '@countermand/workflows/operations/verify/verify.ts'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { consistent } from './consistent-rows.ts'
import { endedElsewhere, planted, run } from './planted-rows.ts'
import { rowsHandled } from './rows-handled.ts'
import { freshDatabases } from './world.ts'

const runs: Run[] = [
  run('ord-1', 'req-1', 'COMPLETED', 'cancelled'),
  run('ord-2', 'req-2', 'COMPLETED', 'compensated'),
  run('ord-3', 'req-3', 'RUNNING'),
  run('ord-4', 'req-4', 'COMPLETED', 'cancelled'),
]

const dropChecks = sql`
  do $$ declare each record; begin
    for each in select conrelid::regclass as "table", conname, contype from pg_constraint
      where contype in ('c', 't') and connamespace = 'public'::regnamespace loop
      if each.contype = 't' then execute format('drop trigger %I on %s', each.conname, each."table");
      else execute format('alter table %s drop constraint %I', each."table", each.conname); end if;
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
  for (const service of serviceName.options) {
    await migrate(fresh.all[service].database, { ...kitMigrations, ...stores[service].migrations })
    await insert(service, consistent[service])
  }
})
afterAll(async () => {
  await databases?.close()
  await fresh?.drop()
})

describe('what happened', () => {
  it('is told around messages whose value cannot be read, and these are seen', async () => {
    expect(await identifyByPrefix(databases, 'ord-1')).toEqual({ orderId: 'ord-1', requestIds: ['req-1'] })
    const told = await timelineOf(databases, 'ord-1', ['req-1'])
    const about = (name: string) => told.filter((entry) => entry.name === name).map(({ data }) => data)
    expect(about('order.cancellation.completed.v1')).toEqual([{ requestId: 'req-1' }])
    const broken = { error: 'its value cannot be read: 14 bytes that are no JSON' }
    const odd = { requestId: 'req-1', note: '\0' }
    expect(about('order.cancellation.started.v1')).toEqual(expect.arrayContaining([broken, odd]))
    expect(about('SetStockAside')).toEqual(expect.arrayContaining([broken, odd]))
  })
})

describe('the invariants', () => {
  it('hold for rows as the services leave them', async () => {
    expect(await verify(databases, async () => runs)).toMatchObject({
      checked: 6,
      requests: 3,
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

describe('an order of as many lines as were ever taken', () => {
  const lines = `jsonb_agg(jsonb_build_object('lineId', n::text, 'sku', 'SKU-MANY', 'quantity', 1, 'from', 'reserved'))`
  const all = `from generate_series(1, ${most.takenLines}) n`

  beforeAll(async () => {
    await insert('order', [
      `insert into orders (order_id, status, merchant_id, market, currency, placed_at, placed, parcels)
       values ('ord-many', 'cancelled', 'mer', 'DE', 'EUR', now(), '{}', '[]');
       insert into order_lines (order_id, line_id, sku, quantity, cancelled) select 'ord-many', n::text, 'SKU-MANY', 1, 1 ${all};
       insert into requests (request_id, order_id, status, request, begun, ending, started_at, ended_at)
       select 'req-many', 'ord-many', 'confirmed', '{}', jsonb_build_object('amount', 0, 'lines', ${lines}),
         '${JSON.stringify({ outcome: 'cancelled', stage: 'closed', refunds: [] })}', now(), now() ${all}`,
    ])
    await insert('inventory', [
      `insert into reservations (order_id, parcels, holds)
       select 'ord-many', '[]', jsonb_build_array(jsonb_build_object('requestId', 'req-many', 'returned', true, 'lines', ${lines})) ${all};
       insert into reservation_lines (order_id, line_id, sku, quantity, reserved, aside, shipped, on_sale, written_off)
       select 'ord-many', n::text, 'SKU-MANY', 1, 0, 0, 0, 1, 0 ${all}`,
    ])
  })

  it('costs each rule work in proportion to its lines, for none joins lines with lines', async () => {
    const known = knownOf(await allEnded(databases.order), [])
    for (const service of serviceName.options)
      for (const rule of rules[service]) {
        const rows = await offendingRows(databases[service], rule, known)
        expect(await rowsHandled(fresh.all[service].database, rule, known), rule.says).toBeLessThan(
          20 * most.takenLines,
        )
        if (service === 'inventory') expect(rows.filter((row) => row.order_id === 'ord-many')).toEqual([])
      }
  })
})

describe('a broken invariant', () => {
  beforeAll(async () => {
    for (const service of serviceName.options) {
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
    expect(found.map(({ row }) => row.order_id ?? row.sku ?? row.account_id)).toContain(names)
  })

  it('is tried for every rule', () => {
    const untried = Object.entries(rules).flatMap(([service, list]) =>
      list.filter(({ says }) => !planted.some((each) => each.service === service && says.startsWith(each.rule))),
    )
    expect(untried).toEqual([])
  })

  it('is not seen in the rows of orders that are consistent', () => {
    expect(
      broken.violations.filter(({ row }) => ['ord-1', 'ord-2', 'ord-3', 'ord-4'].includes(String(row.order_id))),
    ).toEqual([])
  })
})
