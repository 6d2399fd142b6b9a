import { randomUUID } from 'node:crypto'
import { type EventData, type EventType, eventHeaders, events } from '@countermand/contracts'
import { type Database, migrate } from '@countermand/database'
import { readMessage } from '@countermand/kafka'
import { kitMigrations } from '@countermand/service'
import { groupCommit } from '@countermand/service/group-commit.ts'
import { createOutbox } from '@countermand/service/outbox.ts'
import { createTransactor } from '@countermand/service/transactor.ts'
import { createLogger } from '@countermand/telemetry'
import { createTestDatabase, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, expect, inject, it } from 'vitest'
import { inventory } from '../handlers.ts'
import { exampleOrder } from '../test/given.ts'

const definition = inventory({ initialStock: 10 })
const log = createLogger({ name: 'inventory', level: 'fatal' })
let testDatabase: TestDatabase
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('stack').databaseUrls.inventory, 'lock_order')
  database = testDatabase.database
  await migrate(database, { ...kitMigrations, ...definition.store.migrations })
})
afterAll(() => testDatabase.drop())

/** A process of the service, with nobody to publish to. */
const process = () => {
  const publisher = { publish: async () => {}, healthy: () => true, stop: async () => {} }
  const outbox = createOutbox({
    database,
    publisher,
    service: 'inventory',
    writer: randomUUID(),
    onReduced: () => {},
    log,
  })
  const nothing = () => {}
  return groupCommit(
    createTransactor({
      ...{ definition, database, outbox, orderPatience: 60_000, log },
      ...{ onTasks: nothing, onAnswer: nothing, onReduced: nothing },
    }),
  )
}

let offset = 0
const event = <Type extends EventType>(type: Type, key: string, data: EventData<Type>) => {
  offset += 1
  const headers = eventHeaders({
    id: String(offset),
    source: 'test',
    type,
    time: new Date().toISOString(),
    subject: key,
  })
  const { topic } = events[type]
  const value = Buffer.from(JSON.stringify(data))
  return readMessage('inventory', { topic, partition: 0, offset: String(offset), key, headers, value })
}

const line = (sku: string, place: number) => ({
  ...{ lineId: String(place), sku, quantity: 1, unitAmount: 0, discountAmount: 0, taxAmount: 0 },
})
const ordered = (orderId: string, ...skus: readonly string[]) =>
  event('order.accepted.v1', orderId, exampleOrder({ orderId, lines: skus.map(line) }))
const received = (sku: string) => event('stock.received.v1', sku, { sku, quantity: 1, at: '2026-11-20T09:00:00Z' })
const left = (orderId: string, lineIds: string[]) =>
  event('shipment.changed.v1', orderId, {
    ...{ shipmentId: 'shp-1', orderId, carrier: 'sandbox', trackingNumber: 'OK-1', lineIds },
    ...{ status: 'handed-over', at: '2026-11-20T10:00:00Z' },
  })

/** Always the same numbers, so that a failure can be repeated. */
const dice = (seed: number) => {
  let state = seed
  return (sides: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * sides)
  }
}

const deadlocks = async (): Promise<number> => {
  await sql`select pg_stat_force_next_flush()`.execute(database)
  const { rows } = await sql<{ deadlocks: number }>`
    select deadlocks::float8 as deadlocks from pg_stat_database where datname = current_database()`.execute(database)
  return rows[0]?.deadlocks ?? Number.NaN
}

const troubles = async () => {
  const { rows } = await sql`
    select stock.sku from stock left join (
      select sku, sum(reserved) as reserved, sum(shipped) as shipped from reservation_lines group by sku) as lines using (sku)
    where stock.reserved <> coalesce(lines.reserved, 0) or stock.shipped <> coalesce(lines.shipped, 0)`.execute(
    database,
  )
  return rows
}

it('lets orders and deliveries of few SKUs, mixed in any way, pass without a single deadlock', async () => {
  const skus = ['CAP', 'INK', 'MUG', 'PEN']
  const processes = [process(), process(), process()]
  const worker = async (name: number) => {
    const roll = dice(name + 1)
    const sku = () => skus[roll(skus.length)] ?? 'MUG'
    for (let round = 0; round < 40; round++) {
      const orderId = `ord-${name}-${round}`
      const mine = [...new Set([sku(), sku(), sku()])]
      const works = [received(sku()), ordered(orderId, ...mine), received(sku()), left(orderId, ['0'])]
      const from = roll(works.length)
      const { transact } = processes[roll(processes.length)] ?? process()
      // A deadlock would end the transaction of one, and this with it: nothing that was in the group is done.
      await transact([...works.slice(from), ...works.slice(0, from)])
    }
  }
  await Promise.all(Array.from({ length: 12 }, (_, name) => worker(name)))
  expect(await deadlocks()).toBe(0)
  expect(await troubles()).toEqual([])
})
