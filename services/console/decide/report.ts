import { type Count, secondsOf } from './counts.ts'

/** What reports say, by sums of what was counted. */

export const reportNames = ['reasons', 'outcomes', 'refund-times', 'decisions', 'feedback'] as const
export type ReportName = (typeof reportNames)[number]

export const isReport = (text: string): text is ReportName => reportNames.some((each) => each === text)

/** Of what each report is made. */
export const kindOf = {
  ...{ reasons: 'request', outcomes: 'request', 'refund-times': 'refund', decisions: 'decision', feedback: 'feedback' },
} as const satisfies Readonly<Record<ReportName, Count['kind']>>

export interface ReportRow {
  /** A reason, an outcome, a channel, a decision or a score. */
  readonly name: string
  /** Why it was refused, or whose word a decision was. */
  readonly code?: string | undefined
  readonly count: number
  /** Of all that the report counts: 0 to 1. */
  readonly share: number
  /** In minor units, by currency. */
  readonly amounts: readonly { readonly currency: string; readonly amount: number }[]
  /** Half took no longer, and nine of ten; in seconds, at most a tenth off. Absent: nothing was measured. */
  readonly p50?: number | undefined
  readonly p90?: number | undefined
  /** That came later than was expected. */
  readonly late?: number | undefined
}

export interface Report {
  readonly report: ReportName
  readonly count: number
  readonly rows: readonly ReportRow[]
  /** Of all rows together. */
  readonly all: ReportRow
}

/** The time within which this share of them was. */
const quantile = (measured: readonly Count[], share: number): number | undefined => {
  const sorted = measured
    .filter(({ bucket, n }) => bucket >= 0 && n > 0)
    .toSorted((one, other) => one.bucket - other.bucket)
  const total = sorted.reduce((sum, { n }) => sum + n, 0)
  let seen = 0
  for (const { bucket, n } of sorted) {
    seen += n
    if (seen >= share * total) return secondsOf(bucket)
  }
  return undefined
}

const amountsOf = (counts: readonly Count[]) => {
  const sums = new Map<string, number>()
  for (const { currency, amount } of counts) if (currency !== '') sums.set(currency, (sums.get(currency) ?? 0) + amount)
  return [...sums]
    .map(([currency, amount]) => ({ currency, amount }))
    .toSorted((one, other) => (one.currency < other.currency ? -1 : 1))
}

const isTimed = (report: ReportName): boolean => report === 'refund-times' || report === 'decisions'

const rowOf = (
  report: ReportName,
  name: string,
  code: string | undefined,
  counts: readonly Count[],
  total: number,
): ReportRow => {
  const many = counts.reduce((sum, { n }) => sum + n, 0)
  const late = counts.reduce((sum, { n, code: of }) => (of === 'late' ? sum + n : sum), 0)
  return {
    ...{ name, code, count: many, share: total === 0 ? 0 : many / total, amounts: amountsOf(counts) },
    ...(isTimed(report) && { p50: quantile(counts, 0.5), p90: quantile(counts, 0.9) }),
    ...(report === 'refund-times' && { late }),
  }
}

/** By what rows are told apart. */
const keyOf = (report: ReportName, { reason, outcome, code, channel, bucket }: Count): readonly [string, string?] => {
  switch (report) {
    case 'reasons':
      return [reason]
    case 'outcomes':
      return code === '' ? [outcome] : [outcome, code]
    case 'refund-times':
      return [channel]
    case 'decisions':
      return [outcome, code]
    case 'feedback':
      return [String(bucket)]
  }
}

/** Refund times are of money that is back; everything else is of all that was counted. */
export const reportOf = (report: ReportName, all: readonly Count[]): Report => {
  const counts = all.filter(
    ({ kind, outcome }) => kind === kindOf[report] && (report !== 'refund-times' || outcome === 'succeeded'),
  )
  const total = counts.reduce((sum, { n }) => sum + n, 0)
  const groups = Map.groupBy(counts, (each) => JSON.stringify(keyOf(report, each)))
  const rows = [...groups.values()]
    .map((group) => {
      const [name = '', code] = group[0] === undefined ? [] : keyOf(report, group[0])
      return rowOf(report, name, code, group, total)
    })
    .filter(({ count }) => count !== 0)
  const byName = (one: ReportRow, other: ReportRow) => (one.name < other.name ? 1 : -1)
  const byCount = (one: ReportRow, other: ReportRow) => other.count - one.count || -byName(one, other)
  return {
    ...{ report, count: total, rows: rows.toSorted(report === 'feedback' ? byName : byCount) },
    all: rowOf(report, '', undefined, counts, total),
  }
}

/** A value as a field of CSV (RFC 4180). What a program for tables would take for a formula begins with an apostrophe. */
const field = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** With a line for each row and currency. Times in seconds, amounts in minor units. */
export const csvOf = ({ report, rows }: Report): string => {
  const head = [
    'name',
    'code',
    'count',
    'share',
    'currency',
    'amount',
    ...(isTimed(report) ? ['p50_seconds', 'p90_seconds'] : []),
    ...(report === 'refund-times' ? ['late'] : []),
  ]
  const lines = rows.flatMap(({ name, code = '', count, share, amounts, p50, p90, late }) =>
    (amounts.length === 0 ? [{ currency: '', amount: 0 }] : amounts).map(({ currency, amount }) => [
      ...[name, code, count, share.toFixed(4), currency, amount],
      ...(isTimed(report) ? [p50?.toFixed(0) ?? '', p90?.toFixed(0) ?? ''] : []),
      ...(report === 'refund-times' ? [late ?? 0] : []),
    ]),
  )
  return [head, ...lines].map((line) => `${line.map(field).join(',')}\r\n`).join('')
}
