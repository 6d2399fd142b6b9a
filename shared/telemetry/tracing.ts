import {
  type Attributes,
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { parseTraceParent, W3CTraceContextPropagator } from '@opentelemetry/core'

/**
 * Spans, by OpenTelemetry's API. Without {@link startTracing} nothing is recorded, and each span stands for its parent: a
 * `traceparent` that came in goes on as it was.
 */

const propagator = new W3CTraceContextPropagator()

const kinds = {
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
  client: SpanKind.CLIENT,
  server: SpanKind.SERVER,
  internal: SpanKind.INTERNAL,
} as const

export interface SpanStart {
  readonly name: string
  readonly kind: keyof typeof kinds
  /** The `traceparent` of what caused it; `null`: nothing known, a trace begins. Absent: whatever runs now. */
  readonly parent?: string | null
  readonly attributes?: Attributes
}

export interface OpenSpan {
  /** The W3C trace context of what it causes; `undefined`: there is no trace. */
  readonly traceparent: string | undefined
  /** Runs work as part of it: spans and log lines that are made meanwhile belong to it. */
  run<T>(work: () => T): T
  set(attributes: Attributes): void
  /** Absent: all went well. */
  end(error?: unknown): void
}

const contextOf = (traceparent: string | null | undefined): Context => {
  if (traceparent === undefined) return context.active()
  return traceparent === null ? ROOT_CONTEXT : propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter)
}

const traceparentOf = (from: Context): string | undefined => {
  const carrier: { traceparent?: string } = {}
  propagator.inject(from, carrier, defaultTextMapSetter)
  return carrier.traceparent
}

/** Begins a span that its caller ends, for work of which one transaction does many. */
export const openSpan = ({ name, kind, parent, attributes = {} }: SpanStart): OpenSpan => {
  const from = contextOf(parent)
  const span = trace.getTracer('countermand').startSpan(name, { kind: kinds[kind], attributes }, from)
  const inside = trace.setSpan(from, span)
  return {
    traceparent: traceparentOf(inside),
    run: (work) => context.with(inside, work),
    set: (more) => void span.setAttributes(more),
    end: (error) => {
      if (error !== undefined) {
        const cause = error instanceof Error ? error : new Error(String(error))
        span.recordException(cause)
        span.setStatus({ code: SpanStatusCode.ERROR, message: cause.message })
      }
      span.end()
    },
  }
}

/** Does work in a span that ends with it. `isAnswer`: errors that are part of how it goes, not failures. */
export const inSpan = async <T>(
  start: SpanStart,
  work: (span: OpenSpan) => Promise<T>,
  isAnswer: (error: unknown) => boolean = () => false,
): Promise<T> => {
  const span = openSpan(start)
  try {
    const result = await span.run(() => work(span))
    span.end()
    return result
  } catch (error) {
    span.end(isAnswer(error) ? undefined : error)
    throw error
  }
}

const idsOf = (of: SpanContext | null | undefined): Record<string, string> =>
  of && isSpanContextValid(of) ? { trace_id: of.traceId, span_id: of.spanId } : {}

/** The ids of a span as log lines have them; of what runs now, unless a `traceparent` is given. */
export const traceIds = (traceparent?: string | null): Record<string, string> =>
  idsOf(traceparent ? parseTraceParent(traceparent) : trace.getActiveSpan()?.spanContext())
