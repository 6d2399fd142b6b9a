import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decide, summaryOf } from './decide.ts'
import type { Facts } from './facts.ts'
import { loadLibrary } from './files.ts'
import { atLeast, join, outputNames } from './generosity.ts'
import { packFor, versionOf } from './library.ts'
import { readLibrary } from './read/read-library.ts'
import { smallFiles, smallPack, someFacts } from './test/given.ts'
import {
  acknowledgementKind,
  customerKind,
  goodsKind,
  ground,
  outputs,
  parcelState,
  salesChannel,
  takeBack,
} from './vocabulary.ts'

const library = loadLibrary()

const instant = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2027-06-30'), noInvalidDate: true })
  .map((date) => date.toISOString())
const some = <Value>(values: readonly Value[]) => fc.constantFrom(...values)
const parcel = fc
  .record({ state: some(parcelState.options), deliveredAt: instant })
  .map(({ state, deliveredAt }) => (state === 'delivered' || state === 'unsealed' ? { state, deliveredAt } : { state }))
const known: fc.Arbitrary<Facts> = fc.record({
  jurisdiction: some(['DE', 'DE-BY', 'FR', 'IT', 'GB', 'NL', 'ZZ', 'XX']),
  initiator: some(['customer', 'merchant', 'support', 'system'] as const),
  customerKind: some(customerKind.options),
  salesChannel: some(salesChannel.options),
  concludedAt: instant,
  informedAt: fc.option(instant, { nil: undefined }),
  declaration: fc.tuple(instant, fc.nat(86_400_000)).map(([sentAt, later]) => ({
    sentAt,
    receivedAt: new Date(Date.parse(sentAt) + later).toISOString(),
  })),
  lines: fc
    .array(
      fc.record({
        goodsKind: some(goodsKind.options),
        acknowledgements: fc.subarray([...acknowledgementKind.options]),
      }),
      { minLength: 1, maxLength: 3 },
    )
    .map((lines) => lines.map((line, at) => ({ ...line, lineId: String(at) }))),
  parcels: fc.array(parcel, { maxLength: 3 }),
})
const given = fc.record({
  ground: some(ground.options),
  approval: some(outputs.approval.options),
  means: some(outputs.means.options),
  withhold: some(outputs.withhold.options),
  shipping: some(outputs.shipping.options),
  returnCost: some(outputs.returnCost.options),
  takeBack: some(takeBack.options),
})

describe('a decision', () => {
  it('names a rule with a citation for every line, and is the same each time', () => {
    fc.assert(
      fc.property(known, (facts) => {
        const decision = decide(library, facts)
        expect(decision.lines.map(({ lineId }) => lineId)).toEqual(facts.lines.map(({ lineId }) => lineId))
        for (const { why } of decision.lines) {
          expect(why.length).toBeGreaterThan(0)
          for (const { cites, pack } of why) expect([cites.length > 0, pack]).toEqual([true, decision.pack])
        }
        expect(decide(library, facts)).toEqual(decision)
      }),
    )
  })

  it('has no period that ends before it begins, and no date better for the seller than what it aims at', () => {
    fc.assert(
      fc.property(known, (facts) => {
        for (const { window, clocks } of decide(library, facts).lines) {
          if (window?.until !== undefined && window.startAt !== undefined)
            expect(Date.parse(window.until)).toBeGreaterThan(Date.parse(window.startAt))
          for (const { startAt, dueAt, unrolledAt } of Object.values(clocks)) {
            expect(Date.parse(dueAt)).toBeGreaterThan(Date.parse(startAt))
            expect(Date.parse(unrolledAt)).toBeLessThanOrEqual(Date.parse(dueAt))
          }
        }
      }),
    )
  })

  it('takes the generous branch where a fact is unknown: knowing it gives no more', () => {
    fc.assert(
      fc.property(known, (facts) => {
        const unknown = {
          ...facts,
          ...{ customerKind: undefined, informedAt: undefined },
          lines: facts.lines.map(({ lineId }) => ({ lineId, goodsKind: undefined })),
        }
        const [sure, guessed] = [decide(library, facts), decide(library, unknown)]
        // Digital content and services run from their conclusion, so that their period may end sooner or later than that of goods.
        for (const [at, line] of sure.lines.entries())
          if (
            guessed.lines[at]?.window?.timing !== 'after' &&
            facts.customerKind !== 'business' &&
            facts.jurisdiction !== 'ZZ'
          )
            expect(ground.options.indexOf(guessed.lines[at]?.ground ?? 'request')).toBeGreaterThanOrEqual(
              ground.options.indexOf(line.ground),
            )
        const late = summaryOf(guessed).window.until
        const early = decide(library, { ...unknown, informedAt: facts.concludedAt })
        const until = summaryOf(early).window.until
        if (late !== undefined && until !== undefined)
          expect(Date.parse(late)).toBeGreaterThanOrEqual(Date.parse(until))
      }),
    )
  })

  it('without a pack is a request, whatever is known', () => {
    fc.assert(
      fc.property(known, (facts) => {
        const { ground: found, pack, lines } = decide(library, { ...facts, jurisdiction: 'XX' })
        expect([found, pack]).toEqual(['request', 'none@2026.1'])
        expect(lines.every(({ given: { approval }, window }) => approval === 'as-terms' && window === undefined)).toBe(
          true,
        )
      }),
    )
  })

  it('says what nobody knew', () => {
    expect(decide(library, someFacts).assumed).toEqual([])
    const bare = {
      ...someFacts,
      customerKind: undefined,
      salesChannel: undefined,
      informedAt: undefined,
      lines: [{ lineId: '1' }],
    }
    expect(decide(library, bare).assumed).toEqual(['customerKind', 'salesChannel', 'informedAt', 'goodsKind'])
    expect(decide(library, bare).ground).toBe('right')
  })

  it('over several lines is due when the first of them is', () => {
    const later = { lineId: '2', goodsKind: 'service' as const }
    const both = decide(library, { ...someFacts, lines: [...someFacts.lines, later] })
    expect(summaryOf(both).refund.dueAt).toBe(summaryOf(decide(library, someFacts)).refund.dueAt)
    expect(summaryOf(both).refund.withhold).toBe('none')
  })
})

