import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import recorded from '@countermand/learning/lightgbm/recorded.json' with { type: 'json' }
import { simulateShop } from '@countermand/learning/simulate/shop.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cardOf } from '../model.ts'
import { createPseudonyms, readCsv, readHistory, writeHistory } from './file.ts'
import { columnMap, presets } from './map.ts'
import { readExport } from './read-export.ts'
import { trainOn, tryHistory } from './try.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countermand-history-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const head = 'Name,Email,Created at,Cancelled at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku'

const read = async (...lines: readonly string[]) => {
  const file = join(folder, 'orders.csv')
  await writeFile(file, [head, ...lines].join('\n'))
  return readExport(await readCsv(file), presets.shopify, (id) => `p-${id}`)
}

describe('an export', () => {
  it('of Shopify says time and customer in the first row of an order, and all rows are one order', async () => {
    const { events, orders, wrong } = await read(
      '#1001,ann@example.org,2026-03-01 10:00:00 +0100,2026-03-02 11:00:00 +0100,2,"Cup, ""blue""",12.50,cup',
      '#1001,,,,1,Tea,4.00,tea',
      '#1002,bob@example.org,2026-03-01 08:00:00 +0100,,1,Tea,4.00,tea',
    )
    expect(wrong).toEqual([])
    expect(orders).toBe(2)
    expect(events).toEqual([
      {
        kind: 'placed',
        at: Date.UTC(2026, 2, 1, 7),
        orderId: '#1002',
        customerId: 'p-bob@example.org',
        lines: [{ sku: 'tea', quantity: 1, price: 400 }],
      },
      {
        kind: 'placed',
        at: Date.UTC(2026, 2, 1, 9),
        orderId: '#1001',
        customerId: 'p-ann@example.org',
        lines: [
          { sku: 'cup', quantity: 2, price: 1250 },
          { sku: 'tea', quantity: 1, price: 400 },
        ],
      },
      {
        kind: 'cancelled',
        at: Date.UTC(2026, 2, 2, 10),
        orderId: '#1001',
        customerId: 'p-ann@example.org',
        skus: ['cup', 'tea'],
      },
    ])
  })

  it('with wrong rows says of each its line and why, and takes no half of an order', async () => {
    const { events, wrong, leftOut, orders } = await read(
      '#1,a@example.org,2026-03-01,,2,Cup,12.50,cup',
      '#1,,,,0,Tea,4.00,tea',
      '#2,b@example.org,yesterday,,1,Tea,-4,tea',
      '#3,c@example.org,2026-03-02,2026-03-01,1,Tea,4.00,tea',
      '#4,d@example.org,2026-03-02,,1,Tea',
      '#5,e@example.org,2026-03-02,,1,Tea,4.00,tea',
      '#5,other@example.org,2026-03-02,,1,Cup,4.00,cup',
      '#6,f@example.org,2026-03-03,,1,Tea,4.00,tea',
      ',g@example.org,2026-03-03,,1,Tea,4.00,tea',
    )
    expect(wrong.map(({ line, reason }) => `${line}: ${reason.split(': Invalid')[0]}`)).toEqual([
      '3: Lineitem quantity: expected a whole number of units above 0',
      '4: Created at: expected a time such as 2026-01-31T09:00:00Z; Lineitem price: expected a price such as 12.50',
      '5: Cancelled at: expected it not to be cancelled before it was placed',
      '6: expected as many cells as there are columns',
      '8: order #5: expected one customer and one time in all its rows',
      '10: Name: expected an order',
    ])
    expect(leftOut).toEqual(['#1', '#2', '#3', '#4', '#5', ''])
    expect(orders).toBe(1)
    expect(events.map(({ orderId }) => orderId)).toEqual(['#6'])
  })

  it('without the columns says which', async () => {
    const map = { ...presets.shopify, sku: 'Code' }
    const rows = await readCsv(join(folder, 'orders.csv'))
    expect(() => readExport(rows, map, String)).toThrow('expected the columns Code; the file has Name, Email')
    expect(() => readExport([], map, String)).toThrow('the file has none')
  })

  it('may be gzipped, and have names of columns of its own', async () => {
    const file = join(folder, 'own.csv.gz')
    await writeFile(file, gzipSync('\ufeffo,t,c,s,q,p,x\n1,2026-01-01T00:00:00Z,ann,cup,1,3,\n'))
    const own = { orderId: 'o', placedAt: 't', customerId: 'c', sku: 's', quantity: 'q', price: 'p', cancelledAt: 'x' }
    const { events } = readExport(await readCsv(file), columnMap.parse({ ...own, decimals: 0 }), String)
    expect(events).toMatchObject([{ lines: [{ price: 3 }] }])
  })
})

