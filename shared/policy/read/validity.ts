import type { Pack, Rule } from '../pack.ts'

interface Span {
  readonly from: string
  readonly until: string | undefined
}

/** What is wrong between two spans of which the second begins later. */
const between = (one: Span, next: Span): string | undefined => {
  if (one.until === undefined || one.until > next.from)
    return `overlap of validity: the one from ${one.from} holds until ${one.until ?? 'further notice'}, and another begins on ${next.from}`
  return one.until < next.from ? `gap of validity: nothing holds from ${one.until} until ${next.from}` : undefined
}

/** Gaps and overlaps among spans; each is told of the later one, by its place in the list. */
export const brokenSpans = (spans: readonly Span[]): readonly { readonly at: number; readonly message: string }[] => {
  const order = spans.map((span, at) => ({ span, at })).toSorted((a, b) => (a.span.from < b.span.from ? -1 : 1))
  return order.flatMap(({ span, at }, nth) => {
    const before = order[nth - 1]
    const message = before === undefined ? undefined : between(before.span, span)
    return message === undefined ? [] : [{ at, message }]
  })
}

/** The spans of rules of one name; what is open at its beginning begins with the pack. */
export const spansOf = (rules: readonly Rule[], { inForce }: Pack): readonly Span[] =>
  rules.map((rule) => ({ from: rule.inForce?.from ?? inForce.from, until: rule.inForce?.until }))
