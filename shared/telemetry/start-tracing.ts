import { context } from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import type { Logger } from './logger.ts'
import type { Tracing, TracingSettings } from './tracing-settings.ts'

/** Has a process keep track of what its work belongs to and, when there is somewhere to send them, export its spans. */
export const startTracing = async (options: {
  /** `service.name`, unless `OTEL_SERVICE_NAME` says another. */
  readonly service: string
  readonly settings: TracingSettings
  readonly log: Logger
}): Promise<Tracing> => {
  const { settings } = options
  context.setGlobalContextManager(new AsyncLocalStorageContextManager())
  if ((settings.OTEL_EXPORTER_OTLP_ENDPOINT ?? settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) === undefined)
    return { stop: async () => {} }
  // The SDK is loaded by those who use it.
  const { exportSpans } = await import('./export-spans.ts')
  return exportSpans({ ...options, protocol: settings.OTEL_EXPORTER_OTLP_PROTOCOL })
}
