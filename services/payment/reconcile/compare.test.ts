import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Listed, ListedRefund } from '../channels/channel.ts'
import { type Booked, compare, type Difference, type DifferenceKind, type Paid } from './compare.ts'

const account = 'stripe-eu'
const hour = 3_600_000
const begin = Date.parse('2026-11-20T00:00:00.000Z')
const iso = (ms: number): string => new Date(ms).toISOString()
const span = { from: iso(begin), to: iso(begin + 72 * hour) }
const listedAt = iso(begin + 80 * hour)

/** What both sides say of one refund, and what is to be found of it. */
interface Case {
  readonly booked: readonly Booked[]
  readonly listed: readonly Listed[]
  readonly paid: readonly Paid[]
  readonly finds: readonly (readonly [kind: DifferenceKind, name: string])[]
  readonly counts?: 'matched' | 'inFlight' | 'others'
  readonly looks?: number
}

/** `at`: in the span. */
const theSame = (index: number, at: number, amount = 100) => {
  const refundId = `ref_${index.toString(16).padStart(24, '0')}`
  const when = iso(begin + at)
  const booked: Booked = {
    ...{ refundId, idempotencyKey: refundId, orderId: `ord-${index}`, tenderId: 't1', merchantId: 'mer-1' },
    ...{ amount, currency: 'EUR', destination: 'original', providerRef: `re_${index}` },
    ...{ firstAskedAt: when, state: 'succeeded', settledAt: when },
  }
  const listed: ListedRefund = {
    ...{ kind: 'refund', providerRef: `re_${index}`, askedAs: refundId, paymentRefs: [`pi_${index}`, `ch_${index}`] },
    ...{ amount, currency: 'EUR', state: 'succeeded', at: when },
  }
  const paid: Paid = {
    ...{ orderId: `ord-${index}`, tenderId: 't1', merchantId: 'mer-1', paymentRef: `ch_${index}`, currency: 'EUR' },
    claims: [],
  }
  return { booked, listed, paid, name: refundId }
}
type Same = ReturnType<typeof theSame>

const whole = ({ booked, listed, paid }: Same, of: Partial<Case> = {}): Case => ({
  ...{ booked: [booked], listed: [listed], paid: [paid], finds: [] },
  ...of,
})
const theirs = ({ listed }: Same, of: Partial<ListedRefund>): readonly Listed[] => [{ ...listed, ...of }]
const ours = ({ booked }: Same, of: Partial<Booked>): readonly Booked[] => [{ ...booked, ...of }]
const stranger = ({ listed: { askedAs, ...listed } }: Same): ListedRefund => listed
const again = ({ listed }: Same): ListedRefund => ({ ...listed, providerRef: `${listed.providerRef}_again` })

/** Everything that may be the matter with a refund, and what it is. */
const cases: Readonly<Record<string, (same: Same) => Case>> = {
  matched: (same) => whole(same, { counts: 'matched' }),
  'found by the provider’s name alone': (same) => whole(same, { listed: [stranger(same)], counts: 'matched' }),
  'failed on both sides': (same) =>
    whole(same, {
      booked: ours(same, { state: 'failed' }),
      listed: theirs(same, { state: 'failed' }),
      counts: 'matched',
    }),
  'reversed, and failed': (same) =>
    whole(same, {
      booked: ours(same, { state: 'reversed' }),
      listed: theirs(same, { state: 'failed' }),
      counts: 'matched',
    }),
  'refused, and never there': (same) => whole(same, { booked: ours(same, { state: 'failed' }), listed: [] }),
  'pending on both sides': (same) =>
    whole(same, {
      booked: ours(same, { state: 'pending' }),
      listed: theirs(same, { state: 'pending' }),
      counts: 'inFlight',
    }),
  'done there, and not heard of yet': (same) =>
    whole(same, { booked: ours(same, { state: 'submitted', providerRef: undefined }), counts: 'inFlight', looks: 1 }),
  'asked for, and not there yet': (same) =>
    whole(same, { booked: ours(same, { state: 'submitted', providerRef: undefined }), listed: [], counts: 'inFlight' }),
  'settled since the list was read': (same) =>
    whole(same, { booked: ours(same, { settledAt: iso(begin + 81 * hour) }), listed: [] }),
  'given elsewhere': (same) => whole(same, { booked: ours(same, { destination: 'store-credit' }), listed: [] }),
  'of a payment that is not ours': (same) =>
    whole(same, { booked: [], paid: [], listed: [stranger(same)], counts: 'others' }),
  'a fee': (same) => whole(same, { booked: [], listed: [{ ...same.listed, kind: 'fee' }] }),
  'made by somebody else, and come to nothing': (same) =>
    whole(same, { booked: [], listed: [{ ...stranger(same), state: 'failed' }], counts: 'matched' }),
  'missing there': (same) => whole(same, { listed: [], finds: [['missing-there', same.name]] }),
  'missing here': (same) =>
    whole(same, { booked: [], listed: [stranger(same)], finds: [['missing-here', same.listed.providerRef]] }),
  'missing here, under a name of ours': (same) =>
    whole(same, { booked: [], paid: [], finds: [['missing-here', same.listed.providerRef]] }),
  'another amount': (same) =>
    whole(same, { listed: theirs(same, { amount: same.listed.amount + 1 }), finds: [['amount', same.name]] }),
  'another currency': (same) =>
    whole(same, { listed: theirs(same, { currency: 'USD' }), finds: [['currency', same.name]] }),
  twice: (same) =>
    whole(same, { listed: [again(same), same.listed], counts: 'matched', finds: [['twice', again(same).providerRef]] }),
  'twice, of which one failed': (same) =>
    whole(same, { listed: [{ ...again(same), state: 'failed' }, same.listed], counts: 'matched' }),
  'failed here, and done there': (same) =>
    whole(same, { booked: ours(same, { state: 'failed' }), finds: [['state', same.name]] }),
  'reversed here, and done there': (same) =>
    whole(same, { booked: ours(same, { state: 'reversed' }), finds: [['state', same.name]] }),
  'done here, and failed there': (same) =>
    whole(same, { listed: theirs(same, { state: 'failed' }), finds: [['state', same.name]], looks: 1 }),
}
const names = Object.keys(cases)
const caseOf = (name: string, same: Same): Case => {
  const made = cases[name]?.(same)
  if (made === undefined) throw new Error(`expected a case ${name}`)
  return made
}

