import { type Deadline, deadlineOf, type Frame, type Side, warningBetween } from './clocks/deadline.ts'
import { type FactLine, type Facts, parcelOf, startOf } from './facts.ts'
import { compareGround, type Given, join } from './generosity.ts'
import { type JudgedAt, judgedDay, type Library, packFor } from './library.ts'
import type { Citation, Clock } from './pack.ts'
import { judge, type Lost, type PackRule, type PolicyPack, rulesOn } from './rules.ts'
import type { Cell, ClockUse, Ground, Timing } from './vocabulary.ts'

/** A rule that had its part in a decision, and where it is written in the law. */
export interface Reason {
  readonly rule: string
  /** Name and version. */
  readonly pack: string
  readonly cites: readonly Citation[]
  readonly text: string
}

/** When the customer can declare: `until` is the first instant that is too late. */
export interface Window {
  readonly timing: Timing
  readonly startAt?: string
  readonly until?: string
  /** The last day of it, where it counts days. */
  readonly lastDay?: string
  readonly rolled: readonly string[]
  /** It is longer, because nobody can show that the customer was told of the right. */
  readonly notInformed: boolean
}

/** What is decided about one line. */
export interface LineDecision {
  readonly lineId: string
  readonly ground: Ground
  readonly given: Given
  /** What decides: of the law, and of the merchant's terms where they give more. */
  readonly why: readonly Reason[]
  readonly lost: readonly (Reason & { readonly because: Lost })[]
  readonly window: Window | undefined
  readonly clocks: Readonly<Partial<Record<ClockUse, Deadline>>>
  readonly receipt: PackRule['receipt']
}

/** What is decided about a request. The same facts and the same packs give the same decision, always. */
export interface Decision {
  /** `de@2026.2`, or `none@…`: nothing but the terms. */
  readonly pack: string
  readonly signedOff: boolean
  /** Of its lines, the strongest. */
  readonly ground: Ground
  readonly lines: readonly LineDecision[]
  /** The facts that nobody knew: each took its generous branch. */
  readonly assumed: readonly string[]
}

/** Which packs decide: by the order's jurisdiction where none is named. */
export interface Deciders {
  readonly pack?: PolicyPack
  /** The merchant's own terms: they can only give more. */
  readonly terms?: PolicyPack
}

const frameOf = (pack: PolicyPack, library: Library, known: Facts, side: Side): Frame => ({
  side,
  zone: pack.zones[side],
  calendar: pack.calendar === undefined ? undefined : library.calendars.get(pack.calendar),
  region: known.jurisdiction,
})

/** The period of a right: longer for whoever was not told, anew from when they were told late. */
const periodOf = (clock: Clock, known: Facts, frame: Frame): (Deadline & { notInformed: boolean }) | undefined => {
  const start = startOf(clock.from, known)
  if (start === undefined) return undefined
  const plain = { ...deadlineOf(clock, start, frame), notInformed: false }
  const { informedAt } = known
  if (clock.notInformed === undefined) return plain
  if (informedAt !== undefined && Date.parse(informedAt) <= Date.parse(start)) return plain
  const last =
    clock.notInformedFrom === 'start'
      ? deadlineOf({ ...clock, length: clock.notInformed }, start, frame)
      : deadlineOf(clock, start, frame, clock.notInformed)
  const longest = { ...last, notInformed: true }
  if (informedAt === undefined || Date.parse(informedAt) >= Date.parse(longest.dueAt)) return longest
  const anew = deadlineOf(clock, informedAt, frame)
  return Date.parse(anew.dueAt) > Date.parse(plain.dueAt) ? { ...anew, notInformed: true } : plain
}