describe('a history', () => {
  it('is kept and read as it was', async () => {
    const { events } = simulateShop({ orders: 50, seed: 1 })
    const file = join(folder, 'history.jsonl')
    await writeHistory(file, events)
    expect(await readHistory(file)).toEqual(events)
    const [first = ''] = (await readFile(file, 'utf8')).split('\n')
    await writeFile(file, `${first}\n${first.slice(0, 30)}\n`)
    await expect(readHistory(file)).rejects.toThrow('line 2: expected an event of a history')
  })

  it('has customers whom nobody can find again, each the same throughout', () => {
    const [one, other] = [createPseudonyms(), createPseudonyms()]
    expect(one('ann@example.org')).toBe(one('ann@example.org'))
    expect(one('ann@example.org')).not.toBe(other('ann@example.org'))
    expect(one('ann@example.org')).not.toContain('ann')
  })
})

describe('trying a history', () => {
  it('that is too short says what it lacks', () => {
    expect(() => tryHistory(simulateShop({ orders: 300, seed: 1 }).events)).toThrow(
      /expected 500 orders .* got 1\d\d, \d+/,
    )
    expect(() => tryHistory([])).toThrow('got 0, 0 and 0')
  })

  it('says that a model is worth it where it is, and leaves the review off', () => {
    const tried = tryHistory(simulateShop({ orders: 3500, seed: 1 }).events)
    expect(tried.isWorthIt).toBe(true)
    expect(tried.gain.low).toBeGreaterThan(0)
    expect(tried.auc.model).toBeGreaterThan(tried.auc.ownRate)
    expect(tried.review).toBe('expected decided cases of your own, at least 299; got none')
  })

  it('shows no gain where cancelling is a matter of chance', () => {
    const { events } = simulateShop({ orders: 3000, seed: 2 })
    const placed = events.flatMap((event) => (event.kind === 'placed' ? [event] : []))
    const byChance = placed.flatMap((order, nth) =>
      (nth * 7919) % 10 === 0
        ? [order, { ...order, kind: 'cancelled' as const, at: order.at + 1, skus: [order.lines[0]?.sku ?? ''] }]
        : [order],
    )
    expect(tryHistory(byChance).isWorthIt).toBe(false)
  })
})

describe('a model', () => {
  const { events } = simulateShop({ orders: 1500, seed: 1 })
  const text = trainOn(events)

  it('is the same to the last byte for the same history, and says what it learnt from', () => {
    expect(trainOn(simulateShop({ orders: 1500, seed: 1 }).events)).toBe(text)
    const { task, rows, trees, asks } = cardOf(text)
    expect(task).toBe('order-risk')
    expect(rows).toBeLessThan(1500)
    expect(trees).toBeGreaterThan(10)
    expect(asks[0]?.times).toBeGreaterThan(0)
  })

  it('of a history that is too short is not made', () => {
    expect(() => trainOn(events.slice(0, 400))).toThrow(
      /expected 500 orders older than 30 days, 30 of them cancelled; got/,
    )
  })

  it('that must not be used is refused', () => {
    expect(() => cardOf(text.slice(0, 5000))).toThrow('this one is cut or is no JSON')
    expect(() => cardOf(text.replace('"version":1', '"version":7'))).toThrow('of version 1, got countermand-model 7')
    expect(() => cardOf('{}')).toThrow('expected a model file with format, version and sha256')
  })

  it('that LightGBM trained is read too', () => {
    expect(cardOf(JSON.stringify(recorded.dump))).toMatchObject({ from: 'lightgbm', trees: 15 })
  })
})
