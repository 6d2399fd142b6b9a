/** Carries out what is asked for from screens and kills itself on the way, at `KILL_AT`. For on-call.test.ts. */
import { createLogger, createMetrics } from '@countermand/telemetry'
import { openDatabases } from '@countermand/workflows/operations/reach/databases.ts'
import { openTemporal } from '@countermand/workflows/operations/reach/temporal.ts'
import { serveRequests } from '@countermand/workflows/operations/requests/serve.ts'
import { z } from 'zod'
import { dyingKafka } from '../killed-redrive/dying-kafka.ts'

const addresses = z.object({
  ...{ kafkaBrokers: z.array(z.string()), topicPrefix: z.string(), temporalAddress: z.string(), namespace: z.string() },
  ...{ temporalUiUrl: z.string() },
  databaseUrls: z.object({ order: z.string(), inventory: z.string(), logistics: z.string(), payment: z.string() }),
})
const env = z.object({ WHERE: z.string(), KILL_AT: z.string() }).parse(process.env)
const where = addresses.parse(JSON.parse(env.WHERE))
await serveRequests({
  ...{ where, temporal: await openTemporal(where), databases: openDatabases(where.databaseUrls), waitMs: 10_000 },
  kafka: dyingKafka({ brokers: where.kafkaBrokers.join(), prefix: where.topicPrefix }, env.KILL_AT),
  ...{ log: createLogger({ name: 'killed-operations', level: 'error' }), metrics: createMetrics() },
  onStuck: () => process.exit(3),
})