const windowOf = (rule: PackRule, pack: PolicyPack, library: Library, known: Facts): Window | undefined => {
  const clock = rule.clocks.right === undefined ? undefined : pack.clocks.get(rule.clocks.right)
  if (clock === undefined) return undefined
  const period = periodOf(clock, known, frameOf(pack, library, known, 'customer'))
  if (period === undefined) return { timing: 'before', rolled: [], notInformed: known.informedAt === undefined }
  const judged = Date.parse(known.declaration[clock.judgedBy])
  const timing =
    judged >= Date.parse(period.dueAt) ? 'after' : judged < Date.parse(period.startAt) ? 'before' : 'within'
  const { startAt, dueAt, lastDay, rolled, notInformed } = period
  return { timing, startAt, until: dueAt, ...(lastDay !== undefined && { lastDay }), rolled, notInformed }
}

const cellOf = (known: Facts, line: FactLine, timing: Timing): Cell => ({
  initiator: known.initiator,
  customerKind: known.customerKind ?? 'unknown',
  salesChannel: known.salesChannel ?? 'online',
  goodsKind: line.goodsKind ?? 'unknown',
  parcel: parcelOf(known, line),
  informed: known.informedAt === undefined ? 'no' : 'yes',
  timing,
  acknowledged: line.acknowledgements ?? [],
})

const reason = (pack: PolicyPack, { id, cites, text }: PackRule): Reason => ({ rule: id, pack: pack.ref, cites, text })

interface Ruled {
  readonly pack: PolicyPack
  readonly rule: PackRule
  readonly window: Window | undefined
  readonly lost: LineDecision['lost']
}

/** What one pack says about one line. When the period runs is known by the rule that would decide while it runs. */
const ruled = (pack: PolicyPack, library: Library, known: Facts, line: FactLine, at: JudgedAt): Ruled => {
  const rules = rulesOn(pack.rules, judgedDay(pack, at))
  const open = judge(rules, cellOf(known, line, 'within')).winners[0]
  const window = open === undefined ? undefined : windowOf(open, pack, library, known)
  const { winners, lost } = judge(rules, cellOf(known, line, window?.timing ?? 'within'))
  const [rule] = winners
  if (rule === undefined) throw new Error(`expected ${pack.ref} to decide every line, got no rule for ${line.lineId}`)
  return {
    ...{ pack, rule, window },
    lost: lost.map((each) => ({ ...reason(pack, each.rule), because: each.why })),
  }
}

const sideOf: Readonly<Record<ClockUse, Side>> = {
  ...{ right: 'customer', sendBack: 'customer' },
  ...{ refund: 'seller', otherMeans: 'seller', collect: 'seller' },
}

const clocksOf = ({ pack, rule }: Ruled, library: Library, known: Facts): LineDecision['clocks'] => {
  const found: Partial<Record<ClockUse, Deadline>> = {}
  for (const use of ['refund', 'otherMeans', 'collect', 'sendBack'] as const) {
    const clock = pack.clocks.get(rule.clocks[use] ?? '')
    const start = clock === undefined ? undefined : startOf(clock.from, known)
    if (clock !== undefined && start !== undefined)
      found[use] = deadlineOf(clock, start, frameOf(pack, library, known, sideOf[use]))
  }
  return found
}

const sooner = (a: Deadline | undefined, b: Deadline | undefined): Deadline | undefined =>
  a === undefined || (b !== undefined && Date.parse(b.dueAt) < Date.parse(a.dueAt)) ? b : a

const earlier = (law: LineDecision['clocks'], terms: LineDecision['clocks']): LineDecision['clocks'] => {
  const found: Partial<Record<ClockUse, Deadline>> = { ...law }
  for (const use of ['refund', 'otherMeans', 'collect'] as const) {
    const first = sooner(law[use], terms[use])
    if (first !== undefined) found[use] = first
  }
  return found
}

const longer = (a: Window | undefined, b: Window | undefined): Window | undefined => {
  if (a === undefined || b === undefined) return a ?? b
  if (a.until === undefined) return a
  return b.until !== undefined && Date.parse(b.until) > Date.parse(a.until) ? b : a
}

