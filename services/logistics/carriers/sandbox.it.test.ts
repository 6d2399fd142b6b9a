import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { migrate } from '@countermand/database'
import { createTestDatabase, eventually, type TestDatabase } from '@countermand/testing'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { store } from '../store/store.ts'
import type { Carrier, CarrierCall } from './carrier.ts'
import { carrierConformance, trackingNumbers } from './conformance.ts'
import { carriers } from './index.ts'
import { type CarrierBook, sandboxCarrier } from './sandbox.ts'
import { openSandboxBook } from './sandbox-book.ts'

let testDatabase: TestDatabase
let opened: ReturnType<typeof openSandboxBook>
let carrier: Carrier
/** Its database refuses connections. */
const away = openSandboxBook('postgres://nobody@127.0.0.1:1/nowhere', () => {})

beforeAll(async () => {
  testDatabase = await createTestDatabase(inject('stack').databaseUrls.logistics, 'carrier')
  await migrate(testDatabase.database, store.migrations)
  opened = openSandboxBook(testDatabase.url, () => {})
  carrier = sandboxCarrier.open({ sandbox: opened.book })
})
afterAll(async () => {
  await opened?.close()
  await away.close()
  await testDatabase?.drop()
})

const parcelOf = (trackingNumber: string, status: CarrierCall['status'] = 'in-transit') => {
  const orderId = randomUUID()
  return (idempotencyKey: string, more: Partial<CarrierCall> = {}): CarrierCall => ({
    orderId,
    shipmentId: 'shp-1',
    carrier: 'sandbox',
    trackingNumber,
    status,
    round: 1,
    idempotencyKey: `${orderId}/${idempotencyKey}`,
    ...more,
  })
}
const stateOf = async ({ orderId }: CarrierCall) => {
  const { rows } = await sql<{ state: string; calls: number }>`
    select state, calls from sandbox.carrier_book where order_id = ${orderId}`.execute(testDatabase.database)
  return rows[0]
}

const held = async ({ orderId, shipmentId }: CarrierCall) => {
  const { rows } = await sql<{ state: 'goes' | 'label-voided' | 'turned-round' }>`
    select case when state = 'label-voided' or (state = 'void-pending' and due_at <= now()) then 'label-voided'
      when state = 'intercepted' or (state = 'intercept-pending' and due_at <= now()) then 'turned-round' else 'goes' end as state
    from sandbox.carrier_book where order_id = ${orderId} and shipment_id = ${shipmentId}`.execute(
    testDatabase.database,
  )
  return rows[0]?.state ?? 'goes'
}
/** The carrier when something happens to its answers once its book is written. */
const openWith = (happens: () => Promise<never>): Carrier => {
  const sandbox: CarrierBook = { turn: (...turn) => opened.book.turn(...turn).then(happens) }
  return sandboxCarrier.open({ sandbox })
}

describe('the suite of carriers holds the sandbox carrier:', () =>
  carrierConformance({
    ...{ keys: 'known', labels: 'carrier' },
    open: () => carrier,
    openLosing: () => openWith(() => Promise.reject(new Error('the answer was lost'))),
    openSilent: () => openWith(() => new Promise(() => {})),
    openAway: () => sandboxCarrier.open({ sandbox: away.book }),
    parcel: (habit, status) => parcelOf(trackingNumbers[habit], status),
    stateOf: held,
    until: eventually,
  }))

it('every carrier is held to the suite in a file of its own', () => {
  const names = Object.keys(carriers({ sandbox: opened.book }))
  const isHeld = (name: string) =>
    ['test', 'it.test'].some((kind) => existsSync(new URL(`${name}.${kind}.ts`, import.meta.url)))
  expect(names.filter((name) => !isHeld(name))).toEqual([])
  expect(names).toContain('sandbox')
})

describe('the sandbox carrier', () => {
  it('does a call once however often it is made, and gives the first answer again', async () => {
    const call = parcelOf('OK-1')
    const twice = await Promise.all([carrier.requestIntercept(call('stop')), carrier.requestIntercept(call('stop'))])
    expect(twice).toEqual([{ result: 'intercepted' }, { result: 'intercepted' }])
    expect(await carrier.resume(call('resume'))).toEqual({ result: 'resumed' })
    expect(await carrier.requestIntercept(call('stop'))).toEqual({ result: 'intercepted' })
    expect(await stateOf(call('stop'))).toEqual({ state: 'as-sent', calls: 1 })
  })

  it('keeps what it did when the caller rolls back', async () => {
    const call = parcelOf('OK-1', 'label-created')('stop')
    const failing = testDatabase.database.transaction().execute(async (tx) => {
      await sql`select 1`.execute(tx)
      await carrier.voidLabel(call)
      throw new Error('the service fails after the call')
    })
    await expect(failing).rejects.toThrow('the service fails after the call')
    expect(await stateOf(call)).toEqual({ state: 'label-voided', calls: 1 })
  })

  it('gives a new label once for a voided one, and none for a valid one', async () => {
    const call = parcelOf('OK-1', 'label-created')
    expect(await carrier.relabel(call('too early'))).toEqual({ result: 'labelled', trackingNumber: 'OK-1' })
    await carrier.voidLabel(call('stop'))
    const labels = [await carrier.relabel(call('undo')), await carrier.relabel(call('undo'))]
    expect(labels).toEqual([
      { result: 'labelled', trackingNumber: 'OK-1-N1' },
      { result: 'labelled', trackingNumber: 'OK-1-N1' },
    ])
  })

  it('counts technical errors per parcel, and remembers them', async () => {
    const call = parcelOf('FLAKY-2')
    await expect(carrier.requestIntercept(call('a'))).rejects.toThrow('503 service unavailable (1 of 2)')
    await expect(carrier.requestIntercept(call('a'))).rejects.toThrow('503 service unavailable (2 of 2)')
    expect(await carrier.requestIntercept(call('a'))).toEqual({ result: 'intercepted' })
  })

  it('is down until a second round', async () => {
    const call = parcelOf('DOWN-1')
    await expect(carrier.requestIntercept(call('a'))).rejects.toThrow('503')
    expect(await carrier.requestIntercept(call('a', { round: 2 }))).toEqual({ result: 'intercepted' })
  })

  it('does not resume until a second round, where that is its habit', async () => {
    const call = parcelOf('NORESUME-1')
    expect(await carrier.requestIntercept(call('a'))).toEqual({ result: 'intercepted' })
    await expect(carrier.resume(call('b'))).rejects.toThrow('could not be taken back')
    expect(await carrier.resume(call('b', { round: 2 }))).toEqual({ result: 'resumed' })
  })

  it.each(['SLOW-300', 'LATE-300'])('intercepts after the time that the number names: %s', async (trackingNumber) => {
    const call = parcelOf(trackingNumber)
    expect(await carrier.requestIntercept(call('a'))).toEqual({ result: 'accepted', askAgainMs: 300 })
    expect(await carrier.stopStatus(call('-'))).toMatchObject({ result: 'pending' })
    await eventually('the intercept', async () => (await carrier.stopStatus(call('-'))).result === 'intercepted')
  })

  it('never answers when it is silent, and resumes all the same', async () => {
    const call = parcelOf('SILENT-1')
    expect(await carrier.requestIntercept(call('a'))).toMatchObject({ result: 'accepted' })
    expect(await carrier.stopStatus(call('-'))).toMatchObject({ result: 'pending' })
    expect(await carrier.resume(call('b'))).toEqual({ result: 'resumed' })
    expect((await stateOf(call('-')))?.state).toBe('as-sent')
  })
})
