import { openDatabase } from '@countermand/database'
import type { Logger, Metrics } from '@countermand/telemetry'
import { createAssets } from './assets.ts'
import { createIdentity, type IdentitySettings } from './identity.ts'
import { type ApiServer, type Limits, startApiServer } from './server.ts'
import type { Staff } from './staff/desk.ts'
import { staffPages } from './staff/pages.ts'

const connections = 5
/** Whoever asked has been told by then that it took too long. */
const statementMs = 2_000

/** Serves the staff side: pages for those who work for merchants and for the shop, on a port of their own. */
export const startStaff = async (
  options: Pick<
    Staff,
    | 'service'
    | 'shop'
    | 'url'
    | 'zone'
    | 'customersUrl'
    | 'mails'
    | 'contactKey'
    | 'images'
    | 'approvalOf'
    | 'secondPersonFrom'
  > & {
    readonly identity: Omit<IdentitySettings, 'callback' | 'home'>
    readonly accent: string
    readonly databaseUrl: string
    readonly port: number
    readonly host: string
    readonly limits: Limits
    readonly proxies: readonly string[]
    readonly log: Logger
    readonly metrics: Metrics
  },
): Promise<ApiServer> => {
  const {
    service,
    shop,
    url,
    zone,
    customersUrl,
    mails,
    contactKey,
    images,
    approvalOf,
    secondPersonFrom,
    accent,
    databaseUrl,
    log,
    ...rest
  } = options
  const database = openDatabase(databaseUrl, {
    ...{ maxConnections: connections, statementMs },
    onError: (error) => log.warn({ err: error }, 'a database connection of the staff side broke'),
  })
  const identity = createIdentity({
    ...{ ...options.identity, callback: new URL('/auth/callback', url), home: new URL('/', url) },
  })
  const server = await startApiServer({
    ...{ ...rest, log, routes: [], callerOf: async () => undefined, endStreams: () => {} },
    pages: staffPages({
      ...{ service, database, identity, shop, url, zone, customersUrl, mails, contactKey, images, approvalOf },
      secondPersonFrom,
      assets: createAssets(accent),
    }),
  })
  return {
    port: server.port,
    close: async () => {
      await server.close()
      await database.destroy()
    },
  }
}
