import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../../histories/', import.meta.url))
const page = readFileSync(fileURLToPath(new URL('../../../docs/history-sizes.md', import.meta.url)), 'utf8')

/** Rows of the page: recording → events, and at most. */
const rows = new Map(
  [...page.matchAll(/^\| `([\w-]+)` \|.*\| (\d+) \| (\d+) \|$/gm)].map(([, name = '', events, most]) => [
    name,
    { events: Number(events), most: Number(most) },
  ]),
)
const recordings = readdirSync(folder).flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -5)] : []))
const sizeOf = (name: string): number => JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')).events.length

test('the page tells the size of every recording, and of nothing else', () => {
  expect([...rows.keys()].toSorted()).toEqual(recordings.toSorted())
})

test.each(recordings)('%s is as large as the page says, and no larger than it may be', (name) => {
  const row = rows.get(name)
  expect(row).toMatchObject({ events: sizeOf(name) })
  expect(sizeOf(name)).toBeLessThanOrEqual(row?.most ?? 0)
})
