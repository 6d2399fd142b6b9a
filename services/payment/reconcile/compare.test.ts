import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Listed, ListedRefund } from '../channels/channel.ts'
import { type Booked, compare, type Difference, type DifferenceKind, isIn, type Paid, wider } from './compare.ts'

const account = 'stripe-eu'
const hour = 3_600_000
const day = 24 * hour
const begin = Date.parse('2026-11-20T00:00:00.000Z')
const iso = (ms: number): string => new Date(ms).toISOString()
const span = { from: iso(begin), to: iso(begin + 72 * hour) }
const listedAt = iso(begin + 40 * day)

/** What both sides say of one refund, and what is to be found of it. */
interface Case {
  readonly booked: readonly Booked[]
  readonly listed: readonly Listed[]
  readonly paid: readonly Paid[]
  readonly finds: readonly (readonly [kind: DifferenceKind, name: string])[]
  readonly counts?: 'matched' | 'inFlight' | 'others'
  readonly looks?: number
}

/** `at`: when the provider has it, in ms from the beginning of the span; `asked` before and `settled` after that, in ms. */
const theSame = (index: number, at: number, { amount = 100, asked = 0, settled = 0 } = {}) => {
  const refundId = `ref_${index.toString(16).padStart(24, '0')}`
  const when = iso(begin + at)
  const booked: Booked = {
    ...{ refundId, idempotencyKey: refundId, orderId: `ord-${index}`, tenderId: 't1', merchantId: 'mer-1' },
    ...{ amount, currency: 'EUR', destination: 'original', providerRef: `re_${index}` },
    ...{ firstAskedAt: iso(begin + at - asked), state: 'succeeded', settledAt: iso(begin + at + settled) },
    ...{ movedAt: iso(begin + at + settled), account },
  }
  const listed: ListedRefund = {
    ...{ kind: 'refund', providerRef: `re_${index}`, askedAs: refundId, paymentRefs: [`pi_${index}`, `ch_${index}`] },
    ...{ amount, currency: 'EUR', state: 'succeeded', at: when },
  }
  const paid: Paid = {
    ...{ orderId: `ord-${index}`, tenderId: 't1', merchantId: 'mer-1', paymentRef: `ch_${index}`, currency: 'EUR' },
    ...{ account, claims: [] },
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
    whole(same, { booked: ours(same, { settledAt: iso(begin + 41 * day) }), listed: [] }),
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
/** Whether it is of the span: by when the provider has it, and what it does not have by when it was asked for. */
const isJudged = ({ listed, booked }: Case): boolean => isIn(span, listed[0]?.at ?? booked[0]?.firstAskedAt ?? '')
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
            at: fc.integer({ min: -5 * day, max: 12 * day }),
            amount: fc.integer({ min: 1, max: 1e9 }),
            asked: fc.integer({ min: 0, max: 3 * day }),
            settled: fc.integer({ min: 0, max: 3 * day }),
          }),
          { maxLength: 60 },
        ),
        fc.infiniteStream(fc.nat()),
        (planted, order) => {
          const all = planted.map(({ name, at, ...of }, index) => caseOf(name, theSame(index, at, of)))
          const shuffled = <Thing>(things: readonly Thing[]): Thing[] =>
            things
              .map((thing) => ({ thing, place: order.next().value }))
              .toSorted((one, other) => one.place - other.place)
              .map(({ thing }) => thing)
          const { booked, listed: everything, paid, ...about } = sides(all)
          const listed = everything.filter((each) => isIn(wider(span), each.at))
          const found = compare({
            ...about,
            ...{ booked: shuffled(booked), listed: shuffled([...listed, ...listed]), paid: shuffled(paid) },
          })
          const judged = all.filter(isJudged)
          const wanted = judged.flatMap(({ finds }) => finds.map((each) => each.join(' ')))
          expect(found.differences.map(nameOf).toSorted()).toEqual(wanted.toSorted())
          expect([found.matched, found.inFlight, found.others]).toEqual([
            ...[sum(judged, 'matched'), sum(judged, 'inFlight'), sum(judged, 'others')],
          ])
          expect(found.looks).toHaveLength(judged.reduce((count, { looks = 0 }) => count + looks, 0))
        },
      ),
    )
  })

  it('do not differ in what the provider’s list does not have yet', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            at: fc.integer({ min: 0, max: 72 * hour - 1 }),
            settled: fc.integer({ min: 0, max: 3 * day }),
            isReversed: fc.boolean(),
          }),
          { maxLength: 20 },
        ),
        fc.integer({ min: 0, max: 72 * hour }),
        (planted, late) => {
          const until = iso(begin + late)
          const all = planted.map(({ at, settled, isReversed }, index) => {
            const same = theSame(index, at, { settled })
            const isHeard = at + settled < late
            const listed = theirs(same, { state: isReversed && isHeard ? 'failed' : 'succeeded' })
            return whole(same, {
              booked: ours(same, { state: isReversed ? 'reversed' : 'succeeded' }),
              listed: at < late ? listed : [],
            })
          })
          const { listed, ...about } = sides(all)
          const found = compare({ ...about, listed: [...listed, { kind: 'until', at: until }] })
          expect([found.differences, found.until]).toEqual([[], until])
        },
      ),
    )
    const same = theSame(1, hour)
    const without = { ...sides([whole(same, { listed: [] })]) }
    const judged = (until: number) =>
      compare({ ...without, listed: [{ kind: 'until', at: iso(begin + until) }] }).differences.map(nameOf)
    expect([judged(hour), judged(hour + 1)]).toEqual([[], [`missing-there ${same.name}`]])
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

  it.each([
    ['two days after it was asked for, which is before the list begins', -46 * hour, { settled: 2 * day }],
    ['after the list ends, so that the provider may have had it then', 70 * hour, { settled: 8 * day }],
  ])('do not miss what was settled %s', (_, at, of) => {
    const same = theSame(1, at, of)
    const listed = [same.listed].filter((each) => isIn(wider(span), each.at) && at < 0)
    expect(compare(sides([whole(same, { listed })])).differences).toEqual([])
  })

  it('claim nothing of a payment that several tenders share, unless it is known of which', () => {
    const [one, other] = [theSame(1, hour), theSame(2, hour)]
    const refund = stranger(one)
    const shared = (claims: Paid['claims']): Case => ({
      ...{ booked: [], listed: [refund], finds: [] },
      paid: [
        { ...one.paid, claims },
        { ...other.paid, paymentRef: one.paid.paymentRef },
      ],
    })
    const found = (claims: Paid['claims']) => compare(sides([shared(claims)])).differences
    const unknown = {
      kind: 'missing-here',
      orderId: undefined,
      tenderId: undefined,
      merchantId: 'mer-1',
      asClaim: false,
    }
    expect(found([])).toMatchObject([unknown])
    const claim = { ref: refund.providerRef, kind: 'foreign-refund', state: 'done', amount: 100 } as const
    expect(found([claim])).toMatchObject([{ orderId: 'ord-1', tenderId: 't1', asClaim: true }])
  })

  it('claim nothing of a tender that was paid with another account, and tell of it all the same', () => {
    const same = theSame(1, hour)
    const found = (of: string | undefined) =>
      compare(sides([whole(same, { booked: [], paid: [{ ...same.paid, account: of }], listed: [stranger(same)] })]))
    expect([account, undefined, 'stripe-us'].map((of) => found(of).differences.map(({ asClaim }) => asClaim))).toEqual([
      ...[[true], [true], [false]],
    ])
  })

  it('are the same where the shop has said of it in another way', () => {
    const same = theSame(1, hour)
    const claims = [
      { ref: same.listed.providerRef, kind: 'foreign-refund', state: 'done', amount: 100, toldAs: 'amended' },
    ] as const
    const found = compare(
      sides([whole(same, { booked: [], paid: [{ ...same.paid, claims }], listed: [stranger(same)] })]),
    )
    expect([found.differences, found.matched]).toEqual([[], 1])
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
