import { openDatabase } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import type { Logger, Metrics } from '@countermand/telemetry'
import type { Case } from '../state.ts'
import { callerOf } from '../store/keys.ts'
import type { Allowed } from '../webhooks/public-address.ts'
import { answerOf, routesOf } from './api.ts'
import { createAssets } from './assets.ts'
import { customerPages } from './customer.ts'
import { openApi } from './openapi.ts'
import { type ApiServer, type Limits, startApiServer } from './server.ts'
import type { Customers } from './show.ts'
import { createStreams } from './streams.ts'

export interface ShopPages
  extends Pick<Customers, 'shop' | 'url' | 'zone' | 'images' | 'mails' | 'contactKey' | 'approvalOf' | 'origins'> {
  /** `#rrggbb` */
  readonly accent: string
}

const connections = 5
/** Whoever asked has been told by then that it took too long. */
const statementMs = 2_000

/** Of a key so many calls a second, and for a moment twice as many; a tenth of that without one. Of pages as many by one network. */
export const limitsOf = (perSecond: number): Limits => ({
  ofKey: { perSecond, burst: 2 * perSecond },
  ofPages: { perSecond, burst: 2 * perSecond },
  ofNobody: { perSecond: Math.max(1, perSecond / 10), burst: Math.max(5, (2 * perSecond) / 10) },
})

const receiptsOf = ({ mails, url, zone, contactKey }: ShopPages) =>
  mails ? { url: url.origin, zone, contactKey } : undefined

/** Serves the shop side: the API, for shops' own programs, and the pages of their customers. */
export const startShop = async (options: {
  readonly service: Pick<RunningService<Case>, 'decide' | 'isPublishing'>
  /** Connections of its own: whoever reads much keeps nobody from hearing and sending. */
  readonly databaseUrl: string
  readonly port: number
  readonly host: string
  readonly limits: Limits
  readonly proxies: readonly string[]
  /** Where webhooks may go. */
  readonly allowed: Allowed
  readonly log: Logger
  readonly metrics: Metrics
  readonly customers: ShopPages
}): Promise<ApiServer> => {
  const { service, databaseUrl, allowed, customers, log, ...rest } = options
  const database = openDatabase(databaseUrl, {
    ...{ maxConnections: connections, statementMs },
    onError: (error) => log.warn({ err: error }, 'a database connection of the API broke'),
  })
  const streams = createStreams({ database, answerOf, log })
  const server = await startApiServer({
    ...{ ...rest, log },
    routes: routesOf({
      service,
      database,
      approvalOf: customers.approvalOf,
      streams,
      allowed,
      document: openApi(),
      receipts: receiptsOf(customers),
    }),
    pages: customerPages({ ...customers, service, database, assets: createAssets(customers.accent) }),
    callerOf: (key) => callerOf(database, key),
    endStreams: streams.close,
  })
  return {
    port: server.port,
    close: async () => {
      await server.close()
      await database.destroy()
    },
  }
}