const decideLine = (law: Ruled, terms: Ruled | undefined, library: Library, known: Facts, lineId: string) => {
  const given = terms === undefined ? law.rule.given : join(law.rule.given, terms.rule.given)
  const clocks = clocksOf(law, library, known)
  const mine = terms === undefined ? {} : clocksOf(terms, library, known)
  const why = [law, ...(terms === undefined ? [] : [terms])].map(({ pack, rule }) => reason(pack, rule))
  return {
    ...{ lineId, given, why, ground: given.ground },
    lost: [...law.lost, ...(terms?.lost ?? [])],
    window: longer(law.window, terms?.window),
    clocks: terms === undefined ? clocks : earlier(clocks, mine),
    receipt: law.rule.receipt ?? terms?.rule.receipt,
  } satisfies LineDecision
}

const assumedOf = (known: Facts): readonly string[] => [
  ...(known.customerKind === undefined || known.customerKind === 'unknown' ? ['customerKind'] : []),
  ...(known.salesChannel === undefined ? ['salesChannel'] : []),
  ...(known.informedAt === undefined ? ['informedAt'] : []),
  ...(known.lines.some(({ goodsKind }) => goodsKind === undefined || goodsKind === 'unknown') ? ['goodsKind'] : []),
]

/** The times that a pack's validity may be judged by. */
export const judgedAt = ({ concludedAt, declaration }: Facts): JudgedAt => ({
  contract: concludedAt,
  ...{ request: declaration.sentAt, event: declaration.receivedAt },
})

/**
 * Decides what a request rests on, what it gives, and by when. Pure: it reads no clock. Throws where a pack that was not checked has no rule for a line.
 */
export const decide = (library: Library, known: Facts, deciders: Deciders = {}): Decision => {
  const at = judgedAt(known)
  const pack = deciders.pack ?? packFor(library, known.jurisdiction, at)
  if (pack === undefined) throw new Error(`expected a pack for ${known.jurisdiction}, or the pack none`)
  const { terms } = deciders
  const lines = known.lines.map((line) =>
    decideLine(
      ruled(pack, library, known, line, at),
      terms === undefined ? undefined : ruled(terms, library, known, line, at),
      ...([library, known, line.lineId] as const),
    ),
  )
  const ground = lines.map((line) => line.ground).reduce((a, b) => (compareGround(a, b) >= 0 ? a : b))
  return { pack: pack.ref, signedOff: pack.signedOff.by !== null, ground, lines, assumed: assumedOf(known) }
}

/** What a decision says of the money and the time, over all lines that have its ground: they are paid together, so the first date counts. */
export interface Summary {
  readonly window: { readonly timing?: Timing; readonly until?: string }
  readonly refund: {
    readonly means: Given['means']
    readonly withhold: Given['withhold']
    readonly shipping: Given['shipping']
    readonly returnCost: Given['returnCost']
    readonly dueAt?: string
    readonly targetAt?: string
    readonly warnAt?: string
    readonly otherMeansBy?: string
    readonly collectBy?: string
  }
}

/** The dates and outputs of a decision on one page. */
export const summaryOf = ({ ground, lines }: Decision): Summary => {
  const [first, ...rest] = lines.filter((line) => line.ground === ground)
  if (first === undefined) throw new Error('expected a decision about at least one line')
  const clock = (use: ClockUse) => rest.reduce((found, { clocks }) => sooner(found, clocks[use]), first.clocks[use])
  const [refund, otherMeans, collect] = [clock('refund'), clock('otherMeans'), clock('collect')]
  const { means, withhold, shipping, returnCost } = rest.reduce((given, line) => join(given, line.given), first.given)
  const window = rest.reduce(
    (found, line) => (longer(found, line.window) === found ? (line.window ?? found) : found),
    first.window,
  )
  return {
    window: {
      ...(window !== undefined && { timing: window.timing }),
      ...(window?.until !== undefined && { until: window.until }),
    },
    refund: {
      ...{ means, withhold, shipping, returnCost },
      ...(refund !== undefined && {
        dueAt: refund.dueAt,
        targetAt: refund.unrolledAt,
        warnAt: warningBetween(refund.startAt, refund.unrolledAt),
      }),
      ...(otherMeans !== undefined && { otherMeansBy: otherMeans.dueAt }),
      ...(collect !== undefined && { collectBy: collect.dueAt }),
    },
  }
}
