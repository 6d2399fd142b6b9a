import type { CollectedSpan } from '@countermand/telemetry/collector.ts'

const failure = ({ error }: CollectedSpan): string => (error === undefined ? '' : `  FAILED: ${error}`)

/** Spans by the id of the span that they came from; those that came from elsewhere under `undefined`. */
const childrenOf = (spans: readonly CollectedSpan[]): Map<string | undefined, CollectedSpan[]> => {
  const known = new Set(spans.map(({ spanId }) => spanId))
  const inTime = spans.toSorted((a, b) => a.startedAt - b.startedAt)
  return Map.groupBy(inTime, ({ parentSpanId }) =>
    parentSpanId !== undefined && known.has(parentSpanId) ? parentSpanId : undefined,
  )
}

/** One trace as lines: when each span began and how long it took (ms), in which process, what it was. */
export const traceTree = (spans: readonly CollectedSpan[]): string[] => {
  const children = childrenOf(spans)
  const began = Math.min(...spans.map(({ startedAt }) => startedAt))
  const width = Math.max(...spans.map(({ service }) => service.length))
  const lines = (parent: string | undefined, depth: number): string[] =>
    (children.get(parent) ?? []).flatMap((span) => {
      const at = (span.startedAt - began).toFixed(0).padStart(7)
      const took = span.ms.toFixed(1).padStart(8)
      const what = `${'  '.repeat(depth)}${span.name}${failure(span)}`
      return [`${at} ${took}  ${span.service.padEnd(width)}  ${what}`, ...lines(span.spanId, depth + 1)]
    })
  return lines(undefined, 0)
}
