/** The settings of traces that this decides by; the SDK reads these and its other `OTEL_*` variables itself. */
export interface TracingSettings {
  readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_TRACES_ENDPOINT?: string | undefined
  readonly OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' | 'http/json'
}

export interface Tracing {
  /** Sends what is left, for at most three seconds. */
  stop(): Promise<void>
}
