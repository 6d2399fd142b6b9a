import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dataSets, NoData, readDataSet } from './data-sets.ts'
import { describeFigures } from './describe.ts'
import { type Figure, isReached } from './figure.ts'
import { cancelledWithin, rowsOfOrders } from './risk.ts'
import { orderEvents } from './suites/retail.ts'
import { notYet, suites } from './suites.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countermand-insight-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a public file', () => {
  it('that is not there is named, with the page that says where to get it', async () => {
    const read = readDataSet(folder, 'hotel')
    await expect(read).rejects.toBeInstanceOf(NoData)
    await expect(read).rejects.toThrow(`hotel-bookings.csv.gz is not in ${folder}; docs/intelligence.md says where`)
  })

  it('that is another one is refused: its figures could not be compared', async () => {
    await writeFile(join(folder, dataSets.retail.file), 'another')
    await expect(readDataSet(folder, 'retail')).rejects.toThrow(
      `expected online-retail.csv.gz with the sha256 eb124ff5`,
    )
  })
})

describe('figures', () => {
  const figure = (value: number, toReach?: Figure['toReach']): Figure => ({
    suite: 'text',
    name: 'right',
    value,
    ...(toReach && { toReach }),
  })

  it('are reached at the limit, above it or below it as it is meant', () => {
    expect([0.9, 0.89].map((value) => isReached(figure(value, { atLeast: 0.9 })))).toEqual([true, false])
    expect([0.9, 0.91].map((value) => isReached(figure(value, { atMost: 0.9 })))).toEqual([true, false])
    expect(isReached(figure(1))).toBeUndefined()
  })

  it('are counted, with what was not measured and why', () => {
    const text = describeFigures([figure(0.9, { atLeast: 0.8 }), figure(0.7, { atLeast: 0.8 })], notYet)
    expect(text).toContain('1 reached, 1 missed')
    for (const { suite, why } of notYet) expect(text).toContain(`${suite}: not measured: ${why}`)
  })

  it('have each a suite that can be typed, and none is said to be missing whole that is there', () => {
    expect([...suites.keys()]).toContain('hotel')
    expect(notYet.filter(({ suite }) => suites.has(suite)).map(({ suite }) => suite)).toEqual(['simulated'])
  })
})

describe('invoices of the retail set', () => {
  const dayMs = 86_400_000
  const line = (invoice: string, day: number, quantity: number, sku = '85123A', customerId = '17850') => ({
    invoice,
    isCancel: invoice.startsWith('C'),
    sku,
    quantity,
    at: Date.UTC(2011, 0, 1) + day * dayMs,
    price: 255,
    customerId,
  })

  it('that take goods back are about the newest orders that have them left', () => {
    const events = orderEvents([
      line('1', 0, 6),
      line('2', 1, 4),
      line('C3', 2, -5),
      line('C4', 3, -5),
      line('C5', 4, -5),
      line('6', 5, 1, '85123A', ''),
    ])
    const cancels = events.flatMap((event) => (event.kind === 'cancelled' ? [[event.orderId, event.at]] : []))
    const at = (day: number) => Date.UTC(2011, 0, 1) + day * dayMs
    expect(cancels).toEqual([
      ['2', at(2)],
      ['1', at(2)],
      ['1', at(3)],
    ])
  })

  it('of another customer, or of other goods, take nothing back', () => {
    const events = orderEvents([line('1', 0, 6), line('C2', 1, -6, '85123A', '99'), line('C3', 1, -6, '71053')])
    expect(events.map(({ kind }) => kind)).toEqual(['placed'])
  })

  it('are cancelled within the horizon, or not', () => {
    const events = orderEvents([line('1', 0, 6), line('C2', 31, -6), line('3', 40, 6), line('C4', 70, -6)])
    const isCancelled = cancelledWithin(events, 30)
    expect(events.flatMap((event) => (event.kind === 'placed' ? [isCancelled(event)] : []))).toEqual([false, true])
  })

  it('become rows of what was known before, with what came after', () => {
    const rows = rowsOfOrders(orderEvents([line('1', 0, 6), line('C2', 1, -6), line('3', 2, 6)]))
    expect(rows.map(({ label }) => label)).toEqual([1, 0])
    expect(rows.map(({ ownRate }) => ownRate)).toEqual([0, 1])
  })
})
