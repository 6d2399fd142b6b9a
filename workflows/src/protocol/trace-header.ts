/** The header in which Temporal's SDKs carry a trace: `{ traceparent }`. */
export const traceHeader = '_tracer-data'
