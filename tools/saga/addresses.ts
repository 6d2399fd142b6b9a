import type { Addresses } from '@countermand/workflows/operations/reach/addresses.ts'
import { type DatabaseOwner, databaseUrl, readStackSettings } from '../stack/settings.ts'
import { shopPort } from '../system/processes.ts'
import { homeOf, readRunning } from '../system/running.ts'

/** By the order: the environment, what `npm start` wrote, default ports. Throws when a setting is not valid. */
export const readAddresses = async (env: NodeJS.ProcessEnv): Promise<Addresses> => {
  const settings = readStackSettings(env)
  const { kafkaBrokers, temporalAddress, databaseUrls, ports } = settings
  const running = await readRunning(homeOf(env))
  const urlOf = (owner: DatabaseOwner) =>
    databaseUrls[owner] ?? running?.databaseUrls[owner] ?? databaseUrl(owner, ports.POSTGRES_PORT)
  return {
    kafkaBrokers: kafkaBrokers ?? running?.kafkaBrokers.split(',') ?? [`127.0.0.1:${ports.KAFKA_PORT}`],
    kafkaSecurity: settings.kafkaSecurity,
    temporalAddress: temporalAddress ?? running?.temporalAddress ?? `127.0.0.1:${ports.TEMPORAL_PORT}`,
    temporalSecurity: settings.temporalSecurity,
    temporalUiUrl: running?.temporalUiUrl ?? `http://127.0.0.1:${ports.TEMPORAL_UI_PORT}`,
    namespace: env.TEMPORAL_NAMESPACE || (running?.namespace ?? 'default'),
    topicPrefix: env.KAFKA_TOPIC_PREFIX || (running?.topicPrefix ?? ''),
    databaseUrls: {
      order: urlOf('order'),
      inventory: urlOf('inventory'),
      logistics: urlOf('logistics'),
      payment: urlOf('payment'),
    },
  }
}

/** Where the console is, by the same order. */
export const readConsole = async (
  env: NodeJS.ProcessEnv,
): Promise<{
  readonly databaseUrl: string
  /** How customers reach their pages. */
  readonly shopUrl: string
}> => {
  const { databaseUrls, ports } = readStackSettings(env)
  const running = await readRunning(homeOf(env))
  const found = databaseUrls.console ?? running?.databaseUrls.console
  return {
    databaseUrl: found ?? databaseUrl('console', ports.POSTGRES_PORT),
    shopUrl: env.SHOP_URL || (running?.shop ?? `http://127.0.0.1:${shopPort(env)}`),
  }
}
