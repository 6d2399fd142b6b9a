import type { CollectedSpan } from '@countermand/telemetry/collector.ts'
import { expect, test } from 'vitest'
import { traceTree } from './tree.ts'

const span = (spanId: string, parentSpanId: string, at: number, more: Partial<CollectedSpan> = {}): CollectedSpan => ({
  service: 'countermand-order',
  traceId: 't',
  spanId,
  parentSpanId,
  name: spanId,
  startedAt: 1_000 + at,
  ms: 2,
  attributes: {},
  ...more,
})

test('prints what each span led to below it, in the order of time', () => {
  const lines = traceTree([
    span('late', 'root', 9, { error: 'expected an answer' }),
    span('root', 'upstream', 0, { ms: 12.34 }),
    span('early', 'root', 1.5),
    span('leaf', 'early', 2, { service: 'countermand-payment' }),
  ])
  expect(lines).toEqual([
    '      0     12.3  countermand-order    root',
    '      2      2.0  countermand-order      early',
    '      2      2.0  countermand-payment      leaf',
    '      9      2.0  countermand-order      late  FAILED: expected an answer',
  ])
})

test('shows a span whose cause was recorded elsewhere as a beginning', () => {
  expect(traceTree([span('a', 'unknown', 0), span('b', 'gone', 1)])).toEqual([
    '      0      2.0  countermand-order  a',
    '      1      2.0  countermand-order  b',
  ])
})
