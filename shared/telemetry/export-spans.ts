import { setTimeout as sleep } from 'node:timers/promises'
import { DiagLogLevel, diag, trace } from '@opentelemetry/api'
import { defaultResource, detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, NodeTracerProvider, type SpanExporter } from '@opentelemetry/sdk-trace-node'
import type { Logger } from './logger.ts'
import type { Tracing, TracingSettings } from './tracing-settings.ts'

const stopWithinMs = 3_000
const lost = 'traces are lost'

const exporterOf = async (protocol: TracingSettings['OTEL_EXPORTER_OTLP_PROTOCOL']): Promise<SpanExporter> => {
  const { OTLPTraceExporter } =
    protocol === 'http/json'
      ? await import('@opentelemetry/exporter-trace-otlp-http')
      : await import('@opentelemetry/exporter-trace-otlp-proto')
  return new OTLPTraceExporter()
}

/** A collector that is away costs spans and a line in the log, nothing else. */
const listenForTrouble = (log: Logger) => {
  const say = (...words: unknown[]) => log.warn({ otel: words.map(String).join(' ') }, lost)
  const ignore = () => {}
  diag.setLogger({ error: say, warn: say, info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN)
}

/** Exports the spans of this process by OTLP over HTTP, as the `OTEL_*` variables say. */
export const exportSpans = async ({
  service,
  protocol,
  log,
}: {
  readonly service: string
  readonly protocol: TracingSettings['OTEL_EXPORTER_OTLP_PROTOCOL']
  readonly log: Logger
}): Promise<Tracing> => {
  listenForTrouble(log)
  const named = resourceFromAttributes({ 'service.name': service, 'service.namespace': 'countermand' })
  const provider = new NodeTracerProvider({
    resource: defaultResource()
      .merge(named)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(await exporterOf(protocol))],
  })
  trace.setGlobalTracerProvider(provider)
  const flush = () => provider.shutdown().catch((error: unknown) => log.warn({ err: error }, lost))
  return { stop: () => Promise.race([flush(), sleep(stopWithinMs, undefined, { ref: false })]) }
}
