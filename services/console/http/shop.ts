import type { Database } from '@countermand/database'
import type { RunningService } from '@countermand/service'
import type { Logger, Metrics } from '@countermand/telemetry'
import type { Case } from '../state.ts'
import { callerOf } from '../store/keys.ts'
import { answerOf, routesOf } from './api.ts'
import { createAssets } from './assets.ts'
import { type Customers, customerPages } from './customer.ts'
import { openApi } from './openapi.ts'
import { type ApiServer, startApiServer } from './server.ts'
import { createStreams } from './streams.ts'

/** Serves the shop side: the API, for shops' own programs, and the pages of their customers. */
export interface ShopPages extends Pick<Customers, 'shop' | 'url' | 'zone' | 'images'> {
  /** `#rrggbb` */
  readonly accent: string
}

export const startShop = (options: {
  readonly service: Pick<RunningService<Case>, 'decide'>
  readonly database: Database
  readonly port: number
  readonly host: string
  readonly log: Logger
  readonly metrics: Metrics
  readonly customers: ShopPages
}): Promise<ApiServer> => {
  const { service, database, port, host, log, metrics, customers } = options
  const streams = createStreams({ database, answerOf, log })
  return startApiServer({
    ...{ port, host, log, metrics },
    routes: routesOf({ service, database, streams, document: openApi() }),
    pages: customerPages({ ...customers, service, database, assets: createAssets(customers.accent) }),
    callerOf: (key) => callerOf(database, key),
    endStreams: streams.close,
  })
}
