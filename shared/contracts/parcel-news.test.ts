import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { atLeastAfter, believed, clockSkewMs, isNews, type ParcelWord } from './parcel-news.ts'
import { shipmentStatus } from './vocabulary.ts'

const now = '2026-11-20T10:00:00.000Z'
const fromNow = (ms: number) => new Date(Date.parse(now) + ms).toISOString()
type Dated = ParcelWord & { readonly at: string }

const word = fc.record({
  status: fc.constantFrom(...shipmentStatus.options),
  // Few moments, so that some words are of the same one.
  at: fc.integer({ min: -20, max: 4 }).map((minutes) => fromNow(minutes * 60_000)),
})

const heard = (words: readonly Dated[]): ParcelWord =>
  words.reduce<ParcelWord>((known, each) => (isNews(known, each, now) ? each : known), { status: 'label-created' })

describe('when something happened', () => {
  test('is what was told, unless that is further in the future than clocks differ', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), (ms) => {
        expect(believed(fromNow(ms), now)).toBe(ms > clockSkewMs ? now : fromNow(ms))
      }),
    )
  })

  test('may be said in any offset', () => {
    expect(believed('2026-11-20T12:04:00+02:00', now)).toBe('2026-11-20T12:04:00+02:00')
    expect(believed('2026-11-20T12:06:00+02:00', now)).toBe(now)
  })
})

describe('of a parcel', () => {
  test('the same is known in the end, in whichever order words arrive, and however often', () => {
    const arrivals = fc
      .array(word, { minLength: 1, maxLength: 8 })
      .chain((words) =>
        fc.tuple(
          fc.constant(words),
          fc.shuffledSubarray([...words, ...words], { minLength: words.length * 2, maxLength: words.length * 2 }),
        ),
      )
    fc.assert(
      fc.property(arrivals, ([words, mixed]) => {
        expect(heard(mixed)).toEqual(heard(words))
      }),
    )
  })

  test('the later one of two words of one moment counts, when it is farther on its way', () => {
    const at = fromNow(-1)
    expect(
      heard([
        { status: 'in-transit', at },
        { status: 'delivered', at },
      ]).status,
    ).toBe('delivered')
    expect(
      heard([
        { status: 'delivered', at },
        { status: 'in-transit', at },
      ]).status,
    ).toBe('delivered')
  })

  test('a word from the future that was kept before dates were bounded holds up nothing', () => {
    const poisoned = { status: 'in-transit', at: '2062-01-01T00:00:00Z' } as const
    fc.assert(
      fc.property(word, (each) => {
        expect(isNews(poisoned, each, now)).toBe(true)
      }),
    )
  })

  test('a change that comes after what is known is dated after it', () => {
    fc.assert(
      fc.property(word, word, (known, change) => {
        const at = atLeastAfter(known, change.at)
        expect(Date.parse(at)).toBeGreaterThan(Date.parse(known.at))
        expect(Date.parse(at)).toBeGreaterThanOrEqual(Date.parse(change.at))
      }),
    )
    expect(atLeastAfter({ status: 'in-transit', at: null }, now)).toBe(now)
  })
})
