import { z } from 'zod'
import { duration } from './duration.ts'
import { printable } from './printable.ts'
import { kafkaSecuritySettings, temporalSecuritySettings } from './secured.ts'

const count = (fallback: number, what: string) =>
  z.coerce
    .number({ error: 'expected a whole number' })
    .int('expected a whole number')
    .positive('expected a number of 1 or more')
    .default(fallback)
    .describe(`${what} (default ${fallback})`)
export const span = (fallback: string, what: string) =>
  duration.prefault(fallback).describe(`${what} (default ${fallback})`)
export const port = (fallback: number, what: string) =>
  z.coerce.number().int().min(0).max(65_535).default(fallback).describe(`${what} (default ${fallback})`)

/** The address of a service's database; by default that of `npm start`. */
export const databaseUrl = (service: string) => {
  const example = `postgres://countermand:countermand@127.0.0.1:5432/countermand_${service}`
  return z
    .url({ protocol: /^postgres(ql)?$/, error: `expected a PostgreSQL address such as ${example}` })
    .default(example)
    .describe(`PostgreSQL address of the service's database (default ${example})`)
}

/** A password apart from the address: its file is read for each new connection. */
export const databasePasswordFile = z
  .string()
  .regex(printable, 'expected the path of a file')
  .optional()
  .describe("file of the database's password, in place of one in its address (default none)")

const collector = (what: string) =>
  z
    .url({ protocol: /^https?$/, error: 'expected an address such as http://127.0.0.1:4318' })
    .optional()
    .describe(what)

/** Traces, by OpenTelemetry's names; its SDK reads these and its other variables itself. */
export const tracingSettings = {
  OTEL_EXPORTER_OTLP_ENDPOINT: collector('OpenTelemetry collector that takes traces by HTTP (default none)'),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: collector('the same, with its whole path'),
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .enum(['http/protobuf', 'http/json'])
    .default('http/protobuf')
    .describe('how traces are sent (default http/protobuf)'),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().optional().describe('sent along with traces: name=value,name=value'),
  OTEL_TRACES_SAMPLER: z
    .enum([
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ])
    .default('parentbased_always_on')
    .describe('which traces are recorded (default parentbased_always_on)'),
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).optional().describe('share of traces, of a …traceidratio'),
} as const

/** `host:port` of something that is connected to. */
export const address = z
  .string()
  .regex(printable, 'expected host:port')
  .regex(/^[^,]+:\d{1,5}$/, 'expected host:port')

/** What is between the commas. */
export const listed = (list: string): string[] =>
  list
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '')

/** Kafka's rule for topics, which have 249 characters with what is put before them. */
const topicName = /^[\w.-]{1,249}$/

/** Where the sagas run. */
export const temporalSettings = {
  TEMPORAL_ADDRESS: address.default('127.0.0.1:7233').describe("Temporal's frontend (default 127.0.0.1:7233)"),
  TEMPORAL_NAMESPACE: z
    .string()
    .max(255, 'expected the name of a namespace')
    .regex(printable, 'expected the name of a namespace')
    .default('default')
    .describe('where the sagas run (default default)'),
  ...temporalSecuritySettings,
} as const

/** Settings that every process knows. Durations are in milliseconds once read. */
export const sharedSettings = {
  KAFKA_BROKERS: z
    .string()
    .default('127.0.0.1:9092')
    .transform(listed)
    .pipe(z.array(address).min(1, 'expected host:port'))
    .describe('Kafka brokers, comma-separated (default 127.0.0.1:9092)'),
  ...kafkaSecuritySettings,
  KAFKA_TOPIC_PREFIX: z
    .string()
    .regex(/^[\w.-]{0,200}$/, 'expected at most 200 letters, digits, dots, hyphens or underscores')
    .default('')
    .describe('put before every topic and group name (default empty)'),
  REPLY_TOPICS: z
    .string()
    .default('')
    .transform(listed)
    .pipe(z.array(z.string().regex(topicName, 'expected names of topics')))
    .describe(
      'topics, comma-separated, that commands may be answered on beside saga.replies.v1 and saga.fast-replies.v1 (default none)',
    ),
  KAFKA_PARTITIONS: count(4, 'partitions of each topic'),
  KAFKA_REPLICATION: count(3, 'copies of each partition'),
  HTTP_HOST: z
    .string()
    .regex(printable, 'expected an address or a name')
    .default('127.0.0.1')
    .describe('address that health and metrics listen on (default 127.0.0.1)'),
  LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe('least level to log (default info)'),
  ORDER_PATIENCE: span('10s', 'how long a message may wait for an order not heard of yet'),
  INTERCEPT_PATIENCE: span('72h', 'how long a carrier may take to answer an intercept'),
  HOLD_PATIENCE: span('1h', 'how long the warehouse may take to say that it keeps a parcel'),
  LABEL_PATIENCE: span('24h', 'how long the shop may take to make a label that it was asked for'),
  REFUND_PATIENCE: span('30d', 'how long a channel may take to settle a refund'),
  STEP_ATTEMPTS: count(20, 'attempts of a step before it is a technical failure'),
  UNDO_ATTEMPTS: count(20, 'attempts of an undo before it needs attention'),
  STEP_BACKOFF: span('1s', 'wait before the second attempt, doubling to 1m'),
  ...tracingSettings,
} as const
export type SharedSettings = z.infer<z.ZodObject<typeof sharedSettings>>