const sides = (all: readonly Case[]) => ({
  ...{ account, span, listedAt },
  booked: all.flatMap(({ booked }) => booked),
  listed: all.flatMap(({ listed }) => listed),
  paid: all.flatMap(({ paid }) => paid),
})
const nameOf = ({ kind, refundId, providerRef }: Difference): string =>
  `${kind} ${(kind === 'missing-here' || kind === 'twice' ? providerRef : refundId) ?? ''}`
const sum = (all: readonly Case[], is: Case['counts']) => all.filter(({ counts }) => counts === is).length

describe('our books against a provider’s', () => {
  it.each(names)('%s: is judged as it is', (name) => {
    const made = caseOf(name, theSame(1, hour))
    const found = compare(sides([made]))
    expect(found.differences.map(nameOf)).toEqual(made.finds.map((each) => each.join(' ')))
    expect([found.matched, found.inFlight, found.others, found.looks.length]).toEqual([
      ...[sum([made], 'matched'), sum([made], 'inFlight'), sum([made], 'others'), made.looks ?? 0],
    ])
  })

  it('differ in what was planted, whatever it is among, and in nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            name: fc.constantFrom(...names),
            at: fc.integer({ min: 0, max: 72 * hour - 1 }),
            amount: fc.integer({ min: 1, max: 1e9 }),
          }),
          { maxLength: 60 },
        ),
        fc.infiniteStream(fc.nat()),
        (planted, order) => {
          const all = planted.map(({ name, at, amount }, index) => caseOf(name, theSame(index, at, amount)))
          const shuffled = <Thing>(things: readonly Thing[]): Thing[] =>
            things
              .map((thing) => ({ thing, place: order.next().value }))
              .toSorted((one, other) => one.place - other.place)
              .map(({ thing }) => thing)
          const { booked, listed, paid, ...about } = sides(all)
          const found = compare({
            ...about,
            ...{ booked: shuffled(booked), listed: shuffled([...listed, ...listed]), paid: shuffled(paid) },
          })
          const wanted = all.flatMap(({ finds }) => finds.map((each) => each.join(' ')))
          expect(found.differences.map(nameOf).toSorted()).toEqual(wanted.toSorted())
          expect([found.matched, found.inFlight, found.others]).toEqual([
            ...[sum(all, 'matched'), sum(all, 'inFlight'), sum(all, 'others')],
          ])
          expect(found.looks).toHaveLength(all.reduce((count, { looks = 0 }) => count + looks, 0))
        },
      ),
    )
  })

  it('say nothing of what lies outside of the span, though each side may have it on the other side of its edge', () => {
    const [early, late] = [theSame(1, -1), theSame(2, 72 * hour)]
    const outside = [early, late].flatMap((same) =>
      ['missing there', 'missing here', 'another amount', 'failed here, and done there'].map((name) =>
        caseOf(name, same),
      ),
    )
    expect(outside.map((each) => compare(sides([each])).differences)).toEqual(outside.map(() => []))
    const edge = theSame(3, 0)
    const listedBefore = whole(edge, { listed: theirs(edge, { at: iso(begin - 1_000) }) })
    const settledAfter = whole(edge, { booked: ours(edge, { settledAt: iso(begin + 73 * hour) }) })
    expect([listedBefore, settledAfter].map((each) => compare(sides([each])).differences)).toEqual([[], []])
  })

  it('are told that what somebody gave back came to nothing, once it was known', () => {
    const same = theSame(1, hour)
    const { providerRef: ref } = same.listed
    const claims = [{ ref, kind: 'foreign-refund', state: 'done', amount: 100 }] as const
    const failed = whole(same, {
      booked: [],
      paid: [{ ...same.paid, claims }],
      listed: [{ ...stranger(same), state: 'failed' }],
    })
    expect(compare(sides([failed])).undone).toMatchObject([
      { paid: { orderId: 'ord-1' }, refund: { providerRef: ref } },
    ])
  })
})
