import { acceptedOrder } from '@countermand/contracts'
import { exampleOrder } from '@countermand/contracts/examples.ts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { at, type Heard, heard, orderId, requestId, wholeLife } from '../test/given.ts'
import { cancellationOf } from './cancellation.ts'
import { bucketOf, type Count, changeOf, countsOf, secondsOf, summed } from './counts.ts'
import { csvOf, reportOf } from './report.ts'

const sorted = (all: readonly Count[]) =>
  summed(all)
    .map((each) => JSON.stringify(each))
    .toSorted()

/** A request as it is after these were heard, or nothing. */
const after = (all: readonly Heard[]) => {
  const known = all.length === 0 ? undefined : heard(...all)
  const told = known?.told.get(requestId)
  const now = told && cancellationOf(orderId, requestId, told)
  return now === undefined || known === undefined ? undefined : { now, known }
}

/** What is added while all of it is heard, one after the other; and what a recount at the end comes to. */
const play = (
  life: readonly Heard[],
  steps: readonly { readonly forgets: boolean; readonly score?: number | undefined }[],
) => {
  const added: Count[] = []
  let counted: Count[] = []
  let score: number | undefined
  let isCounted = false
  for (const [place] of life.entries()) {
    const found = after(life.slice(0, place + 1))
    if (found === undefined) continue
    const { forgets = false, score: given } = steps[place] ?? {}
    score = given ?? score
    // An order is forgotten only after it was known.
    const now = countsOf(found.now, forgets && isCounted ? {} : found.known, counted, given)
    isCounted ||= found.known.order !== undefined
    added.push(...changeOf(counted, now))
    counted = now
  }
  const last = after(life)
  return { added, recounted: last === undefined ? [] : countsOf(last.now, last.known, [], score) }
}

const lives = (forgets: fc.Arbitrary<boolean>) => {
  const step = fc.record({ forgets, score: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }) })
  const life = fc.shuffledSubarray([...wholeLife], { minLength: 1 })
  return fc.array(fc.record({ life, steps: fc.array(step, { maxLength: wholeLife.length }) }), {
    minLength: 1,
    maxLength: 4,
  })
}

const withoutMarket = (all: readonly Count[]): Count[] => all.map((each) => ({ ...each, market: '' }))

describe('what is counted', () => {
  it('is what a recount of all requests comes to, whatever was heard, in whichever order', () => {
    fc.assert(
      fc.property(lives(fc.constant(false)), (all) => {
        const played = all.map(({ life, steps }) => play(life, steps))
        const added = sorted(played.flatMap((each) => each.added))
        expect(added).toEqual(sorted(played.flatMap(({ recounted }) => recounted)))
      }),
      { numRuns: 200 },
    )
  })

  it('is so though orders are forgotten before their requests, but for a market that is known no more', () => {
    fc.assert(
      fc.property(lives(fc.boolean()), (all) => {
        const played = all.map(({ life, steps }) => play(life, steps))
        const added = sorted(withoutMarket(played.flatMap((each) => each.added)))
        expect(added).toEqual(sorted(withoutMarket(played.flatMap(({ recounted }) => recounted))))
      }),
      { numRuns: 200 },
    )
  })

  it('says nothing of whose it is', () => {
    const placed = acceptedOrder.parse(exampleOrder)
    const found = after(wholeLife)
    const text = JSON.stringify(found && countsOf(found.now, { order: { version: 1, placed } }, [], 5))
    for (const own of [orderId, requestId, placed.customerId ?? 'none', 'OK-1', at(0)]) expect(text).not.toContain(own)
    expect(text).toContain('mer-3')
  })

  it('knows a time again, at most a tenth off', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000, max: 1_000 * 86_400 * 400 }), (ms) => {
        const known = secondsOf(bucketOf(ms)) * 1_000
        expect(Math.abs(known - ms) / ms).toBeLessThan(0.1)
      }),
    )
  })
})

describe('a report', () => {
  const one = {
    kind: 'refund',
    day: '2026-11-20',
    merchant: 'm',
    market: 'DE',
    reason: 'other',
    initiator: 'customer',
  } as const
  const refund = (channel: string, seconds: number, code = ''): Count => ({
    ...{
      ...one,
      outcome: 'succeeded',
      code,
      channel,
      currency: 'EUR',
      bucket: bucketOf(seconds * 1_000),
      n: 1,
      amount: 100,
    },
  })

  it('says within which time half and nine of ten were, and how many were late, by channel', () => {
    const all = [
      ...Array.from({ length: 8 }, () => refund('card', 60)),
      refund('card', 3_600, 'late'),
      refund('card', 86_400, 'late'),
      refund('wallet', 5),
    ]
    const { rows, count } = reportOf('refund-times', [...all, { ...refund('card', 9), outcome: 'pending' }])
    expect([count, rows.map(({ name }) => name)]).toEqual([11, ['card', 'wallet']])
    const [card] = rows
    expect(card).toMatchObject({ count: 10, late: 2, amounts: [{ currency: 'EUR', amount: 1_000 }] })
    expect(Math.round((card?.p50 ?? 0) / 60)).toBe(1)
    expect(Math.round((card?.p90 ?? 0) / 3_600)).toBe(1)
  })

  it('is CSV that no program for tables takes for formulas', () => {
    const text = csvOf(reportOf('refund-times', [refund('=cmd|" /C calc"!A1', 60)]))
    expect(text.split('\r\n')[1]).toMatch(/^"'=cmd\|"" \/C calc""!A1",,1,1\.0000,EUR,100,\d+,\d+,0$/)
  })
})
