import { expect, test } from 'vitest'
import { looksOfASweep, nextInTurn, nextSweepAfter, rotationFrom } from './rotation.ts'

const requests = (count: number) => Array.from({ length: count }, (_, place) => `req-${String(place).padStart(6, '0')}`)

/** One sweep over pages of 200, as the workflow walks them. Returns what was looked at, and the sweep's result. */
const sweep = (all: readonly string[], lastResult: unknown) => {
  let rotation = rotationFrom(lastResult)
  const looked: string[] = []
  for (let start = 0; start < all.length; start += 200) {
    const turn = nextInTurn(all.slice(start, start + 200), rotation)
    looked.push(...turn.chosen)
    rotation = turn.rotation
  }
  return { looked, result: { nextAfter: nextSweepAfter(rotation) } }
}

test('few open sagas are all looked at in each sweep', () => {
  const all = requests(looksOfASweep - 1)
  const first = sweep(all, undefined)
  expect(first.looked).toEqual(all)
  expect(sweep(all, first.result).looked).toEqual(all)
})

test.each([looksOfASweep, looksOfASweep + 1, 2_345, 10_000])(
  'each of %i open sagas has its turn, and no sweep looks at more than it may',
  (count) => {
    const all = requests(count)
    const seen = new Set<string>()
    let result: unknown
    for (let sweeps = 0; sweeps <= Math.ceil(count / looksOfASweep); sweeps += 1) {
      const done = sweep(all, result)
      expect(done.looked.length).toBeLessThanOrEqual(looksOfASweep)
      for (const each of done.looked) seen.add(each)
      result = done.result
    }
    expect(seen.size).toBe(count)
  },
)

test('sagas that come and go keep nobody from their turn', () => {
  const first = sweep(requests(1_000), undefined)
  const later = requests(1_000).filter((_, place) => place % 2 === 1)
  expect(sweep(later, first.result).looked[0]).toBe('req-000501')
})

test.each([undefined, null, 'x', {}, { nextAfter: 7 }])('a sweep after %j begins at the beginning', (lastResult) => {
  expect(rotationFrom(lastResult)).toEqual({ after: '', left: looksOfASweep })
})