describe('generosity', () => {
  it('is an order: what is joined is at least both, whichever comes first, and joined again is the same', () => {
    fc.assert(
      fc.property(given, given, given, (a, b, c) => {
        const joined = join(a, b)
        expect(atLeast(joined, a) && atLeast(joined, b)).toBe(true)
        expect(join(joined, b)).toEqual(joined)
        for (const output of ['ground', ...outputNames] as const) {
          expect(join(b, a)[output]).toBe(joined[output])
          expect(join(joined, c)[output]).toBe(join(a, join(b, c))[output])
        }
      }),
    )
  })

  it('lets terms give more than the law, and never less', () => {
    const terms = `pack: terms
version: "2026.1"
kind: terms
zone: UTC
inForce: { from: 2026-01-01, by: contract }
stateOfLaw: 2026-11-28
signedOff: { by: null, on: null }
rules:
  - id: nothing
    fallback: true
    gives: { ground: request, shipping: all, returnCost: consumer }
    text: request.terms
    cites: [{ law: Terms of the shop, at: "1" }]
  - id: ten-days
    when: { goodsKind: [custom-made], timing: [before, within] }
    gives: { ground: promise, approval: none }
    clocks: { right: ten-days }
    text: right.withdrawal
    cites: [{ law: Terms of the shop, at: "2" }]
clocks:
  ten-days: { from: concluded, length: P10D, count: day }
`
    const read = readLibrary(smallFiles({ 'terms/2026.1.yaml': terms }))
    const shop = read.ok ? read.library.packs.get('terms@2026.1') : undefined
    if (!read.ok || shop === undefined) throw new Error('expected terms that can be read')
    const facts = { ...someFacts, jurisdiction: 'AA' }
    const [right] = decide(read.library, facts, { terms: shop }).lines
    expect(right?.given).toMatchObject({ ground: 'right', approval: 'none', shipping: 'all', means: 'same-or-agreed' })
    expect(right?.why.map(({ rule }) => rule)).toEqual(['withdrawal', 'nothing'])
    const ring = { ...facts, lines: [{ lineId: '1', goodsKind: 'custom-made' as const }] }
    const [promise] = decide(read.library, ring, { terms: shop }).lines
    expect(promise).toMatchObject({ ground: 'promise', window: { until: '2026-11-12T00:00:00Z' } })
    fc.assert(
      fc.property(known, (each) => {
        const here = { ...each, jurisdiction: 'AA' }
        const [alone, both] = [decide(read.library, here), decide(read.library, here, { terms: shop })]
        for (const [at, line] of both.lines.entries())
          expect(alone.lines[at] !== undefined && atLeast(line.given, alone.lines[at].given)).toBe(true)
      }),
    )
  })
})

describe('a version', () => {
  it('that corrects another decides what is new; the old one is kept, and decides as before (case 21)', () => {
    const corrected = smallPack
      .replace('"2026.1"', '"2026.2"\nreplaces: "2026.1"')
      .replace('goodsKind: [custom-made]', 'goodsKind: [auction]')
    const read = readLibrary(smallFiles({ 'small/2026.2.yaml': corrected }))
    if (!read.ok) throw new Error(read.problems.map(({ message }) => message).join())
    const ring = { ...someFacts, jurisdiction: 'AA', lines: [{ lineId: '1', goodsKind: 'custom-made' as const }] }
    const old = read.library.packs.get('small@2026.1')
    expect(decide(read.library, ring)).toMatchObject({ pack: 'small@2026.2', ground: 'right' })
    expect(old && decide(read.library, ring, { pack: old })).toMatchObject({ pack: 'small@2026.1', ground: 'request' })
  })

  it('is the one of the contract, or of the request, as the pack says; before the first, the first', () => {
    const at = (contract: string, request: string) => ({ contract, request, event: request })
    expect(versionOf(library, 'zz', at('2025-01-01T00:00:00Z', '2026-01-01T00:00:00Z'))?.ref).toBe('zz@2026.2')
    expect(versionOf(library, 'zz', at('2025-01-01T00:00:00Z', '2025-12-31T23:59:59Z'))?.ref).toBe('zz@2026.1')
    expect(versionOf(library, 'de', at('2001-01-01T00:00:00Z', '2026-01-01T00:00:00Z'))?.ref).toBe('de@2026.1')
    expect(packFor(library, 'DE-BY', at('2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'))?.ref).toBe('de@2026.1')
  })
})
