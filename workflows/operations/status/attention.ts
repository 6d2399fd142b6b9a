import type { Triaged } from '../find/troubled.ts'

/** Sagas that need somebody for one reason. */
export interface AttentionGroup {
  readonly reason: string
  readonly sagas: number
  /** ISO 8601: since when the oldest does. */
  readonly since: string
  /** The money in them, by currency; minor units. */
  readonly money: readonly { readonly amount: number; readonly currency: string }[]
}

const moneyIn = (group: readonly Triaged[]): AttentionGroup['money'] => {
  const sums = new Map<string, number>()
  for (const { facts } of group)
    if (facts?.money) sums.set(facts.money.currency, (sums.get(facts.money.currency) ?? 0) + facts.money.amount)
  return [...sums].map(([currency, amount]) => ({ amount, currency }))
}

/** By reason, in the order in which they come. */
export const groupByReason = (found: readonly Triaged[]): AttentionGroup[] => {
  const groups = Map.groupBy(found, ({ run }) => run.attentionReason ?? 'unknown')
  return [...groups].map(([reason, group]) => ({
    reason,
    sagas: group.length,
    since: group.map(({ troubleSince }) => troubleSince ?? '').toSorted()[0] ?? '',
    money: moneyIn(group),
  }))
}
