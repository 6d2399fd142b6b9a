import { createServer, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { z } from 'zod'

/** A span as it was exported. */
export interface CollectedSpan {
  readonly service: string
  readonly traceId: string
  readonly spanId: string
  /** Absent: it begins its trace. */
  readonly parentSpanId?: string
  readonly name: string
  /** Milliseconds since 1970, with a fraction. */
  readonly startedAt: number
  readonly ms: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** Why it failed; absent: it did not. */
  readonly error?: string
}

const value = z
  .object({
    stringValue: z.string().optional(),
    boolValue: z.boolean().optional(),
    // 64 bits: text, by OTLP's mapping to JSON.
    intValue: z.coerce.number().optional(),
    doubleValue: z.number().optional(),
  })
  .transform((of) => of.stringValue ?? of.boolValue ?? of.intValue ?? of.doubleValue ?? '')
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((pairs) => Object.fromEntries(pairs.map((pair) => [pair.key, pair.value])))

const nanoseconds = z.union([z.string(), z.number()]).transform((of) => Number(BigInt(of) / 1_000n) / 1_000)
const failed = 2

const span = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  status: z.object({ code: z.number().optional(), message: z.string().optional() }).default({}),
})

const exported = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes }),
        scopeSpans: z.array(z.object({ spans: z.array(span).default([]) })),
      }),
    )
    .default([]),
})

const collected = (service: string, of: z.infer<typeof span>): CollectedSpan => ({
  service,
  traceId: of.traceId,
  spanId: of.spanId,
  ...(of.parentSpanId ? { parentSpanId: of.parentSpanId } : {}),
  name: of.name,
  startedAt: of.startTimeUnixNano,
  ms: of.endTimeUnixNano - of.startTimeUnixNano,
  attributes: of.attributes,
  ...(of.status.code === failed ? { error: of.status.message ?? 'failed' } : {}),
})

const spansOf = (body: string): CollectedSpan[] =>
  exported
    .parse(JSON.parse(body))
    .resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap(({ spans }) =>
        spans.map((each) => collected(String(resource.attributes['service.name'] ?? 'unknown'), each)),
      ),
    )

const take = async (request: IncomingMessage, onSpans: (spans: CollectedSpan[]) => void) => {
  if (request.method !== 'POST' || request.url !== '/v1/traces')
    return { status: 404, error: `expected POST /v1/traces, got ${request.method} ${request.url}` }
  const type = request.headers['content-type'] ?? 'none'
  if (!type.startsWith('application/json'))
    return { status: 415, error: `expected application/json (OTEL_EXPORTER_OTLP_PROTOCOL=http/json), got ${type}` }
  onSpans(spansOf(await text(request)))
  return { status: 200 }
}

/**
 * Takes traces by OTLP over HTTP, as JSON, on 127.0.0.1: for looking at them here and in tests, not for keeping them. Port 0: any
 * free one.
 */
export const startCollector = async (
  port: number,
  onSpans: (spans: CollectedSpan[]) => void,
): Promise<{ readonly url: string; close(): Promise<void> }> => {
  const server = createServer((request, response) => {
    take(request, onSpans)
      .catch((error: unknown) => ({ status: 400, error: String(error) }))
      .then(({ status, ...said }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(said)),
      )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) =>
      reject(new Error(`expected to listen on 127.0.0.1:${port}, got ${cause.code ?? cause.message}`, { cause })),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error(`expected a TCP address, got ${address}`)
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
