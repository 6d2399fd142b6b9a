import { type Database, migrate } from '@countermand/database'
import { openReadOnly } from '@countermand/database/read-only.ts'
import { knownOf, offendingRows } from '@countermand/service/checks.ts'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import type { ParcelStop, Stop } from '../decide/parcel-stop.ts'
import { type LogisticsOrder, withShipment } from '../state.ts'
import { parcel } from '../test/given.ts'
import { checks } from './checks.ts'
import { store } from './store.ts'

let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('stack').databaseUrls.logistics, 'logistics')
  database = testDatabase.database
  await migrate(database, store.migrations)
})
afterAll(() => testDatabase.drop())

const save = (before: LogisticsOrder | undefined, after: LogisticsOrder) =>
  database.transaction().execute((tx) => store.save(tx, [{ orderId: after.orderId, before, after }], []))
const load = (...orderIds: string[]) =>
  database.transaction().execute((tx) => store.load(tx, { orderIds, requestIds: [] }))

const at = '2026-11-20T10:00:00+01:00'
const everyProgress: ParcelStop[] = [
  { state: 'not-needed', withheld: ['1'], open: false },
  { state: 'stopping', operation: 'void-label', begun: 1, inDoubt: true },
  { state: 'accepted', operation: 'intercept', begun: 2, until: at },
  { state: 'accepted', operation: 'intercept', begun: 2, until: at, counts: true },
  { state: 'label-voided' },
  { state: 'intercepted' },
  { state: 'failed', failure: 'no-answer', open: true },
  { state: 'stuck', operation: 'intercept', begun: 1, error: "it's away", attempts: 20 },
  { state: 'stuck', operation: 'void-label', begun: 1, inDoubt: true, late: true, error: 'away', attempts: 20 },
  { state: 'resuming', operation: 'relabel', begun: 1 },
  { state: 'resume-stuck', operation: 'resume', begun: 1, error: 'away', attempts: 20 },
  { state: 'resume-stuck', operation: 'resume', begun: 1, error: 'no', attempts: 1, refused: 'ineligible' },
  { state: 'label-wanted', operation: 'relabel', begun: 1, until: at },
  { state: 'failed', failure: 'ineligible', open: false, reason: 'too late' },
  { state: 'resumed', operation: 'resume', at },
  { state: 'holding', begun: 1, until: at },
  { state: 'held' },
  { state: 'releasing', operation: 'void-label', begun: 1 },
  { state: 'releasing', operation: 'void-label', begun: 1, unasked: true },
  { state: 'release-stuck', operation: 'void-label', begun: 1, error: 'away', attempts: 20 },
  { state: 'released', label: 'kept', reason: 'too late' },
  { state: 'failed', failure: 'refused', open: false, by: 'warehouse' },
  { state: 'left-as-is' },
  { state: 'late-intercepted', at },
]

const shipment = (shipmentId: string) => ({
  ...parcel(shipmentId, 'OK-1', 'label-created'),
  shipmentRef: shipmentId === 'shp-9' ? 'ups-4711' : null,
  earlierTrackingNumbers: ['OK-0'],
  at: null,
  byOurClock: false,
  lines: shipmentId === 'shp-9' ? [{ lineId: '1', quantity: 2 }] : null,
})
const stop = (requestId: string): Stop => ({
  requestId,
  phase: 'stopping',
  round: 2,
  answered: true,
  whole: false,
  lines: [{ lineId: '1', quantity: 2 }],
  taken: requestId === 'req-a' ? [{ shipmentId: 'shp-9', lineId: '1', quantity: 1 }] : [],
  parcels: everyProgress.map((progress, index) => ({
    ...{ shipmentId: `shp-${index}`, progress },
    ...(progress.state === 'accepted' && { carrierRef: 'int-1', fee: { amount: 1750, currency: 'EUR' } }),
  })),
})
const order = (orderId: string): LogisticsOrder => ({
  orderId,
  merchantId: 'mer-1',
  version: 1,
  lines: [{ lineId: '1', quantity: 2 }],
  // Neither order is that of the ids.
  shipments: [shipment('shp-9'), shipment('shp-1')],
  stops: [stop('req-b'), stop('req-a')],
})

it('gives back what was saved, in every state and in its order', async () => {
  await save(undefined, order('ord-1'))
  await save(undefined, { ...order('ord-2'), shipments: [], stops: [] })
  const loaded = await load('ord-1', 'ord-2', 'ord-3')
  expect(loaded.get('ord-1')).toEqual(order('ord-1'))
  expect(loaded.get('ord-2')).toEqual({ ...order('ord-2'), shipments: [], stops: [] })
  expect(loaded.has('ord-3')).toBe(false)
})

it('finds a cancellation whose parcel was only taken on, unless that counts', async () => {
  const of = (orderId: string, progress: ParcelStop): LogisticsOrder => ({
    ...order(orderId),
    ...{ shipments: [shipment('shp-1')], stops: [{ ...stop('req-a'), parcels: [{ shipmentId: 'shp-1', progress }] }] },
  })
  const accepted = { state: 'accepted', operation: 'intercept', begun: 1, until: at } as const
  await save(undefined, of('ord-waits', accepted))
  await save(undefined, of('ord-counts', { ...accepted, counts: true }))
  const ended = ['ord-waits', 'ord-counts'].map((order_id) => ({
    ...{ order_id, request_id: 'req-a', outcome: 'cancelled', amount: 100, lines: null, skipped: [], settled: [] },
    ...{ settled_unsaid: false, later: [], ended_at: at },
  }))
  const reading = openReadOnly('logistics', testDatabase.url)
  const found = await Promise.all(checks.map((each) => offendingRows(reading.database, each, knownOf(ended, []))))
  await reading.close()
  expect(found.flat().map((row) => row.order_id)).toEqual(['ord-waits'])
})

it('writes what changed and leaves the rest alone', async () => {
  const before = order('ord-4')
  await save(undefined, before)
  const versions = async () => {
    const { rows } = await sql<{ id: string; version: string }>`
      select shipment_id as id, xmin::text as version from shipments where order_id = 'ord-4'
      union all select request_id, xmin::text from stops where order_id = 'ord-4'`.execute(database)
    return new Map(rows.map(({ id, version }) => [id, version]))
  }
  const earlier = await versions()
  const after = withShipment(before, { ...shipment('shp-1'), status: 'in-transit', at })
  await save(before, withShipment(after, shipment('shp-2')))
  const later = await versions()
  expect([...later.keys()].filter((id) => later.get(id) !== earlier.get(id)).toSorted()).toEqual(['shp-1', 'shp-2'])
  expect((await load('ord-4')).get('ord-4')).toEqual(withShipment(after, shipment('shp-2')))
})
