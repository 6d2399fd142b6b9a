import { minorUnitDigits } from '@countermand/contracts/currencies.ts'
import { formatAmount } from '@countermand/contracts/money.ts'
import { visibleLine } from '@countermand/contracts/shown.ts'
import type { Deadline } from '@countermand/workflows/operations/find/facts.ts'
import type { Triaged } from '@countermand/workflows/operations/find/troubled.ts'
import { colours } from '../../terminal/colours.ts'
import { columns, outcomeText } from '../../terminal/print.ts'
import { ageText, momentText } from '../age.ts'

/** For programs. */
export const documentOf = ({ run, facts, troubleSince }: Triaged) => ({
  requestId: run.requestId,
  orderId: run.orderId,
  workflowId: run.workflowId,
  runId: run.runId,
  status: run.status.toLowerCase(),
  stage: run.stage ?? null,
  outcome: run.outcome ?? facts?.outcome ?? null,
  needsAttention: run.needsAttention,
  attentionReason: run.attentionReason ?? null,
  attentionSince: troubleSince ?? null,
  attentionError: run.needsAttention ? (facts?.trouble?.error ?? null) : null,
  amount: facts?.money?.amount ?? null,
  currency: facts?.money?.currency ?? null,
  deadline: facts?.deadline ?? null,
  merchantId: run.merchantId ?? null,
  reasonCode: run.reasonCode ?? null,
  startedAt: run.startedAt.toISOString(),
  closedAt: run.closedAt?.toISOString() ?? null,
})

export const moneyText = ({ amount, currency }: { readonly amount: number; readonly currency: string }): string =>
  formatAmount(amount, currency, minorUnitDigits(currency))

/** Until when somebody may be waited for, and what happens then. */
export const deadlineText = ({ of, at, means }: Deadline): string =>
  `${of} until ${momentText(at).slice(0, 16)} UTC, then ${means}`

/** Why it does not go on by itself, or until when it may wait. */
const whyText = ({ run, facts }: Triaged): string => {
  if (run.needsAttention) return facts?.trouble?.error ?? ''
  return facts?.deadline == null || run.status !== 'RUNNING' ? '' : deadlineText(facts.deadline)
}

const rowOf = (triaged: Triaged, now: number): string[] => {
  const { run, facts, troubleSince } = triaged
  const over = run.status === 'RUNNING' || run.outcome !== undefined
  return [
    momentText(run.startedAt.toISOString()),
    visibleLine(run.orderId),
    visibleLine(run.requestId),
    facts?.money == null ? '' : moneyText(facts.money),
    run.stage ?? '',
    // What comes after the end is a run of its own, of a request that has an outcome.
    over ? outcomeText(run.outcome ?? facts?.outcome) : run.status.toLowerCase(),
    run.needsAttention ? colours.red(run.attentionReason ?? 'yes') : '',
    troubleSince === undefined ? '' : ageText(now - Date.parse(troubleSince)),
    visibleLine(whyText(triaged)),
  ]
}

const head = ['started (UTC)', 'order', 'request', 'amount', 'stage', 'outcome', 'attention', 'for', 'why']

/** The last column takes what a terminal leaves; columns that are empty in all rows are left out. */
const fitting = (rows: readonly (readonly string[])[], width: number | undefined): string[][] => {
  const kept = head.map((_, place) => rows.some((row) => row[place] !== ''))
  const narrowed = [head.map((each) => colours.bold(each)), ...rows].map((row) => row.filter((_, place) => kept[place]))
  if (width === undefined || !kept.at(-1)) return narrowed
  const before =
    columns(narrowed.map((row) => [...row.slice(0, -1), '|']))
      .split('\n')[0]
      ?.indexOf('|') ?? 0
  const left = Math.max(20, width - before)
  return narrowed.map((row) => row.map((cell, place) => (place === row.length - 1 ? cut(cell, left) : cell)))
}

const cut = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)

/** For people, one saga a line. `width`: of the terminal, if it is one. */
export const describeTriaged = (
  found: readonly Triaged[],
  { now, width }: { readonly now: number; readonly width: number | undefined },
): string =>
  columns(
    fitting(
      found.map((each) => rowOf(each, now)),
      width,
    ),
  )
