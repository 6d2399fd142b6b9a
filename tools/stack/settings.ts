import { visibleLine } from '@countermand/contracts/shown.ts'
import { said } from '@countermand/contracts/text.ts'
import { kafkaSecurity, temporalSecurity, temporalSettings } from '@countermand/settings'
import { kafkaSecuritySettings, temporalSecuritySettings, withPasswordFiles } from '@countermand/settings/secured.ts'
import { z } from 'zod'

export const databaseOwners = ['order', 'inventory', 'logistics', 'payment', 'gateway', 'console'] as const
export type DatabaseOwner = (typeof databaseOwners)[number]

/** Those whose databases a system of an earlier release, or somebody else's, may not have: they are made beside the order service's. */
export const besideOwners = ['gateway', 'console'] as const satisfies readonly DatabaseOwner[]
export type BesideOwner = (typeof besideOwners)[number]
export const isBeside = (owner: DatabaseOwner): owner is BesideOwner => owner === 'gateway' || owner === 'console'

/** User and password of our own PostgreSQL, which listens on the loopback address alone. */
export const databaseAccount = 'countermand'

/** The address of a service's database on our own PostgreSQL. */
export const databaseUrl = (owner: DatabaseOwner | 'postgres', port: number): string =>
  `postgres://${databaseAccount}:${databaseAccount}@127.0.0.1:${port}/${owner === 'postgres' ? owner : `countermand_${owner}`}`

/** Of a server that is given, such a database is beside the order service's (`…order` → `…gateway`), unless it is given itself. */
export const besideOrders = (orderUrl: string, owner: BesideOwner): string => {
  const url = new URL(orderUrl)
  url.pathname = url.pathname.replace(/_?order$/, '').concat(`_${owner}`)
  return url.href
}

const port = (byDefault: number) =>
  z
    .string()
    .regex(/^\d+$/, 'expected a port number from 1 to 65535')
    .transform(Number)
    .refine((value) => value >= 1 && value <= 65_535, 'expected a port number from 1 to 65535')
    .default(byDefault)

const address = z.string().regex(/^[^\s,:/]+:\d{1,5}$/, 'expected host:port')
const ofDatabase = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'expected a URL like postgres://user:password@host:5432/database',
})

const environment = z
  .object({
    COUNTERMAND_STACK: z.enum(['native', 'docker'], 'expected native or docker').optional(),
    KAFKA_BROKERS: z
      .string()
      .transform((list) => list.split(',').map((entry) => entry.trim()))
      .pipe(z.array(address))
      .optional(),
    TEMPORAL_ADDRESS: address.optional(),
    TEMPORAL_NAMESPACE: temporalSettings.TEMPORAL_NAMESPACE,
    ...kafkaSecuritySettings,
    ...temporalSecuritySettings,
    ORDER_DATABASE_URL: ofDatabase.optional(),
    INVENTORY_DATABASE_URL: ofDatabase.optional(),
    LOGISTICS_DATABASE_URL: ofDatabase.optional(),
    PAYMENT_DATABASE_URL: ofDatabase.optional(),
    GATEWAY_DATABASE_URL: ofDatabase.optional(),
    CONSOLE_DATABASE_URL: ofDatabase.optional(),
    KAFKA_PORT: port(9092),
    TEMPORAL_PORT: port(7233),
    TEMPORAL_UI_PORT: port(8233),
    POSTGRES_PORT: port(5432),
    KAFKA_TOPIC_PREFIX: z
      .string()
      .regex(/^[\w.-]*$/, 'expected letters, digits, dots, hyphens or underscores')
      .default(''),
    KAFKA_PARTITIONS: z
      .string()
      .regex(/^[1-9]\d{0,3}$/, 'expected a whole number from 1 to 9999')
      .transform(Number)
      .default(4),
    KAFKA_REPLICATION: z
      .string()
      .regex(/^[1-9]\d?$/, 'expected a whole number from 1 to 99')
      .transform(Number)
      .optional(),
  })
  .transform((env) => ({
    /** How parts are run; undefined: native where it can be had, else Docker. */
    way: env.COUNTERMAND_STACK,
    kafkaBrokers: env.KAFKA_BROKERS,
    kafkaSecurity: kafkaSecurity.safeParse(env).data,
    temporalAddress: env.TEMPORAL_ADDRESS,
    temporalSecurity: temporalSecurity.safeParse(env).data,
    temporalNamespace: env.TEMPORAL_NAMESPACE,
    databaseUrls: {
      order: env.ORDER_DATABASE_URL,
      inventory: env.INVENTORY_DATABASE_URL,
      logistics: env.LOGISTICS_DATABASE_URL,
      payment: env.PAYMENT_DATABASE_URL,
      gateway: env.GATEWAY_DATABASE_URL,
      console: env.CONSOLE_DATABASE_URL,
    },
    ports: {
      KAFKA_PORT: env.KAFKA_PORT,
      TEMPORAL_PORT: env.TEMPORAL_PORT,
      TEMPORAL_UI_PORT: env.TEMPORAL_UI_PORT,
      POSTGRES_PORT: env.POSTGRES_PORT,
    },
    topicPrefix: env.KAFKA_TOPIC_PREFIX,
    partitions: env.KAFKA_PARTITIONS,
    /** Copies of each partition; undefined: one on the broker that is started here, up to three on a cluster that is given. */
    replication: env.KAFKA_REPLICATION,
  }))

export type StackSettings = z.output<typeof environment>
export type PortName = keyof StackSettings['ports']

/** The stack's settings in the environment. An empty variable is as good as none. Throws one error that lists all that is wrong. */
export const readStackSettings = (env: NodeJS.ProcessEnv): StackSettings => {
  const given = withPasswordFiles(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== '')))
  const result = environment.safeParse(given)
  const issues = [result, kafkaSecurity.safeParse(given), temporalSecurity.safeParse(given)].flatMap(
    ({ error }) => error?.issues ?? [],
  )
  if (result.success && issues.length === 0) return result.data
  const problems = issues.map((issue) => {
    const name = String(issue.path[0] ?? '')
    const secret = name.endsWith('_DATABASE_URL')
    const got = secret ? '' : `, got ${JSON.stringify(given[name])}`
    return `  ${visibleLine(said(`${name}: ${issue.message}${got}`, 500))}`
  })
  throw new Error(`settings are not valid:\n${[...new Set(problems)].join('\n')}`)
}
