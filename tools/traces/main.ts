import { type CollectedSpan, startCollector } from '@countermand/telemetry/collector.ts'
import { z } from 'zod'
import { aborted, endOnSignal } from '../system/end.ts'
import { program } from '../terminal/program.ts'
import { traceTree } from './tree.ts'

/** A trace that had no news for this long is printed, and what comes later as more of it. Processes send every 5 s, unless told otherwise. */
const quietMs = 7_000

const port = z.coerce.number().int().min(1).max(65_535)
const command = program(
  'traces',
  'Takes traces on 127.0.0.1 and prints each as a tree. Start what is to be seen with\nOTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 OTEL_EXPORTER_OTLP_PROTOCOL=http/json',
)
  .option('--port <port>', 'where to listen', '4318')
  .option('--only <text>', 'only traces in which a span or attribute has this text, such as an order id')
  .addHelpText('after', '\nExit codes: 0 ended by Ctrl-C, 2 wrong use.')
  .parse()
const options = z.object({ port, only: z.string().optional() }).safeParse(command.opts())
if (!options.success) command.error(`--port: expected a port number, got ${command.opts().port}`)

const open = new Map<string, { spans: CollectedSpan[]; timer: NodeJS.Timeout }>()
const printed = new Set<string>()

const isAbout = (spans: readonly CollectedSpan[], wanted: string | undefined): boolean =>
  wanted === undefined ||
  spans.some(({ name, attributes }) => [name, ...Object.values(attributes)].some((each) => `${each}`.includes(wanted)))

const print = (traceId: string, spans: readonly CollectedSpan[]) => {
  open.delete(traceId)
  if (!isAbout(spans, options.data?.only)) return
  const services = new Set(spans.map(({ service }) => service))
  const more = printed.has(traceId) ? 'more of trace' : 'trace'
  printed.add(traceId)
  console.log(`\n${more} ${traceId}: ${spans.length} spans, ${services.size} processes\n${traceTree(spans).join('\n')}`)
}

const end = endOnSignal()
const collector = await startCollector(options.data?.port ?? 4318, (spans) => {
  for (const span of spans) {
    const { traceId } = span
    const trace = open.get(traceId)
    clearTimeout(trace?.timer)
    const all = [...(trace?.spans ?? []), span]
    open.set(traceId, { spans: all, timer: setTimeout(() => print(traceId, all), quietMs) })
  }
}).catch((error: unknown) => command.error(String(error), { exitCode: 2 }))
console.log(`waiting for traces on ${collector.url}; Ctrl-C ends it`)
await aborted(end.signal)
for (const [traceId, { spans, timer }] of open) {
  clearTimeout(timer)
  print(traceId, spans)
}
await collector.close()
