import { compareGround, type Given, least, over } from './generosity.ts'
import type { Citation, Clock, Interest, Pack, Receipt, Rule, When } from './pack.ts'
import type { AcknowledgementKind, Cell, ClockUse } from './vocabulary.ts'

type Condition = Exclude<keyof Cell, 'acknowledged'>

/** A rule that can be asked: what it inherits is written out. */
export interface PackRule {
  readonly id: string
  readonly fallback: boolean
  readonly exceptionTo: readonly string[]
  /** What it is an exception to, and what those are exceptions to. */
  readonly bases: ReadonlySet<string>
  /** Its base has another ground. */
  readonly changesGround: boolean
  /** Days; `until` is not in it. */
  readonly inForce: { readonly from?: string | undefined; readonly until?: string | undefined }
  readonly conditions: readonly (readonly [fact: Condition, values: ReadonlySet<string>])[]
  readonly acknowledged: readonly AcknowledgementKind[]
  readonly given: Given
  readonly clocks: Readonly<Partial<Record<ClockUse, string>>>
  readonly receipt: Receipt | undefined
  readonly text: string
  readonly cites: readonly Citation[]
}

/** A pack with all that it has from the packs that it extends. */
export interface PolicyPack {
  /** Name and version: `de@2026.2`. */
  readonly ref: string
  readonly id: string
  readonly version: string
  readonly kind: Pack['kind']
  readonly parent: string | undefined
  readonly replaces: string | undefined
  readonly jurisdictions: readonly string[]
  readonly zones: { readonly customer: string; readonly seller: string }
  readonly calendar: string | undefined
  readonly inForce: Pack['inForce']
  readonly stateOfLaw: string
  readonly signedOff: Pack['signedOff']
  readonly open: NonNullable<Pack['open']>
  readonly rules: readonly PackRule[]
  readonly clocks: ReadonlyMap<string, Clock>
  readonly interest: Interest | undefined
}

/** Why a rule that was asked did not win. */
export type Lost = 'an exception wins' | 'a more generous rule wins' | 'wins only alone'

/** Which rule decides a cell. More than one winner is a mistake in the pack, and so is none. */
export interface Verdict {
  readonly winners: readonly PackRule[]
  readonly lost: readonly { readonly rule: PackRule; readonly why: Lost }[]
}

const holds = (rule: PackRule, cell: Cell): boolean => {
  for (const [fact, values] of rule.conditions) if (!values.has(cell[fact])) return false
  return rule.acknowledged.every((each) => cell.acknowledged.includes(each))
}

/** The rules that hold on a day. */
export const rulesOn = (rules: readonly PackRule[], day: string): readonly PackRule[] =>
  rules.filter(
    ({ inForce: { from, until } }) => (from === undefined || from <= day) && (until === undefined || day < until),
  )

/** An exception beats its base; one that changes the ground beats the base's other exceptions too, which only refine it. */
const beats = (exception: PackRule, rule: PackRule): boolean =>
  exception.exceptionTo.includes(rule.id) ||
  (exception.changesGround &&
    !rule.changesGround &&
    !rule.bases.has(exception.id) &&
    exception.exceptionTo.some((base) => rule.bases.has(base)))

/** Decides one cell: of the rules that hold, exceptions win over what they are exceptions to, and then the most generous ground. */
export const judge = (rules: readonly PackRule[], cell: Cell): Verdict => {
  const holding = rules.filter((rule) => holds(rule, cell))
  const isBeaten = (rule: PackRule) => holding.some((each) => beats(each, rule))
  const standing = holding.filter((rule) => !rule.fallback && !isBeaten(rule))
  const best = standing.reduce<PackRule | undefined>(
    (top, rule) => (top === undefined || compareGround(rule.given.ground, top.given.ground) > 0 ? rule : top),
    undefined,
  )
  const winners =
    best === undefined
      ? holding.filter(({ fallback }) => fallback)
      : standing.filter(({ given }) => given.ground === best.given.ground)
  const why = (rule: PackRule): Lost =>
    rule.fallback ? 'wins only alone' : isBeaten(rule) ? 'an exception wins' : 'a more generous rule wins'
  return { winners, lost: holding.filter((rule) => !winners.includes(rule)).map((rule) => ({ rule, why: why(rule) })) }
}

const facts: readonly Condition[] = [
  ...(['initiator', 'customerKind', 'salesChannel', 'goodsKind', 'parcel', 'informed', 'timing'] as const),
]

const conditionsOf = (when: When): PackRule['conditions'] =>
  facts.flatMap((fact) => {
    const values = when[fact]
    return values === undefined ? [] : [[fact, new Set<string>(values)] as const]
  })

const basesOf = ({ exceptionTo }: Rule): readonly string[] =>
  exceptionTo === undefined ? [] : typeof exceptionTo === 'string' ? [exceptionTo] : exceptionTo

/** An exception holds where its base does: it has its base's conditions, but for the facts that it asks for itself. */
const within = (base: PackRule | undefined, when: When): PackRule['conditions'] => [
  ...(base?.conditions.filter(([fact]) => when[fact] === undefined) ?? []),
  ...conditionsOf(when),
]

/** What a rule gives: an exception begins from its base, one that changes the ground from the fallback. */
const writtenOut = (written: Rule, done: readonly PackRule[]): PackRule => {
  const named = basesOf(written).flatMap((id) => done.findLast((each) => each.id === id) ?? [])
  const [base] = named
  const changesGround = base !== undefined && (written.gives?.ground ?? base.given.ground) !== base.given.ground
  const from = base === undefined || changesGround ? done.find(({ fallback }) => fallback) : base
  return {
    id: written.id,
    fallback: written.fallback === true,
    exceptionTo: basesOf(written),
    bases: new Set(named.flatMap(({ id, bases }) => [id, ...bases])),
    changesGround,
    inForce: written.inForce ?? {},
    conditions: within(base, written.when ?? {}),
    acknowledged: written.when?.acknowledged ?? base?.acknowledged ?? [],
    given: over(from?.given ?? least, written.gives),
    clocks: { ...from?.clocks, ...written.clocks },
    receipt: written.receipt ?? from?.receipt,
    text: written.text ?? from?.text ?? '',
    cites: written.cites,
  }
}

/** Writes out all rules of a pack; bases stand before their exceptions. */
export const writeOut = (rules: readonly Rule[]): readonly PackRule[] => {
  const done: PackRule[] = []
  for (const rule of rules) done.push(writtenOut(rule, done))
  return done
}
