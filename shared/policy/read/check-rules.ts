import { compareGround, least } from '../generosity.ts'
import type { Pack, Rule } from '../pack.ts'
import type { PackRule } from '../rules.ts'
import { brokenSpans, spansOf } from './validity.ts'

/** What is wrong with a rule, by its name. */
export interface RuleProblem {
  readonly rule: string
  readonly message: string
}

const basesOf = ({ exceptionTo }: Rule): readonly string[] => [exceptionTo ?? []].flat()

const withoutBase = (rules: readonly Rule[]): RuleProblem[] =>
  rules.flatMap((rule, at) =>
    basesOf(rule)
      .filter((base) => !rules.slice(0, at).some(({ id }) => id === base))
      .map((base) => ({ rule: rule.id, message: `exception without a base: no rule ${base} stands above it` })),
  )

const fallbackProblems = (rules: readonly Rule[]): RuleProblem[] => {
  const fallbacks = rules.filter(({ fallback }) => fallback === true)
  if (fallbacks.length === 1 && rules[0] === fallbacks[0]) return []
  return [
    {
      rule: fallbacks[1]?.id ?? rules[0]?.id ?? '',
      message: `expected one rule with fallback: true, the first, which decides where no other does, got ${fallbacks.length}`,
    },
  ]
}

const validityProblems = (rules: readonly Rule[], pack: Pack): RuleProblem[] =>
  [...new Set(rules.map(({ id }) => id))].flatMap((id) => {
    const same = rules.filter((rule) => rule.id === id)
    return brokenSpans(spansOf(same, pack)).map(({ message }) => ({ rule: id, message }))
  })

const clockProblems = (rules: readonly Rule[], { clocks, calendar }: Pack): RuleProblem[] =>
  rules.flatMap(({ id, clocks: used = {} }) =>
    Object.values(used).flatMap((clock) => {
      const found = clocks[clock]
      if (found === undefined) return [{ rule: id, message: `no clock ${clock} in the pack` }]
      return calendar === undefined && (found.roll !== 'none' || found.count === 'working-day')
        ? [{ rule: id, message: `clock ${clock} needs a calendar, and the pack names none` }]
        : []
    }),
  )

/** What nobody may refuse has no gate, no credit against the customer's will, a date for the money and a receipt. */
const rightProblems = (rules: readonly PackRule[]): RuleProblem[] =>
  rules
    .filter(({ given }) => compareGround(given.ground, 'right') >= 0)
    .flatMap(({ id, given, clocks, receipt }) => [
      ...(given.approval === 'none' ? [] : [{ rule: id, message: 'a right needs nobody’s approval: approval: none' }]),
      ...(given.means === least.means
        ? [{ rule: id, message: 'a right is paid as it was paid, or as the customer agrees: means' }]
        : []),
      ...(clocks.refund === undefined ? [{ rule: id, message: 'a right needs a clock for the refund' }] : []),
      ...(receipt === undefined ? [{ rule: id, message: 'a right needs a receipt' }] : []),
    ])

const promiseProblems = (rules: readonly PackRule[], { kind }: Pack): RuleProblem[] =>
  kind === 'law'
    ? []
    : rules
        .filter(({ given }) => compareGround(given.ground, 'promise') > 0)
        .map(({ id }) => ({ rule: id, message: 'terms can promise, and give no right or duty' }))

/** Everything that is wrong with the rules of a pack, once they are merged with its parent's. */
export const ruleProblems = (pack: Pack, written: readonly PackRule[]): readonly RuleProblem[] => [
  ...fallbackProblems(pack.rules),
  ...withoutBase(pack.rules),
  ...validityProblems(pack.rules, pack),
  ...clockProblems(pack.rules, pack),
  ...rightProblems(written),
  ...promiseProblems(written, pack),
  ...written.filter(({ text }) => text === '').map(({ id }) => ({ rule: id, message: 'expected a text' })),
]
